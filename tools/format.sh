#!/usr/bin/env bash
# Checks the formatting of all C++ and CUDA sources (.clang-format, clang-format 14), or mends it.
#   tools/format.sh [check|fix]
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

mode=${1:-check}
formatter=$(command -v clang-format-14 || command -v clang-format || true)
step "formatting ($mode)" "tools/format.sh fix"
if [ -z "$formatter" ]; then die "clang-format is not installed" "tools/setup.sh ci"; fi
# Other versions lay out some lines differently.
if ! "$formatter" --version | grep -q 'version 14\.'; then
  warn "clang-format 14 decides; this is $("$formatter" --version)"
fi

cd "$root"
files=()
while IFS= read -r -d '' file; do files+=("$file"); done < <(
  for path in cuttle.h core kernels layers optim data io report checkpoint doctor examples tests bench; do
    if [ -e "$path" ]; then
      find "$path" -type f \( -name '*.h' -o -name '*.cuh' -o -name '*.cpp' -o -name '*.cu' \) -print0
    fi
  done
)
if [ ${#files[@]} -eq 0 ]; then die "no source files found in $root"; fi

case $mode in
  check)
    unformatted=0
    for file in "${files[@]}"; do
      if ! "$formatter" "$file" | diff -u --label "$file" --label "$file, formatted" "$file" -; then
        unformatted=$((unformatted + 1))
      fi
    done
    if [ "$unformatted" -gt 0 ]; then die "$unformatted of ${#files[@]} files are not formatted"; fi
    ;;
  fix) "$formatter" -i "${files[@]}" ;;
  *) die "'$mode' is not known" "usage: tools/format.sh [check|fix]" ;;
esac
say "${#files[@]} files"
