#!/usr/bin/env bash
# The playground as a student uses it: the example is correct, mistakes in a copy of it are found, each
# by the mode that is there for it, and the counters are those of a count by hand.
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
edit no_write '/tile\[mine\] = /d'
edit stride_2 's/= in\[first + mine\]/= in[(2 * (first + mine)) % 256]/'
edit plain_cuda 's/CUTTLE_SHARED.*/__shared__ int tile[kThreads];/; s/^  launch(/  reverse_kernel<<<4, 64>>>(in.data(), out.data()); launch(/'
edit an_argument_less 's/, out.data());/);/; s/^         out.data());/);/; s/in.data(),$/in.data()/'
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
expect 1 'nobody wrote is read at .*no_write.cu:17, byte [0-9]+ of .tile' --counters "$work/no_write.cu"
# Eight warps; a warp's 32 numbers are 128 bytes in 4 sectors, with a stride of 2 in 8.
expect 0 'global loads : 8 instructions, 1024 bytes in 32 sectors \(100 % used\)' --counters
expect 1 'global loads : 8 instructions, 1024 bytes in 64 sectors \(50 % used\)' --counters "$work/stride_2.cu"
expect 2 'there is no option --bogus' --bogus
expect 2 'write  CUTTLE_SHARED' "$work/plain_cuda.cu"
expect 2 'write  launch\(kernel' "$work/plain_cuda.cu"
expect 2 'takes as many arguments as' "$work/an_argument_less.cu"
if command -v nvcc >/dev/null || [ -x "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ]; then
  CUDAARCHS=90 expect 0 'playground-gpu/playground$' --gpu --build-only
else
  echo "SKIPPED: there is no nvcc to compile the example with"
fi
if ! nvidia-smi -L >/dev/null 2>&1; then
  expect 2 '^playground: --gpu needs' --gpu
fi
