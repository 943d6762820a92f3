#!/usr/bin/env bash
# Everything that needs a GPU, on any machine that has one: builds, runs all tests on the device, the
# kernel tests under compute-sanitizer, their results beside the interpreter's, the trainers and the
# benchmarks (beside PyTorch where that is installed), and writes one result file,
# docs/results/<date>-<gpu>.md. Goes on after a failure and ends with status 1 if there was one.
#   tools/gpu_check.sh [OPTION]...
#     --prebuilt DIR   use the programs of a finished build, or of a --bundle, instead of building
#     --stages LIST    some of tests,sanitizer,interpreter,training,bench (default: all)
#     --out FILE       write the result elsewhere (a bundle's goes to the current folder)
#     --root DIR       CIFAR-10 for the trainers (default: the built-in synthetic images)
#     --limit SECONDS  for each program (default 3600)
#     --dry-run        show what would be run; needs no GPU
#     --bundle FILE    only pack the programs of build/cuda (or of --prebuilt), the kernel tests of
#                      build/simt and what they need into FILE, a .tar.xz (tools/gpu_bundle.sh)
# CUTTLE_SANITIZER_FILTER picks the cases for compute-sanitizer (a --gtest_filter).
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/gpu_lib.sh
source "$root/tools/gpu_lib.sh"

build=$root/build/cuda
prebuilt="" stages="tests,sanitizer,interpreter,training,bench" out="" data="" limit=3600 dry_run="" bundle=""
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry_run=1 ;;
    --help | -h) usage; exit 0 ;;
    --prebuilt | --stages | --out | --root | --limit | --bundle)
      if [ $# -lt 2 ]; then die "$1 needs a value" "tools/gpu_check.sh --help"; fi
      case $1 in
        --prebuilt) prebuilt=$2 ;;
        --stages) stages=$2 ;;
        --out) out=$2 ;;
        --root) data=$(realpath "$2") ;;
        --limit) limit=$2 ;;
        --bundle) bundle=$2 ;;
      esac
      shift
      ;;
    *) die "'$1' is not known" "tools/gpu_check.sh --help" ;;
  esac
  shift
done
wants() { [[ ,$stages, == *,$1,* ]]; }

# programs FOLDER: the executables that a build left there.
programs() { find_programs "$build/$1"; }

# The kernel tests whose "cuda" is the interpreter: in a bundle, or in a build beside build/cuda.
interpreter_tests() {
  local place
  for place in "$build/interpreter/test_kernels" "$root/build/simt/tests/kernels/test_kernels"; do
    if [ -x "$place" ]; then
      echo "$place"
      return
    fi
  done
}

if [ -n "$bundle" ]; then exec "$root/tools/gpu_bundle.sh" "$bundle" ${prebuilt:+"$prebuilt"}; fi

# ---- what is here ----------------------------------------------------------------------------------
find_cuda
step "looking for a GPU" "this script needs an NVIDIA GPU and its driver (nvidia-smi -L must list it)"
gpu=$(ask_gpu name)
if [ -z "$gpu" ]; then
  if [ -z "$dry_run" ]; then die "nvidia-smi reports none"; fi
  gpu="no GPU"
fi
say "$gpu"

slug=$(gpu_slug "$gpu")
results=$PWD
if [ -d "$root/docs/results" ]; then results=$root/docs/results; fi
if [ -z "$out" ]; then out=$results/$(date -u +%F)-$slug.md; fi
logs=$(mktemp -d)
report=$logs/report.md
failures=0 table=()
trap 'rm -rf "$logs"' EXIT

# ---- programs that were built elsewhere ------------------------------------------------------------
check_libraries() {
  local missing
  missing=$(programs tests | xargs -r "${there[@]}" ldd 2>/dev/null | awk '/not found/ {print $1}' | sort -u | paste -sd ' ' || true)
  if [ -n "$missing" ]; then
    die "not found: $missing" "pip install nvidia-cudnn-cu13 nvidia-cublas, or install CUDA 13 and cuDNN 9"
  fi
}

# ---- running and noting ----------------------------------------------------------------------------
# note LINE...
note() { printf '%s\n' "$@" >>"$report"; }
row() { table+=("| $1 | $2 | $3 |"); }

# attempt NAME LOG COMMAND...: runs it, its output to the terminal and to LOG, and adds a row.
# Its status stays in `status`, so that the caller can say more.
status=0
attempt() {
  local name=$1 log=$2 from=$SECONDS
  shift 2
  if [ -n "$dry_run" ]; then
    say "would run ($name): $*"
    : >"$log"
    status=0
    return 0
  fi
  printf '\n== %s\n' "$name"
  status=0
  timeout --kill-after=30 "$limit" "$@" >"$log" 2>&1 </dev/null || status=$?
  tail -n 15 "$log"
  if [ "$status" -ne 0 ]; then failures=$((failures + 1)); fi
  case $status in
    0) row "$name" passed "$((SECONDS - from)) s" ;;
    124 | 137) row "$name" "**stopped after $limit s**" "$((SECONDS - from)) s" ;;
    *) row "$name" "**FAILED** (status $status)" "$((SECONDS - from)) s" ;;
  esac
  return 0
}
excerpt() {
  note '```'
  { grep -aE "$1" "$2" || true; } | tail -n "${3:-40}" >>"$report"
  note '```'
}

# shellcheck source=tools/gpu_check_stages.sh
source "$root/tools/gpu_check_stages.sh"

# ---- building, running, writing --------------------------------------------------------------------
if [ -n "$prebuilt" ]; then
  build=$(realpath "$prebuilt")
  find_libraries
elif [ -n "$dry_run" ]; then
  say "would run: tools/setup.sh bench, tools/build.sh -p cuda -D CUTTLE_BUILD_BENCH=ON," \
    "  tools/build.sh -p simt test_kernels"
else
  "$root/tools/setup.sh" bench || exit 1
  "$root/tools/build.sh" -p cuda -D CUTTLE_BUILD_BENCH=ON || exit 1
  if wants interpreter; then "$root/tools/build.sh" -p simt test_kernels || exit 1; fi
fi
check_libraries
step "running" ""
if [ -z "$dry_run" ] && [ -z "$(programs tests)" ]; then die "$build holds no test programs" "build it first"; fi

run_doctor
for stage in tests sanitizer interpreter training bench; do
  if wants "$stage"; then "run_$stage"; fi
done
if [ -n "$dry_run" ]; then
  say "" "would write $out"
  exit 0
fi

mkdir -p "$(dirname "$out")"
{
  say "# $gpu, $(date -u +%F)" ""
  say "Written by tools/gpu_check.sh (stages: $stages)." ""
  hardware_table "$(if [ -n "$prebuilt" ]; then echo "built elsewhere"; else echo "built here"; fi)"
  say "" "## Steps" ""
  say "| step | result | time |" "|---|---|---|"
  printf '%s\n' "${table[@]}"
  cat "$report"
  for log in "$logs"/failed-*.log; do
    if [ ! -e "$log" ]; then continue; fi
    say "" "## Output of $(basename "$log" .log)" "" '```'
    grep -av '^\[ *\(RUN\|OK\|SKIPPED\) *\]' "$log" | tail -n 120
    say '```'
  done
} >"$out.part"
mv "$out.part" "$out"
say "" "wrote $out"
if [ "$failures" -gt 0 ]; then die "$failures steps failed" "see $out"; fi
