#!/usr/bin/env bash
# cmake/write_version.cmake in a made-up checkout: what version() says of it, and that the file is written
# only where that changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../tools/lib.sh"
if ! command -v git >/dev/null; then
  warn "SKIPPED: there is no git"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
git_here() { git -C "$work/source" -c user.name=A -c user.email=a@b.c "$@"; }

# expect WORDS: writes the version and compares it.
expect() {
  local written
  cmake -D SOURCE="$work/source" -D VERSION=1.2.3 -D FILE="$work/build/version.cpp" \
    -P "$root/cmake/write_version.cmake"
  written=$(sed -n 's/.*return "\(.*\)";/\1/p' "$work/build/version.cpp")
  if [ "$written" != "$1" ]; then die "expected $1, got $written"; fi
}

step "asking for versions"
mkdir -p "$work/source/core"
touch "$work/source/core/version.h"
expect 1.2.3
git -C "$work" init -q .  # somebody else's repository, in which the sources lie
expect 1.2.3
rm -rf "$work/.git"
git_here init -q
git_here add .
git_here commit -q -m one
commit=$(git_here rev-parse --short HEAD)
expect "1.2.3+git$commit"
touch -d 2020-01-01 "$work/build/version.cpp"
expect "1.2.3+git$commit"
if [ "$(date -r "$work/build/version.cpp" +%Y)" != 2020 ]; then die "the file was written anew, unchanged"; fi
echo change >"$work/source/core/version.h"
expect "1.2.3+git$commit.dirty"
git_here commit -q -a -m two
git_here tag v1.2.3
expect 1.2.3
echo change again >"$work/source/core/version.h"
expect "1.2.3+git$(git_here rev-parse --short HEAD).dirty"
say "as they should be"
