# shellcheck shell=bash disable=SC2154  # root is that of tools/lib.sh
# Which files each of the widest checks of .ci/run covers, and whether they are the ones it last passed
# with. Sourced by .ci/run and by its test, after tools/lib.sh; never run.
#
# The rule. Nothing that a wide check covers has changed since it passed when
#   - .ci/passed holds, for each check, a digest of the files that it covers and of the compilers that
#     it uses, as they were when `.ci/run --all` last passed; the digest must be the same now; or
#   - the commit CUTTLE_CI_BASE, if that is set, else origin/main, passed, for it was taken; HEAD must have
#     come further than it, and its covered files must be those of the working tree.
# In doubt it has: without git, without such a line or commit, with a file more, less or not yet
# committed; against .ci/passed, with another compiler too. What a check covers is listed here, and where it has built something,
# .ci/run compares the list with the files that its compilers read (uncovered_files).

# What every check depends on: how things are configured, built and run.
coverage_common=(CMakeLists.txt CMakePresets.json cmake tests/CMakeLists.txt tools/build.sh tools/lib.sh
  tools/setup.sh .ci/run .ci/coverage.sh)

# shellcheck disable=SC2034  # read by the test
wide_checks=(address_sanitizer thread_sanitizer shared_threads clang interpreter_alone)

# covered_paths CHECK: the files and folders, one a line.
covered_paths() {
  printf '%s\n' "${coverage_common[@]}"
  case $1 in
    address_sanitizer)
      printf '%s\n' kernels core layers optim data io report checkpoint doctor cuttle.h tests examples bench/kernels playground
      ;;
    thread_sanitizer) printf '%s\n' kernels tests/kernels tests/simt tests/support playground docs/simt.md ;;
    shared_threads)
      printf '%s\n' kernels core layers optim data io report checkpoint cuttle.h tests/threads tests/support
      ;;
    clang)
      printf '%s\n' kernels core layers optim data io report checkpoint cuttle.h tests/kernels tests/simt tests/support \
        playground
      ;;
    interpreter_alone) printf '%s\n' kernels tests/simt playground docs/simt.md ;;
    *) die "'$1' is no wide check" ;;
  esac
}

# The programs whose versions are part of a digest.
coverage_tools() {
  case $1 in
    address_sanitizer | thread_sanitizer | shared_threads) echo g++ ;;
    clang) echo clang++ ;;
    interpreter_alone) echo g++ aarch64-linux-gnu-g++ qemu-aarch64 ;;
  esac
}

# working_files CHECK: "mode hash path" of each covered file as it lies there, committed or not.
working_files() {
  local paths listed file files=() modes=()
  mapfile -t paths < <(covered_paths "$1")
  listed=$(git -C "$root" ls-files --cached --others --exclude-standard -- "${paths[@]}" 2>/dev/null) || return 1
  while IFS= read -r file; do
    if [ ! -f "$root/$file" ]; then continue; fi
    files+=("$file")
    if [ -x "$root/$file" ]; then modes+=(100755); else modes+=(100644); fi
  done < <(LC_ALL=C sort -u <<<"$listed")
  if [ ${#files[@]} -eq 0 ]; then return 1; fi
  paste -d ' ' <(printf '%s\n' "${modes[@]}") \
    <(printf '%s\n' "${files[@]}" | git -C "$root" hash-object --stdin-paths) <(printf '%s\n' "${files[@]}")
}

# committed_files CHECK COMMIT: the same of a commit.
committed_files() {
  local paths
  mapfile -t paths < <(covered_paths "$1")
  git -C "$root" ls-tree -r "$2" -- "${paths[@]}" | sed -E 's/^([0-9]+) [a-z]+ ([0-9a-f]+)\t/\1 \2 /' |
    LC_ALL=C sort -u -k 3
}

# digest_of CHECK: of the covered files and the compilers; fails where they cannot be known.
digest_of() {
  local files versions tool
  files=$(working_files "$1") || return 1
  versions=$(for tool in $(coverage_tools "$1"); do "$tool" --version 2>&1 | head -n 1; done) || return 1
  printf '%s\n%s\n' "$files" "$versions" | sha256sum | cut -d ' ' -f 1
}

# The commit that has passed and that HEAD comes after; nothing where none is known.
passed_commit() {
  local head commit
  head=$(git -C "$root" rev-parse -q --verify "HEAD^{commit}") || return 0
  commit=$(git -C "$root" rev-parse -q --verify "${CUTTLE_CI_BASE:-origin/main}^{commit}") || return 0
  if [ "$commit" != "$head" ] && git -C "$root" merge-base --is-ancestor "$commit" "$head"; then
    echo "$commit"
  fi
}

# unchanged_since CHECK: says since when, or fails where the check has to run.
unchanged_since() {
  local digest line base
  digest=$(digest_of "$1") || return 1
  if line=$(grep -E "^$1 $digest " "$root/.ci/passed" 2>/dev/null | head -n 1) && [ -n "$line" ]; then
    echo "${line##* }"
    return 0
  fi
  base=$(passed_commit)
  if [ -n "$base" ] &&
    [ "$(working_files "$1" | LC_ALL=C sort -u -k 3)" = "$(committed_files "$1" "$base")" ]; then
    git -C "$root" log -1 --format='%cs-%h' "$base"
    return 0
  fi
  return 1
}

# record_passed CHECK: writes into .ci/passed that the check passed with the files as they are.
record_passed() {
  local digest others
  digest=$(digest_of "$1") || return 0
  others=$(grep -v "^$1 " "$root/.ci/passed" 2>/dev/null || true)
  {
    if [ -n "$others" ]; then printf '%s\n' "$others"; fi
    printf '%s %s %s\n' "$1" "$digest" "$(date -u +%F)"
  } | LC_ALL=C sort >"$root/.ci/passed.new"
  mv "$root/.ci/passed.new" "$root/.ci/passed"
}

# uncovered_files CHECK BUILD_DIR: files of the repository that the build's compilers read and the check
# does not cover. There must be none.
uncovered_files() {
  local build
  build=$(cd "$2" && pwd)
  comm -13 <(working_files "$1" | cut -d ' ' -f 3- | LC_ALL=C sort -u) \
    <(cd "$build" && ninja -t deps | sed -n 's/^    //p' | sort -u | xargs -r realpath |
      grep -F "$root/" | grep -vF "$root/build/" | sed "s|^$root/||" | LC_ALL=C sort -u)
}
