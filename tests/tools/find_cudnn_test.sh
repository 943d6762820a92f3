#!/usr/bin/env bash
# cmake/FindcuDNN.cmake on made-up installations: what pip installed is found, of the toolkit's CUDA alone,
# behind one in CUDNN_ROOT, and where that one is too old.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../tools/lib.sh"
if ! python3 -c 'import importlib.metadata' 2>/dev/null; then
  warn "SKIPPED: there is no python3 of version 3.8 or later"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# install FOLDER VERSION LIBRARY: a made-up cuDNN.
install() {
  mkdir -p "$1/include" "$1/lib"
  touch "$1/include/cudnn.h" "$1/lib/$3"
  local major minor patch
  IFS=. read -r major minor patch <<<"$2"
  printf '#define CUDNN_%s %s\n' MAJOR "$major" MINOR "$minor" PATCHLEVEL "$patch" >"$1/include/cudnn_version.h"
}
packages=$work/packages
install "$packages/nvidia/cudnn" 9.5.1 libcudnn.so.9
mkdir "$packages/nvidia_cudnn_cu12-9.5.1.17.dist-info"
printf 'Metadata-Version: 2.1\nName: nvidia-cudnn-cu12\nVersion: 9.5.1.17\n' \
  >"$packages/nvidia_cudnn_cu12-9.5.1.17.dist-info/METADATA"
install "$work/new" 9.8.0 libcudnn.so
install "$work/old" 8.9.7 libcudnn.so

cat >"$work/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.22)
project(find LANGUAGES NONE)
find_package(cuDNN QUIET)
message("found: '${cuDNN_FOUND}' '${cuDNN_VERSION}' '${cuDNN_LIBRARY}'")
END

# expect WORDS TOOLKIT_VERSION [CUDNN_ROOT]: looks, with nothing to be found where a machine may have one.
expect() {
  local found
  rm -rf "$work/build"
  found=$(env -u CUDNN_ROOT -u CUDA_HOME -u CUDA_PATH PYTHONPATH="$packages" ${3:+CUDNN_ROOT="$3"} \
    cmake -S "$work" -B "$work/build" -D CMAKE_MODULE_PATH="$root/cmake" -D CUDAToolkit_VERSION="$2" \
    -D CMAKE_IGNORE_PATH="$ignored" 2>&1 | grep '^found: ')
  if [ "$found" != "found: $1" ]; then die "expected $1, got ${found#found: } (CUDA $2, CUDNN_ROOT '${3:-}')"; fi
}
ignored="/usr/include;/usr/include/$(uname -m)-linux-gnu;/usr/lib;/usr/lib/$(uname -m)-linux-gnu"
ignored+=";/lib;/lib/$(uname -m)-linux-gnu;/usr/local/include;/usr/local/lib"
ignored+=";/usr/local/cuda/include;/usr/local/cuda/lib;/usr/local/cuda/lib64"

step "finding made-up installations of cuDNN"
expect "'TRUE' '9.5.1' '$packages/nvidia/cudnn/lib/libcudnn.so.9'" 12.5.82
expect "'FALSE' '' ''" 13.0.88
expect "'TRUE' '9.8.0' '$work/new/lib/libcudnn.so'" 12.5.82 "$work/new"
expect "'TRUE' '9.5.1' '$packages/nvidia/cudnn/lib/libcudnn.so.9'" 12.5.82 "$work/old"
expect "'FALSE' '8.9.7' ''" 13.0.88 "$work/old"

step "asking what a CUDA build lacks"
printf '#!/bin/sh\necho "Cuda compilation tools, release 12.5, V12.5.82"\n' >"$work/nvcc"
chmod +x "$work/nvcc"
cat >"$work/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.22)
project(lacks LANGUAGES NONE)
set(CUTTLE_GPU off)
include(${CUTTLE}/cmake/gpu.cmake)
cuttle_find_cuda_tools(missing)
message("missing: '${missing}'")
END
# expect_missing WORDS PYTHONPATH: where the toolkit is of CUDA 12.5.
expect_missing() {
  local missing
  rm -rf "$work/build"
  missing=$(env -u CUDNN_ROOT -u CUDA_HOME -u CUDA_PATH PYTHONPATH="$2" CUDACXX="$work/nvcc" cmake -S "$work" \
    -B "$work/build" -D CUTTLE="$root" -D CMAKE_IGNORE_PATH="$ignored" 2>&1 | grep '^missing: ')
  if [[ $missing != "missing: '$1"* ]]; then die "expected $1, got ${missing#missing: }"; fi
}
expect_missing "'" "$packages"
expect_missing "cuDNN 9 (" ""
say "found as it should be"
