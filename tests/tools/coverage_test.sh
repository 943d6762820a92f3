#!/usr/bin/env bash
# The rule by which .ci/run leaves out its widest checks (.ci/coverage.sh), in a repository made for it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A small checkout; lib.sh takes the folder above its own for the root.
mkdir -p "$work"/{kernels,core,docs,cmake,tools,.ci,bin,build/simt-tsan}
cp "$here/tools/lib.sh" "$work/tools/"
cp "$here/.ci/coverage.sh" "$work/.ci/"
echo kernel >"$work/kernels/a.cu"
echo tensor >"$work/core/b.cpp"
echo prose >"$work/docs/c.md"
echo build >"$work/cmake/d.cmake"
# shellcheck source=tools/lib.sh
source "$work/tools/lib.sh"
# shellcheck source=.ci/coverage.sh
source "$work/.ci/coverage.sh"
trap - ERR
unset CUTTLE_CI_BASE
git() { command git -c user.name=test -c user.email=test@example.org -c init.defaultBranch=main "$@"; }

bad=0
# runs/left_out CHECK WHY: the check has to run, or is left out.
runs() {
  if unchanged_since "$1" >/dev/null; then
    warn "$1 was left out $2"
    bad=1
  fi
}
left_out() {
  if ! unchanged_since "$1" >/dev/null; then
    warn "$1 was to run $2"
    bad=1
  fi
}
commit() { git -C "$work" add -A && git -C "$work" commit -qm "$1" && git -C "$work" rev-parse HEAD; }

runs thread_sanitizer "where there is no git"
git init -q "$work"
echo 'build/' >"$work/.gitignore"
first=$(commit first)
runs thread_sanitizer "though it never passed"
record_passed thread_sanitizer
left_out thread_sanitizer "just after it passed"
runs clang "though another check passed"
record_passed clang
record_passed clang
if [ "$(wc -l <"$work/.ci/passed")" -ne 2 ]; then warn "a check stands twice in .ci/passed" && bad=1; fi

echo more >>"$work/docs/c.md"
left_out thread_sanitizer "after prose changed"
echo more >>"$work/core/b.cpp"
left_out thread_sanitizer "after a file changed that it does not cover"
runs clang "after a file changed that it covers"
git -C "$work" checkout -q -- core
left_out clang "after the change was undone"

echo more >>"$work/kernels/a.cu"
runs thread_sanitizer "after a kernel changed"
commit "change a kernel" >/dev/null
runs thread_sanitizer "after a changed kernel was committed"
echo kernel >"$work/kernels/a.cu"
left_out thread_sanitizer "after the kernel was what it had passed with"
chmod +x "$work/kernels/a.cu"
runs thread_sanitizer "after a file's mode changed"
chmod -x "$work/kernels/a.cu"
echo new >"$work/kernels/new.cu"
runs thread_sanitizer "with a new file"
rm "$work/kernels/new.cu"
mv "$work/kernels/a.cu" "$work/kernels/b.cu"
runs thread_sanitizer "after a file got another name"
mv "$work/kernels/b.cu" "$work/kernels/a.cu"
echo more >>"$work/cmake/d.cmake"
runs thread_sanitizer "after the build changed"
echo build >"$work/cmake/d.cmake"
left_out thread_sanitizer "after all was undone"
printf '#!/bin/sh\necho another compiler\n' >"$work/bin/g++"
chmod +x "$work/bin/g++"
PATH=$work/bin:$PATH runs thread_sanitizer "with another compiler"
rm "$work/bin/g++"
echo thread_sanitizer >"$work/.ci/passed"
runs thread_sanitizer "after .ci/passed was damaged"

# A commit that passed, in place of a record.
rm "$work/.ci/passed"
git -C "$work" reset -q --hard "$first"
CUTTLE_CI_BASE=$first runs clang "since HEAD is the commit that passed, which says nothing of HEAD"
echo more >>"$work/docs/c.md"
second=$(commit "change prose")
CUTTLE_CI_BASE=$first left_out clang "since the commit before passed"
CUTTLE_CI_BASE=no-such-commit runs clang "since no such commit passed"
git -C "$work" update-ref refs/remotes/origin/main "$first"
left_out clang "since origin/main passed"
echo more >>"$work/core/b.cpp"
runs clang "after a file changed since origin/main"
left_out thread_sanitizer "since origin/main passed, for what it covers"
commit "change core" >/dev/null
runs clang "after a commit since origin/main"
CUTTLE_CI_BASE=$second runs clang "after a commit since the one before"

# What compilers read: ninja stands in for a build's list.
printf '#!/bin/sh\nprintf "a.o: #deps 2\\n    ../../kernels/a.cu\\n    ../../core/b.cpp\\n    /usr/include/stdio.h\\n"\n' \
  >"$work/bin/ninja"
chmod +x "$work/bin/ninja"
if [ "$(PATH=$work/bin:$PATH uncovered_files thread_sanitizer "$work/build/simt-tsan")" != core/b.cpp ] ||
  [ -n "$(PATH=$work/bin:$PATH uncovered_files clang "$work/build/simt-tsan")" ]; then
  warn "uncovered_files does not find core/b.cpp alone"
  bad=1
fi

# The lists name what there is.
for check in "${wide_checks[@]}"; do
  for path in $(covered_paths "$check"); do
    if [ ! -e "$here/$path" ]; then
      warn "$check covers $path, which does not exist"
      bad=1
    fi
  done
done
if [ "$bad" -ne 0 ]; then exit 1; fi
say "the rule of the wide checks holds"
