#!/usr/bin/env bash
# Prints how large the library is: installed, and libcuttle.a as built and stripped.
#   tools/size.sh [BUILD_DIR]    BUILD_DIR: a finished build (default build/auto)
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

build=$(finished_build "${1:-$root/build/auto}") || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step "installing $build" "build it first: tools/build.sh"
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
library=$work/prefix/lib/libcuttle.a
strip --strip-debug -o "$work/stripped.a" "$library"

# Sums apparent sizes, so that the numbers do not depend on the file system.
bytes() { find "$@" -type f -printf '%s\n' | awk '{sum += $1} END {printf "%d", sum}'; }
row() { awk -v name="$1" -v bytes="$2" 'BEGIN {printf "| %-26s | %9.2f |\n", name, bytes / 1048576}'; }

step "sizes of $build"
say "| what                       |       MiB |"
say "|----------------------------|-----------|"
row "installed, everything" "$(bytes "$work/prefix")"
row "headers" "$(bytes "$work/prefix/include")"
row "libcuttle.a" "$(bytes "$library")"
row "libcuttle.a, stripped" "$(bytes "$work/stripped.a")"
