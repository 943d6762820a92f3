#!/usr/bin/env bash
# Puts the Python packages that read in tests what Cuttle writes, and those that run the notebook, in
# build/python, a virtual environment that sees the machine's own packages too. Without them those tests
# are skipped.
#   tools/setup_python.sh && cmake --preset auto -D CUTTLE_CHECK_PYTHON=$PWD/build/python/bin/python3
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

python=$root/build/python
# The one that apt installs modules for.
base=/usr/bin/python3
if [ ! -x "$base" ]; then base=$(command -v python3); fi
# Debian's PyTorch was compiled for the first NumPy.
packages=(tensorboard safetensors 'numpy<2' Pillow nbconvert ipykernel)

step "installing ${packages[*]} from PyPI" "check that pypi.org can be reached, then try again"
if [ -e "$python/complete" ] && [ "$(cat "$python/complete")" = "${packages[*]}" ]; then
  say "they are in $python"
  exit 0
fi
if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
  die "Python's venv is not installed" "tools/setup.sh ci"
fi
rm -rf "$python"
"$base" -m venv --system-site-packages "$python"
"$python/bin/python3" -m pip install --quiet --disable-pip-version-check "${packages[@]}" </dev/null
printf '%s\n' "${packages[*]}" >"$python/complete"
say "they are in $python"
