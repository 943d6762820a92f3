#!/usr/bin/env bash
# Everything that needs a GPU, on any machine that has one: builds, runs all tests on the device, the
# kernel tests under compute-sanitizer, their results beside the interpreter's, the trainers and the
# benchmarks (beside PyTorch where that is installed), and writes one result file,
# docs/results/<date>-<gpu>.md. Goes on after a failure and ends with status 1 if there was one.
#   tools/gpu_check.sh [OPTION]...
#     --prebuilt DIR   use the programs of a finished build, or of a --bundle, instead of building
#     --stages LIST    some of tests,sanitizer,interpreter,training,bench (default: all)
#     --out FILE       write the result elsewhere
#     --root DIR       CIFAR-10 for the trainers (default: the built-in synthetic images)
#     --limit SECONDS  for each program (default 3600)
#     --dry-run        show what would be run; needs no GPU
#     --bundle DIR     only put the programs of build/cuda, the kernel tests of build/simt and the
#                      libraries they need in DIR, to be carried to a machine that has a GPU, the
#                      CUDA toolkit and cuDNN alone
# CUTTLE_SANITIZER_FILTER picks the cases for compute-sanitizer (a --gtest_filter).
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

build=$root/build/cuda
prebuilt="" stages="tests,sanitizer,interpreter,training,bench" out="" data="" limit=3600 dry_run="" bundle=""
usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }
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
programs() {
  if [ ! -d "$build/$1" ]; then return 0; fi
  find "$build/$1" -type f -perm -u+x -not -path '*/CMakeFiles/*' -not -name '*.so*' \
    -not -name '*.sh' -not -name '*.py' | sort
}

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

# ---- carrying the programs elsewhere ---------------------------------------------------------------
if [ -n "$bundle" ]; then
  step "bundling $build" "build it first: tools/build.sh -p cuda; tools/build.sh -p simt test_kernels"
  mkdir -p "$bundle/lib"
  carry() { # PROGRAM TO
    install -D "$1" "$bundle/$2"
    # All but the C library and what comes with CUDA.
    ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// {print $3}' |
      { grep -vE '/(libc|libm|libdl|librt|libpthread|libcuda|libcublas|libcublasLt|libcudnn)[.-]|cuda' || true; } |
      xargs -r cp -Lnt "$bundle/lib"
  }
  for folder in tests examples bench; do
    while IFS= read -r program; do
      carry "$program" "${program#"$build"/}"
      strip "$bundle/${program#"$build"/}"
    done < <(programs "$folder")
  done
  if [ -z "$(interpreter_tests)" ]; then die "the interpreter's kernel tests are not built"; fi
  carry "$(interpreter_tests)" interpreter/test_kernels
  strip --strip-debug "$bundle/interpreter/test_kernels"  # it reads kernels' names from its symbols
  du -sh "$bundle"
  exit 0
fi

# ---- what is here ----------------------------------------------------------------------------------
find_cuda
step "looking for a GPU" "this script needs an NVIDIA GPU and its driver (nvidia-smi -L must list it)"
ask_gpu() { nvidia-smi --query-gpu="$1" --format=csv,noheader 2>/dev/null | head -n 1 || true; }
gpu=$(ask_gpu name)
if [ -z "$gpu" ]; then
  if [ -z "$dry_run" ]; then die "nvidia-smi reports none"; fi
  gpu="no GPU"
fi
say "$gpu"

slug=$(tr '[:upper:] ' '[:lower:]-' <<<"${gpu#NVIDIA }" | tr -cd 'a-z0-9-')
if [ -z "$out" ]; then out=$root/docs/results/$(date -u +%F)-$slug.md; fi
logs=$(mktemp -d)
report=$logs/report.md
failures=0 table=()
trap 'rm -rf "$logs"' EXIT

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

# ---- the stages ------------------------------------------------------------------------------------
run_tests() {
  local program name
  cases() { grep -aF "[$1]" "$logs/$name.log" | grep -c ' ms)$' || true; }
  note "" "## Tests" ""
  note "| program | passed | failed | skipped |"
  note "|---|---|---|---|"
  while IFS= read -r program; do
    name=$(basename "$program")
    attempt "test: $name" "$logs/$name.log" "$program" --gtest_color=no
    if [ -n "$dry_run" ]; then continue; fi
    note "| $name | $(cases '       OK ') | $(cases '  FAILED  ') | $(cases '  SKIPPED ') |"
    if [ "$status" -ne 0 ]; then
      cp "$logs/$name.log" "$logs/failed-$name.log"
    fi
  done < <(programs tests)
  if [ -n "$dry_run" ] || command -v nvcc >/dev/null; then
    attempt "playground/run --gpu" "$logs/playground.log" "$root/playground/run" --gpu
  else
    row "playground/run --gpu" "SKIPPED (no nvcc)" ""
  fi
}

run_sanitizer() {
  local tool program name log
  note "" "## compute-sanitizer over the kernel tests" ""
  if ! command -v compute-sanitizer >/dev/null && [ -z "$dry_run" ]; then
    note "Not installed on this machine: nothing was checked."
    row "compute-sanitizer" "SKIPPED (not installed)" ""
    return
  fi
  while IFS= read -r program; do
    name=$(basename "$program")
    for tool in memcheck racecheck initcheck synccheck; do
      log=$logs/$tool-$name.log
      attempt "$tool: $name" "$log" compute-sanitizer --tool "$tool" --error-exitcode 9 \
        "$program" --gtest_brief=1 --gtest_filter="${CUTTLE_SANITIZER_FILTER:-*}"
      note "$tool, $name: $({ grep -aE 'ERROR SUMMARY|RACECHECK SUMMARY' "$log" || true; } | tail -n 1 | tr -d '=')"
      note ""
    done
  done < <(programs tests/kernels)
}

