#!/usr/bin/env bash
# Cuttle beside PyTorch, cuDNN and cuBLAS on this machine's GPU, in one run: the training step eager and
# captured, each pass of its convolutions, the large kernels and the whole tutorial program. Writes
# docs/results/<date>-<gpu>.md. Without PyTorch its columns stay empty.
#   bench/gpu.sh [OPTION]...
#     --prebuilt DIR  the programs of a finished build with CUTTLE_BUILD_BENCH, instead of building
#     --root DIR      CIFAR-10 for the whole program: cifar-10-batches-bin, and -py for PyTorch's
#     --rounds N      times each thing is measured (default 15)
#     --out FILE      write elsewhere
#     --dry-run       everything once, at tiny sizes, in the interpreter and with PyTorch on the CPU: needs
#                     no GPU, says nothing about speed, and writes a result with --out alone
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../tools/lib.sh"
# shellcheck source=tools/gpu_lib.sh
source "$root/tools/gpu_lib.sh"

build=$root/build/cuda prebuilt="" data="" rounds=15 out="" dry_run=""
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry_run=1 ;;
    --help | -h) usage; exit 0 ;;
    --prebuilt | --root | --rounds | --out)
      if [ $# -lt 2 ]; then die "$1 needs a value" "bench/gpu.sh --help"; fi
      case $1 in
        --prebuilt) prebuilt=$(realpath "$2") ;;
        --root) data=$(realpath "$2") ;;
        --rounds) rounds=$2 ;;
        --out) out=$2 ;;
      esac
      shift
      ;;
    *) die "'$1' is not known" "bench/gpu.sh --help" ;;
  esac
  shift
done

targets=(gpu_worker cifar10_to_device) small=()
if [ -n "$dry_run" ]; then
  gpu="no GPU, a dry run" small=(--small) build=${prebuilt:-$root/build/simt}
  if [ -z "$prebuilt" ]; then "$root/tools/build.sh" -p simt -D CUTTLE_BUILD_BENCH=ON "${targets[@]}" || exit 1; fi
else
  find_cuda
  step "looking for a GPU" "this script needs an NVIDIA GPU and its driver (nvidia-smi -L must list it); --dry-run does not"
  gpu=$(ask_gpu name)
  if [ -z "$gpu" ]; then die "nvidia-smi reports none"; fi
  if [ -z "$out" ]; then out=$root/docs/results/$(date -u +%F)-$(gpu_slug "$gpu").md; fi
  if [ -e "$out" ]; then die "$out exists" "move it, or name another file: --out FILE"; fi
  if [ -n "$prebuilt" ]; then
    build=$prebuilt
    find_libraries
  else
    "$root/tools/setup.sh" bench || exit 1
    "$root/tools/build.sh" -p cuda -D CUTTLE_BUILD_BENCH=ON "${targets[@]}" || exit 1
  fi
fi

step "measuring" "read the last lines above; the programs are those of $build"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in "${targets[@]}"; do
  program=$(find_programs "$build/bench" "$build/examples" | grep "/$name\$" || true)
  if [ -z "$program" ]; then die "$build holds no $name" "build it with -D CUTTLE_BUILD_BENCH=ON"; fi
  wrap "$program" "$work/$name"
done
python3 "$root/bench/gpu/compare.py" "$work/gpu_worker" --program "$work/cifar10_to_device" \
  --rounds "$rounds" ${data:+--root "$data"} "${small[@]}" | tee "$work/tables"

{
  say "# $gpu, $(date -u +%F)" "" "Written by bench/gpu.sh." ""
  hardware_table "$(if [ -n "$prebuilt" ]; then echo "built elsewhere"; else echo "built here"; fi)"
  say ""
  cat "$work/tables"
} >"$work/result"
if [ -z "$out" ]; then exit 0; fi
mkdir -p "$(dirname "$out")"
cp "$work/result" "$out"
say "" "wrote $out"
