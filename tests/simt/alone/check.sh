#!/usr/bin/env bash
# Builds the interpreter alone and runs its tests: with another compiler, with fibers switched by
# ucontext, on an emulated aarch64 processor, beside NVIDIA's headers, and with every access traced.
#   tests/simt/alone/check.sh BUILD_DIR [clang|ucontext|aarch64|nvidia_headers|trace]...   (default: all)
# Builds in BUILD_DIR-VARIANT. (As deep as other builds, so that ccache knows what they compiled before.)
# Says SKIPPED where what a variant needs is not installed, and then ends with status 77.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${1:?usage: tests/simt/alone/check.sh BUILD_DIR [VARIANT]...}
shift
if [ $# -eq 0 ]; then set -- clang ucontext aarch64 nvidia_headers trace; fi

# check VARIANT CMAKE_ARGUMENT...
check() {
  local folder=$build-$1
  printf '\n== interpreter alone: %s\n' "$1"
  shift
  cmake -S "$here" -B "$folder" -G Ninja "$@" >/dev/null
  cmake --build "$folder" --parallel 2
  ctest --test-dir "$folder" --output-on-failure --no-tests=error
}
status=0
skip() {
  printf '\n== interpreter alone: %s: SKIPPED, %s\n' "$1" "$2"
  status=77
}

for variant in "$@"; do
  case $variant in
    clang)
      if command -v clang++ >/dev/null; then
        check clang -DCMAKE_CXX_COMPILER=clang++
      else
        skip clang "there is no clang++"
      fi
      ;;
    ucontext) check ucontext -DCMAKE_BUILD_TYPE=Release -DINTERPRETER_UCONTEXT=ON ;;
    trace) check trace -DCUTTLE_SIMT_TRACE=ON ;;
    aarch64)
      if command -v aarch64-linux-gnu-g++ >/dev/null && command -v qemu-aarch64 >/dev/null; then
        check aarch64 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
          -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
          "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu"
      else
        skip aarch64 "there is no aarch64-linux-gnu-g++ or no qemu-aarch64"
      fi
      ;;
    nvidia_headers)
      if [ -e "${CUDA_HOME:-/usr/local/cuda}/include/cuda_runtime.h" ]; then
        check nvidia_headers -DCUTTLE_SIMT_NVIDIA_HEADERS=ON \
          "-DCUTTLE_CUDA_HEADERS=${CUDA_HOME:-/usr/local/cuda}/include"
      else
        skip nvidia_headers "there is no CUDA toolkit"
      fi
      ;;
    *)
      printf "'%s' is not known\n" "$variant" >&2
      exit 2
      ;;
  esac
done
exit $status