run_interpreter() {
  local side program
  note "" "## The hand-written kernels beside the interpreter" ""
  note "The results of the kernel tests on this GPU compared with those of kernels/simt"
  note "(tools/compare_records.py), kernel by kernel."
  note ""
  for side in interpreter gpu; do
    if [ "$side" = gpu ]; then program=$build/tests/kernels/test_kernels; else program=$(interpreter_tests); fi
    attempt "kernel tests recorded: $side" "$logs/record-$side.log" env CUTTLE_TEST_RECORD="$logs/$side.record" \
      "$program" --gtest_brief=1 --gtest_filter='*/cuda.*'
  done
  attempt "kernels beside the interpreter" "$logs/records.log" \
    python3 "$root/tools/compare_records.py" "$logs/interpreter.record" "$logs/gpu.record"
  cat "$logs/records.log" >>"$report"
}

run_training() {
  local style work arguments log program
  note "" "## Training" ""
  arguments=(--data synthetic)
  if [ -n "$data" ]; then arguments=(--data cifar10 --root "$data"); fi
  for style in cifar10_cuda_style cifar10_to_device; do
    log=$logs/$style.log
    work=$logs/$style
    mkdir -p "$work"
    program=$(programs examples | grep "/$style\$" || true)
    if [ -z "$program" ] && [ -z "$dry_run" ]; then
      row "$style" "SKIPPED (not built)" ""
      continue
    fi
    attempt "$style, 10 epochs" "$log" env -C "$work" "$program" "${arguments[@]}" --epochs 10
    note "### $style ${arguments[*]} --epochs 10" ""
    excerpt 'device|GPU|accuracy|Accuracy|time|Time' "$log" 30
  done
}

run_bench() {
  local program name
  note "" "## Benchmarks" ""
  while IFS= read -r program; do
    name=$(basename "$program")
    attempt "bench: $name" "$logs/$name.log" "$program" --benchmark_color=false
    excerpt '^(Benchmark|BM_|---|[a-z_]+/)' "$logs/$name.log" 200
  done < <(programs bench | sed '/\/training_step_worker$/d')
  if [ -z "$(programs bench)" ]; then note "This build holds no benchmarks."; fi

  note "" "### A training step beside PyTorch" ""
  if [ -z "$dry_run" ] && ! python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
    note "There is no PyTorch with CUDA on this machine."
    row "training step beside PyTorch" "SKIPPED (no PyTorch with CUDA)" ""
    return
  fi
  attempt "training step beside PyTorch" "$logs/pytorch.log" python3 "$root/bench/training/compare_pytorch.py" \
    "$(programs bench | grep '/training_step_worker$' || true)" --device cuda
  excerpt . "$logs/pytorch.log"
}

# ---- building, running, writing --------------------------------------------------------------------
if [ -n "$prebuilt" ]; then
  build=$(realpath "$prebuilt")
  export LD_LIBRARY_PATH=$build/lib:${LD_LIBRARY_PATH:-}:/usr/local/cuda/lib64
elif [ -n "$dry_run" ]; then
  say "would run: tools/setup.sh bench, tools/build.sh -p cuda -D CUTTLE_BUILD_BENCH=ON," \
    "  tools/build.sh -p simt test_kernels"
else
  "$root/tools/setup.sh" bench || exit 1
  "$root/tools/build.sh" -p cuda -D CUTTLE_BUILD_BENCH=ON || exit 1
  if wants interpreter; then "$root/tools/build.sh" -p simt test_kernels || exit 1; fi
fi
step "running" ""
if [ -z "$dry_run" ] && [ -z "$(programs tests)" ]; then die "$build holds no test programs" "build it first"; fi

for stage in tests sanitizer interpreter training bench; do
  if wants "$stage"; then "run_$stage"; fi
done
if [ -n "$dry_run" ]; then
  say "" "would write $out"
  exit 0
fi

first_line() { "$@" 2>/dev/null | head -n 1 || true; }
mkdir -p "$(dirname "$out")"
{
  say "# $gpu, $(date -u +%F)" ""
  say "Written by tools/gpu_check.sh (stages: $stages)." ""
  say "| | |" "|---|---|"
  say "| GPU | $gpu, $(ask_gpu memory.total), compute capability $(ask_gpu compute_cap), power limit $(ask_gpu power.limit) |"
  say "| GPUs | $(nvidia-smi -L | wc -l) |"
  say "| driver | $(ask_gpu driver_version) |"
  say "| CUDA compiler | $(nvcc --version 2>/dev/null | sed -n 's/.*release //p' | grep . || echo 'not on this machine') |"
  say "| processor | $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores |"
  say "| system | $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release), $(first_line uname -r) |"
  say "| date | $(date -u '+%F %H:%M UTC') |"
  say "| commit | $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown) |"
  say "| programs | $(if [ -n "$prebuilt" ]; then echo "built elsewhere"; else echo "built here"; fi) |"
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
