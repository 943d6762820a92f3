#!/usr/bin/env bash
# Runs examples/cifar10/colab.ipynb from end to end, on this checkout and a few drawn images, and looks at
# what each cell put out (check_notebook.py). Jupyter comes from PyPI (tools/setup_python.sh), PyTorch from
# the system.
#   tests/examples/notebook.sh [PRESET]    of CMakePresets.json (default: auto)
# 77 where Jupyter or PyTorch cannot be had.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../tools/lib.sh"

preset=${1:-auto}
notebook=examples/cifar10/colab.ipynb
python=$root/build/python/bin/python3
out=$root/build/notebook
cd "$root"

step "checking the notebook's form"
python3 tests/examples/check_notebook.py --form "$notebook"

if ! tools/setup_python.sh; then
  warn "SKIPPED: there is no Jupyter here, and none could be had from PyPI (see above)"
  exit 77
fi
if ! "$python" -c 'import torch'; then
  warn "SKIPPED: there is no PyTorch here (tools/setup.sh torch)"
  exit 77
fi

# What an earlier run left must not be taken for this one's. TensorBoard, which the notebook starts, stays
# behind: it writes its process id below TMPDIR.
rm -rf "$out"
mkdir -p "$out/tmp"
export TMPDIR=$out/tmp
stop_tensorboard() {
  local info
  for info in "$out"/tmp/.tensorboard-info/pid-*.info; do
    info=${info##*/pid-}
    kill "${info%.info}" 2>/dev/null || true
  done
}
trap stop_tensorboard EXIT

step "running the notebook" "its cells' output is above; $out/executed.ipynb has it all"
export OMP_WAIT_POLICY=passive  # as for all tests: threads that wait do not take others' time
export CUTTLE_SOURCE=$root CUTTLE_PRESET=$preset
export CUTTLE_NOTEBOOK_DATA="--data synthetic --synthetic-size 400 --batch-size 4" CUTTLE_NOTEBOOK_EPOCHS=2
status=0
"$python" -m nbconvert --to notebook --execute --allow-errors --ExecutePreprocessor.timeout=3000 \
  --output-dir "$out" --output executed.ipynb "$notebook" || status=$?
if [ "$status" -ne 0 ]; then die "nbconvert ended with status $status"; fi

step "looking at each cell's output" "$out/executed.ipynb has the outputs"
python3 tests/examples/check_notebook.py --outputs "$out/executed.ipynb"
