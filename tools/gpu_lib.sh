# shellcheck shell=bash
# Shared by the scripts that measure or check a GPU: which one it is, and the libraries of programs that
# were built elsewhere. Sourced after lib.sh, never run.
# shellcheck disable=SC2154  # root is that of lib.sh, build that of the script

# ask_gpu FIELD: what the driver says of the first GPU; nothing where there is none.
ask_gpu() { nvidia-smi --query-gpu="$1" --format=csv,noheader 2>/dev/null | head -n 1 || true; }

# gpu_slug NAME: "nvidia-h100-80gb-hbm3" without the maker, for a file's name.
gpu_slug() { tr '[:upper:] ' '[:lower:]-' <<<"${1#NVIDIA }" | tr -cd 'a-z0-9-'; }

# there: what stands before a program of ours. Not exported: Python and others have libraries of their
# own.
there=()
find_libraries() {
  local folders
  # cuDNN and cuBLAS often live in Python's packages alone: nvidia/cudnn/lib, nvidia/cu13/lib, …
  folders=$(python3 - <<'PYTHON' 2>/dev/null || true
import glob, importlib.util, os
spec = importlib.util.find_spec("nvidia")
places = list(spec.submodule_search_locations) if spec else []
print(":".join(folder for place in places for folder in sorted(glob.glob(os.path.join(place, "*", "lib")))))
PYTHON
  )
  there=(env "LD_LIBRARY_PATH=$build/lib:${folders:+$folders:}${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/usr/local/cuda/lib64"
    "CUTTLE_GOLDEN_DIR=$root/tests/golden" "CUTTLE_EXAMPLES_DIR=$build/examples/cifar10")
}

# wrap PROGRAM FILE: a script in its place for who has libraries of his own, such as Python.
wrap() {
  printf '#!/bin/sh\nexec %s "$@"\n' "${there[*]@Q} ${1@Q}" >"$2"
  chmod +x "$2"
}

# hardware_table PROGRAMS: what a result says of the machine; PROGRAMS is where they were built.
hardware_table() {
  say "| | |" "|---|---|"
  say "| GPU | $(ask_gpu name), $(ask_gpu memory.total), compute capability $(ask_gpu compute_cap), power limit $(ask_gpu power.limit) |"
  say "| GPUs | $({ nvidia-smi -L 2>/dev/null || true; } | wc -l) |"
  say "| driver | $(ask_gpu driver_version) |"
  say "| CUDA compiler | $(nvcc --version 2>/dev/null | sed -n 's/.*release //p' | grep . || echo 'not on this machine') |"
  say "| processor | $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores |"
  say "| system | $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release), $(uname -r) |"
  say "| date | $(date -u '+%F %H:%M UTC') |"
  say "| commit | $(cat "$root/commit" 2>/dev/null || git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown) |"
  say "| programs | $1 |"
}
