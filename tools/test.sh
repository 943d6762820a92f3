#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests; those that need a GPU are skipped without one.
#   tools/test.sh [ARGUMENT]...    the arguments go to ctest (tools/test.sh -R core)
# CUTTLE_PRESET=cpu-asan takes another preset of CMakePresets.json than `auto`.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

preset=${CUTTLE_PRESET:-auto}
"$root/tools/setup.sh" || exit 1
"$root/tools/build.sh" -p "$preset" || exit 1

step "running the tests of build/$preset" \
  "read the failing test above; 'tools/test.sh -R NAME' runs one program, build/$preset/tests holds them all"
run_tests "$root/build/$preset" "$@"
