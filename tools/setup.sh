#!/usr/bin/env bash
# Installs what building Cuttle needs and this machine lacks (Debian 12, Ubuntu 22.04 and 24.04).
# Asks nothing, and calls apt only when something is missing.
#   tools/setup.sh [EXTRA]...    test, bench, ci, torch, cuda: also what the tests of the scripts, the
#                                benchmarks, .ci/run, PyTorch beside us, tools/setup_cuda.sh need
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

# A package is taken as installed, too, where the command after the colon is found.
packages=(
  g++:g++ cmake:cmake ninja-build:ninja ccache:ccache ca-certificates
  libdnnl-dev ocl-icd-opencl-dev libgtest-dev libstb-dev libcli11-dev nlohmann-json3-dev
  libcurl4-openssl-dev libarchive-dev libjpeg-dev libssl-dev zlib1g-dev
)
for extra in "$@"; do
  case $extra in
    test) packages+=(python3:python3) ;;
    bench) packages+=(libbenchmark-dev python3:python3) ;;
    ci)
      packages+=(git:git python3:python3 python3-venv clang-format:clang-format shellcheck:shellcheck gdb:gdb
        clang:clang++ clang-14:clang++-14 libclang-rt-14-dev libomp-dev
        g++-aarch64-linux-gnu:aarch64-linux-gnu-g++ qemu-user:qemu-aarch64 python3-numpy python3-pil)
      ;;
    torch) packages+=(python3:python3 python3-torch python3-numpy) ;;
    cuda) packages+=(python3:python3 python3-pip:pip3) ;;
    *) die "'$extra' is not known" "usage: tools/setup.sh [test] [bench] [ci] [torch] [cuda]" ;;
  esac
done

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

step "installing packages"
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  names=("${packages[@]%%:*}")
  warn "This machine has no apt; taking it that these are installed: ${names[*]}"
  exit 0
fi

missing=()
for entry in "${packages[@]}"; do
  package=${entry%%:*}
  if [[ $entry == *:* ]] && command -v "${entry#*:}" >/dev/null; then continue; fi
  if ! is_installed "$package"; then missing+=("$package"); fi
done
if [ ${#missing[@]} -eq 0 ]; then
  say "everything needed is installed"
  exit 0
fi
say "missing: ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    die "packages are missing, and installing them takes root" \
      "as root, run: apt-get update && apt-get install -y ${missing[*]}"
  fi
  as_root=(sudo)
fi
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -y -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}

step "updating the package lists" \
  "check that the network and the package archive in /etc/apt can be reached, then try again"
apt update
step "installing ${missing[*]}" \
  "read apt's message above; on Ubuntu the 'universe' archive must be enabled (add-apt-repository universe)"
apt install --no-install-recommends "${missing[@]}"
