#!/usr/bin/env bash
# Gives every parser of foreign bytes hostile input for a while, under the address and
# undefined-behaviour sanitizers (tests/fuzz). What is found stays in build/fuzz/found.
#   tools/fuzz.sh [SECONDS] [PARSER]...    SECONDS for each (default 15); all parsers if none is named
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

seconds=${1:-15}
parsers=("${@:2}")
if [ ${#parsers[@]} -eq 0 ]; then parsers=(archive cifar idx image pickle safetensors); fi
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
  die "'$seconds' is no number of seconds" "usage: tools/fuzz.sh [SECONDS] [PARSER]..."
fi

step "finding the compiler" "tools/setup.sh ci"
if ! command -v clang++-14 >/dev/null; then die "clang++-14 is not installed"; fi
build=$root/build/fuzz
"$root/tools/build.sh" -p fuzz fuzzers || exit 1

# Archives are unpacked in memory, where there is such a place.
work=$(TMPDIR=$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}") mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
export ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
mkdir -p "$build/found"

for parser in "${parsers[@]}"; do
  step "fuzzing $parser for $seconds seconds"
  corpus=$root/tests/fuzz/corpus/$parser
  program=$build/tests/fuzz/fuzz_$parser
  if [ ! -x "$program" ] || [ ! -d "$corpus" ]; then
    die "there is no such parser" "the parsers are: archive, cifar, idx, image, pickle, safetensors"
  fi
  # What a longer run finds worth keeping helps the next one; the corpus of the checkout stays as it is.
  mkdir -p "$build/corpus/$parser"
  rm -f "$build/found/$parser-"*
  log=$work/$parser.log
  if ! "$program" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$build/found/$parser-" \
    "$build/corpus/$parser" "$corpus" >"$log" 2>&1 </dev/null; then
    tail -n 60 "$log" >&2
    found=$(find "$build/found" -name "$parser-*" | head -n 1)
    die "fuzz_$parser fails on ${found:-an input that it could not keep}" \
      "read the report above; '$program FILE' runs that input again"
  fi
  grep -E '^stat::(number_of_executed_units|peak_rss_mb)' "$log"
done
