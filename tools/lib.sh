# shellcheck shell=bash
# Shared by the scripts of this folder: which step is running, and how a failure is told.
# Sourced, never run.

# The root of the checkout.
# shellcheck disable=SC2034  # used by the scripts that source this one
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
current_step="starting"
# What to do when the running step fails; each step sets its own.
current_advice=""

# say LINE...
say() { printf '%s\n' "$@"; }
warn() { printf '%s\n' "$*" >&2; }

# step NAME ADVICE: from here on a failing command is a failure of NAME.
step() {
  current_step=$1
  current_advice=${2:-}
  printf '\n== %s\n' "$current_step"
}

# die SENTENCE [ADVICE]: ends the script, naming the step.
die() {
  trap - ERR
  warn ""
  warn "FAILED: $current_step: $1"
  local advice=${2:-$current_advice}
  if [ -n "$advice" ]; then warn "What to do: $advice"; fi
  exit 1
}

# usage: what stands at the head of the running script.
usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "$0"; }

# help_where_asked ARGUMENT...: for -h or --help prints that, and ends the script.
help_where_asked() {
  case ${1:-} in
    -h | --help) usage && exit 0 ;;
  esac
}

# finished_build DIR: its full path; ends the script where there is none (call it with `|| exit 1`).
finished_build() {
  if [ ! -d "$1" ]; then die "there is no build in $1" "tools/build.sh makes build/auto"; fi
  (cd "$1" && pwd)
}

on_error() { die "a command ended with status $1"; }
trap 'on_error $?' ERR
set -E

# Parallel compilations: a core each, but no more than the memory carries (about 1.5 GB each).
parallel_jobs() {
  local cores kilobytes by_memory
  cores=$(nproc 2>/dev/null || echo 1)
  kilobytes=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || true)
  by_memory=$((${kilobytes:-3000000} / 1500000))
  if [ "$by_memory" -lt 1 ]; then by_memory=1; fi
  if [ "$by_memory" -lt "$cores" ]; then echo "$by_memory"; else echo "$cores"; fi
}

# find_programs FOLDER...: the executables that a build left there.
find_programs() {
  local folder
  for folder in "$@"; do
    if [ ! -d "$folder" ]; then continue; fi
    find "$folder" -type f -perm -u+x -not -path '*/CMakeFiles/*' -not -name '*.so*' -not -name '*.sh' \
      -not -name '*.py' | sort
  done
}

# nvcc is often installed where PATH does not lead; CMake looks there too, other tools do not.
find_cuda() {
  local folder
  for folder in "${CUDA_HOME:-}" /usr/local/cuda; do
    if ! command -v nvcc >/dev/null && [ -x "$folder/bin/nvcc" ]; then
      PATH=$PATH:$folder/bin
      export PATH
    fi
  done
}

# run_tests BUILD_DIR CTEST_ARGUMENT...: runs the tests of a build and counts the cases, so that those
# skipped for want of a GPU are seen.
run_tests() {
  local build=$1 results=$1/test-results status=0 passed failed skipped
  shift
  rm -rf "$results"
  (cd "$build" && ctest --output-on-failure --no-tests=error --parallel "$(parallel_jobs)" "$@") ||
    status=$?
  if [ -d "$results" ]; then
    passed=$(cat "$results"/*.json | grep -c '"result": "COMPLETED"' || true)
    failed=$(cat "$results"/*.json | grep -c '"failures": \[' || true)
    skipped=$(cat "$results"/*.json | grep -c '"result": "SKIPPED"' || true)
    say "" "GoogleTest cases: $((passed - failed)) passed, $failed failed, $skipped SKIPPED"
  fi
  return "$status"
}
