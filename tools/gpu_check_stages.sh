# shellcheck shell=bash
# The stages of tools/gpu_check.sh: each attempts its programs and notes what came of it.
# Sourced by that script alone, whose names it uses.
# shellcheck disable=SC2154  # build, logs, status, there, dry_run, … are that script's

# What the machine and the build are, and what does not fit together.
run_doctor() {
  if [ -z "$dry_run" ] && [ ! -x "$build/bin/cuttle" ]; then return; fi
  attempt "cuttle doctor" "$logs/doctor.log" "${there[@]}" "$build/bin/cuttle" doctor
  note "" "## cuttle doctor" ""
  excerpt . "$logs/doctor.log"
}

run_tests() {
  local program name
  cases() { grep -aF "[$1]" "$logs/$name.log" | grep -c ' ms)$' || true; }
  note "" "## Tests" ""
  note "| program | passed | failed | skipped |"
  note "|---|---|---|---|"
  while IFS= read -r program; do
    name=$(basename "$program")
    attempt "test: $name" "$logs/$name.log" "${there[@]}" "$program" --gtest_color=no
    if [ -n "$dry_run" ]; then continue; fi
    note "| $name | $(cases '       OK ') | $(cases '  FAILED  ') | $(cases '  SKIPPED ') |"
    if [ "$status" -ne 0 ]; then
      cp "$logs/$name.log" "$logs/failed-$name.log"
    fi
  done < <(programs tests)
  if [ ! -e "$root/playground/run" ]; then
    row "playground/run --gpu" "SKIPPED (a bundle has no sources)" ""
  elif [ -n "$dry_run" ] || command -v nvcc >/dev/null; then
    attempt "playground/run --gpu" "$logs/playground.log" "$root/playground/run" --gpu
  else
    row "playground/run --gpu" "SKIPPED (no nvcc)" ""
  fi
}

# without FILTER CASE: the --gtest_filter that leaves out CASE as well.
without() { if [[ $1 == *-* ]]; then echo "$1:$2"; else echo "$1-$2"; fi; }

# sanitize TOOL PROGRAM FILTER OPTION...
sanitize() {
  local tool=$1 program=$2 filter=$3 name log
  shift 3
  name="$tool${*:+ $*}: $(basename "$program") $filter"
  log=$logs/sanitizer.log
  attempt "$name" "$log" "${there[@]}" compute-sanitizer --tool "$tool" "$@" --error-exitcode 9 \
    "$program" --gtest_brief=1 --gtest_filter="$filter"
  note "\`$name\`: $({ grep -aE 'ERROR SUMMARY|RACECHECK SUMMARY' "$log" || true; } | tail -n 1 | tr -d '=')" ""
}

run_sanitizer() {
  local tool program name filter=${CUTTLE_SANITIZER_FILTER:-*}
  # This case asks for more memory than there is; memcheck counts the refusal as errors.
  local refused=Gpu.MoreMemoryThanThereIsGivesNull
  # initcheck takes ten times as long as the others: the kernels of this project alone, each at least
  # once, without the cases that repeat them most.
  local short='*/cuda.*:Gpu.*-GemmTest/cuda.ManyTiles:GemmTest/cuda.LongSums*:SgdTest/cuda.MoreParameters*'
  note "" "## compute-sanitizer over the kernel tests" ""
  if ! command -v compute-sanitizer >/dev/null && [ -z "$dry_run" ]; then
    note "Not installed on this machine: nothing was checked."
    row "compute-sanitizer" "SKIPPED (not installed)" ""
    return
  fi
  while IFS= read -r program; do
    name=$(basename "$program")
    sanitize memcheck "$program" "$(without "$filter" "$refused")"
    sanitize memcheck "$program" "$refused" --report-api-errors no
    sanitize racecheck "$program" "$filter"
    sanitize initcheck "$program" "${CUTTLE_SANITIZER_FILTER:-$short}"
    sanitize synccheck "$program" "$filter"
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
    attempt "kernel tests recorded: $side" "$logs/record-$side.log" "${there[@]}" \
      env CUTTLE_TEST_RECORD="$logs/$side.record" "$program" --gtest_brief=1 --gtest_filter='*/cuda.*'
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
    attempt "$style, 10 epochs" "$log" env -C "$work" "${there[@]}" "$program" "${arguments[@]}" --epochs 10
    note "### $style ${arguments[*]} --epochs 10" ""
    excerpt 'device|GPU|accuracy|Accuracy|time|Time' "$log" 30
  done
}

run_bench() {
  local program name
  note "" "## Benchmarks" ""
  while IFS= read -r program; do
    name=$(basename "$program")
    attempt "bench: $name" "$logs/$name.log" "${there[@]}" "$program" --benchmark_color=false
    excerpt '^(Benchmark|BM_|---|[a-z_]+/)' "$logs/$name.log" 200
  done < <(programs bench | sed -E '/_worker$/d')
  if [ -z "$(programs bench)" ]; then note "This build holds no benchmarks."; fi

  note "" "### Beside PyTorch, cuDNN and cuBLAS" ""
  attempt "beside PyTorch (bench/gpu.sh)" "$logs/gpu.log" \
    "$root/bench/gpu.sh" --prebuilt "$build" --out "$logs/gpu.md" ${data:+--root "$data"}
  if [ -e "$logs/gpu.md" ]; then sed -n '/^Beside it/,$p' "$logs/gpu.md" | sed 's/^##/####/' >>"$report"; fi
}
