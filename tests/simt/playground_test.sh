#!/usr/bin/env bash
# The playground as a student uses it: the example is correct, and three mistakes in a copy of it are
# found, each by the mode that is there for it.
set -euo pipefail
run=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../playground" && pwd)/run
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$(dirname "$run")/kernel.cu" "$work"

# edit NAME SED_EXPRESSION: a copy of the example with a mistake in it.
edit() {
  sed "$2" "$work/kernel.cu" >"$work/$1.cu"
  if cmp -s "$work/kernel.cu" "$work/$1.cu"; then
    echo "the edit for $1 changes nothing: has kernel.cu changed?" >&2
    exit 1
  fi
}
edit no_barrier '/__syncthreads();/d'
edit past_end 's/kThreads - 1 - mine\]/kThreads - mine]/'

# expect STATUS TEXT ARGUMENT...: what playground/run answers.
expect() {
  local wanted=$1 text=$2 status=0
  shift 2
  printf 'playground/run %s: ' "${*/#$work\//}"
  "$run" "$@" >"$work/output" 2>&1 || status=$?
  if { [ "$wanted" = 0 ] && [ $status -ne 0 ]; } || { [ "$wanted" != 0 ] && [ $status -eq 0 ]; } ||
    ! grep -qE "$text" "$work/output"; then
    echo "expected status $wanted and '$text', got $status:"
    cat "$work/output"
    exit 1
  fi
  grep -E -m 1 "$text" "$work/output"
}
expect 0 '^correct$'
expect 0 '^correct$' --seed 7
expect 0 '^correct$' --memory
expect 0 '^correct$' --races
expect 1 'out\[[0-9]+\] is -?[0-9]+, expected' "$work/no_barrier.cu"
expect 1 'no_barrier.cu:[0-9]+' --races "$work/no_barrier.cu"
expect 1 'past_end.cu:[0-9]+' --memory "$work/past_end.cu"
if ! nvidia-smi -L >/dev/null 2>&1; then
  expect 1 '^playground: --gpu needs' --gpu
fi
