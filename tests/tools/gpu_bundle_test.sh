#!/usr/bin/env bash
# Packs a small program as tools/gpu_bundle.sh packs the tests, unpacks it elsewhere with what it was
# built from gone, and runs it from a third folder beside a made-up GPU: it must find its library,
# whose name holds "cuda" as libicudata's does, the library in Python's packages, and the golden files.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! command -v xz >/dev/null; then echo "SKIPPED: xz is not installed"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }

mkdir -p build/tests bin unpacked elsewhere site/nvidia/cudnn/lib
cat >own.cpp <<'CPP'
int own() { return 1; }
CPP
cat >test.cpp <<'CPP'
#include <cstdlib>
#include <filesystem>
int own();
int cudnn();
int main() {
  const char* golden = std::getenv("CUTTLE_GOLDEN_DIR");
  const bool found = golden && std::filesystem::exists(std::filesystem::path(golden) / "core.json");
  return own() == 1 && cudnn() == 2 && found ? 0 : 1;
}
CPP
cxx=${CXX:-c++}
$cxx -shared -fPIC own.cpp -o libicudata_own.so
$cxx -shared -fPIC -x c++ - -o site/nvidia/cudnn/lib/libcudnn_made_up.so <<<'int cudnn() { return 2; }'
$cxx -std=c++20 test.cpp -o build/tests/test_carried -L. -licudata_own -Lsite/nvidia/cudnn/lib -lcudnn_made_up
printf '#!/bin/sh\ncase $* in *name*) echo "Made-up GPU" ;; *) echo none ;; esac\n' >bin/nvidia-smi
chmod +x bin/nvidia-smi

export LD_LIBRARY_PATH=$work:$work/site/nvidia/cudnn/lib
"$root/tools/gpu_bundle.sh" bundle.tar.xz build build/tests/test_carried >log 2>&1 || { cat log; fail "packing"; }
unset LD_LIBRARY_PATH
rm -r build libicudata_own.so
tar xf bundle.tar.xz -C unpacked
[ ! -e unpacked/cuttle-gpu-check/build/lib/libcudnn_made_up.so ] || fail "the bundle carries cuDNN"

cd elsewhere
run=../unpacked/cuttle-gpu-check/run
PATH=$work/bin:$PATH PYTHONPATH=$work/site $run --stages tests >log 2>&1 || { cat log; fail "running"; }
grep -q '^| test: test_carried | passed |' ./*-made-up-gpu.md || fail "no result in the current folder"

# Without cuDNN it says so, with a mend.
if PATH=$work/bin:$PATH $run --stages tests >log 2>&1; then fail "it ran without cuDNN"; fi
grep -q 'not found: libcudnn_made_up.so' log || { cat log; fail "the missing library is not named"; }
echo passed
