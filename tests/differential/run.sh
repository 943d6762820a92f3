#!/usr/bin/env bash
# Random programs in Cuttle and in PyTorch: run.sh PROGRAM DEVICE [COUNT [SEED]]
# PROGRAM is the built tests/differential/differential. Exit status 77 (skipped) without torch.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import torch' 2>/dev/null; then python=$candidate && break; fi
done
if [ -z "$python" ]; then
  echo "SKIPPED: needs a Python with torch (Debian: python3-torch)"
  exit 77
fi
"$python" "$folder/programs.py" --count "${3:-${CUTTLE_DIFFERENTIAL:-50}}" --seed "${4:-1}" | "$1" "$2"
