#!/usr/bin/env bash
# Puts a CUDA toolkit and cuDNN in build/cuda-toolkit, from NVIDIA's packages on PyPI: enough to
# compile and link the CUDA build on a machine that has none, such as one of continuous integration.
# A machine with a GPU wants NVIDIA's own installation. About 1 GB to download.
#   tools/setup_cuda.sh && CUDA_HOME=$PWD/build/cuda-toolkit tools/build.sh -p cuda-release
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

toolkit=$root/build/cuda-toolkit
if [ -e "$toolkit/complete" ]; then
  say "the CUDA toolkit is in $toolkit"
  exit 0
fi

step "downloading the CUDA toolkit from PyPI" "check that pypi.org can be reached and 5 GB are free, then try again"
if ! python3 -m pip --version >/dev/null 2>&1; then die "pip is not installed" "tools/setup.sh cuda"; fi
rm -rf "$toolkit" "$toolkit.parts"
mkdir -p "$toolkit.parts"
python3 -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
  --target "$toolkit.parts" \
  'nvidia-cuda-nvcc==13.0.*' 'nvidia-nvvm==13.0.*' 'nvidia-cuda-crt==13.0.*' \
  'nvidia-cuda-runtime==13.0.*' 'nvidia-cuda-cccl==13.0.*' 'nvidia-nvtx==13.0.*' \
  'nvidia-cublas>=13.0,<13.2' 'nvidia-cudnn-cu13==9.*' </dev/null

step "arranging the CUDA toolkit as an installed one" "rm -rf build/cuda-toolkit*, then try again"
parts=$toolkit.parts/nvidia
mv "$parts/cu13" "$toolkit"
for folder in include lib; do cp -a "$parts/cudnn/$folder/." "$toolkit/$folder/"; done
ln -s lib "$toolkit/lib64"
# Linkers look for libcudnn.so; the packages bring libcudnn.so.9 alone.
for library in "$toolkit"/lib/lib*.so.*; do
  name=$(basename "$library")
  if [ ! -e "$toolkit/lib/${name%%.so.*}.so" ]; then ln -s "$name" "$toolkit/lib/${name%%.so.*}.so"; fi
done
chmod -R a+rX,u+w "$toolkit"
chmod a+x "$toolkit"/bin/* "$toolkit"/nvvm/bin/*
rm -rf "$toolkit.parts"
"$toolkit/bin/nvcc" --version
touch "$toolkit/complete"
say "the CUDA toolkit is in $toolkit"
