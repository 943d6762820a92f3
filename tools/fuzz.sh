#!/usr/bin/env bash
# Gives every parser of foreign bytes hostile input for a while, under the address and
# undefined-behaviour sanitizers (tests/fuzz), a parser a core. What is found stays in
# build/fuzz/found.
#   tools/fuzz.sh [SECONDS] [PARSER]...    SECONDS for each (default 15); all parsers if none is named
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

all=(archive cifar cifar_pickle idx image pickle safetensors torch zip)
seconds=${1:-15}
parsers=("${@:2}")
if [ ${#parsers[@]} -eq 0 ]; then parsers=("${all[@]}"); fi
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
  die "'$seconds' is no number of seconds" "usage: tools/fuzz.sh [SECONDS] [PARSER]..."
fi
for parser in "${parsers[@]}"; do
  if [[ " ${all[*]} " != *" $parser "* ]]; then die "there is no parser '$parser'" "the parsers are: ${all[*]}"; fi
done

step "finding the compiler" "tools/setup.sh ci"
if ! command -v clang++-14 >/dev/null; then die "clang++-14 is not installed"; fi
build=$root/build/fuzz
"$root/tools/build.sh" -p fuzz fuzzers || exit 1

# Archives are unpacked in memory, where there is such a place.
work=$(TMPDIR=$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}") mktemp -d)
declare -A running=() # parsers by process
clean_up() {
  if [ ${#running[@]} -gt 0 ]; then kill "${!running[@]}" 2>/dev/null && wait; fi
  rm -rf "$work"
}
trap clean_up EXIT
export TMPDIR=$work
export ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
mkdir -p "$build/found"

# start PARSER, in the background
start() {
  local parser=$1 block=2048 # the largest block of memory, in megabytes
  case $parser in pickle | torch | zip) block=64 ;; esac
  # What a longer run finds worth keeping helps the next one; the corpus of the checkout stays as it is.
  mkdir -p "$build/corpus/$parser"
  rm -f "$build/found/$parser-"*
  "$build/tests/fuzz/fuzz_$parser" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
    -malloc_limit_mb="$block" -print_final_stats=1 -artifact_prefix="$build/found/$parser-" \
    "$build/corpus/$parser" "$root/tests/fuzz/corpus/$parser" >"$work/$parser.log" 2>&1 </dev/null &
  running[$!]=$parser
}

# Waits until one of them ends, and says what it did.
finish_one() {
  local process='' status=0 parser log found
  wait -n -p process "${!running[@]}" || status=$?
  parser=${running[$process]} log=$work/${running[$process]}.log
  unset "running[$process]"
  if [ "$status" -ne 0 ]; then
    tail -n 60 "$log" >&2
    found=$(find "$build/found" -name "$parser-*" | head -n 1)
    die "fuzz_$parser fails on ${found:-an input that it could not keep}" \
      "read the report above; '$build/tests/fuzz/fuzz_$parser FILE' runs that input again"
  fi
  awk -v parser="$parser" '/ cov: / { for (i = 1; i < NF; ++i) if ($i == "cov:") edges = $(i + 1) }
    /^stat::number_of_executed_units/ { runs = $2 } /^stat::peak_rss_mb/ { memory = $2 }
    END { printf "%-12s %11d executions, %5d edges, at most %4d MB\n", parser, runs, edges, memory }' "$log"
}

lanes=$(parallel_jobs)
step "fuzzing ${#parsers[@]} parsers for $seconds seconds each, $lanes at a time"
for parser in "${parsers[@]}"; do
  if [ ${#running[@]} -ge "$lanes" ]; then finish_one; fi
  start "$parser"
done
while [ ${#running[@]} -gt 0 ]; do finish_one; done
