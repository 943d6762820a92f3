#!/usr/bin/env bash
# Configures and builds one preset of CMakePresets.json in build/<preset>.
#   tools/build.sh [-p PRESET] [-D NAME=VALUE]... [TARGET]...
# The preset `auto` (the default) takes the GPU build where nvcc, cuDNN and a GPU are found.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

preset=auto
definitions=()
while getopts "p:D:" option; do
  case $option in
    p) preset=$OPTARG ;;
    D) definitions+=("-D$OPTARG") ;;
    *) die "unknown option" "usage: tools/build.sh [-p PRESET] [-D NAME=VALUE]... [TARGET]..." ;;
  esac
done
shift $((OPTIND - 1))
targets=()
if [ $# -gt 0 ]; then targets=(--target "$@"); fi

cd "$root"
find_cuda
step "configuring build/$preset" \
  "read CMake's message above; 'tools/setup.sh' installs what is missing, and 'rm -rf build/$preset' starts afresh"
cmake --preset "$preset" "${definitions[@]}"

step "building build/$preset" \
  "read the compiler's first error above; where the compiler was killed memory ran out: CMAKE_BUILD_PARALLEL_LEVEL=1 tools/build.sh"
cmake --build "build/$preset" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(parallel_jobs)}" "${targets[@]}"
