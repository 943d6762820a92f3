#!/usr/bin/env bash
# Proves that a program of somebody else can link Cuttle: installs a build, then builds and runs the
# program beside this script against it with find_package, again after the installed folder has
# moved, and with Cuttle as a subfolder of the project. No --whole-archive, and no flag of ours on
# the program's command lines but the include folder and the C++ standard.
#   tests/install/check.sh [BUILD_DIR]    BUILD_DIR: a finished build (default build/auto)
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../tools/lib.sh"

build=$(finished_build "${1:-$root/build/auto}") || exit 1
work=$(mktemp -d)
subfolder=$(dirname "$build")/consumer-$$
trap 'rm -rf "$work" "$subfolder"' EXIT

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
if [ -n "$(cached CUTTLE_SANITIZE)" ]; then
  die "$build is a sanitizer build, and what links it must be one too" "give another build folder"
fi

# build_consumer FOLDER ARGUMENT...: configures, builds and runs the program in FOLDER, and the check of
# an operation with kernels of its own.
build_consumer() {
  local folder=$1 log=$work/consumer.log
  shift
  cmake -S "$root/tests/install" -B "$folder" -G Ninja "$@" >"$log" 2>&1 ||
    { cat "$log"; die "the consumer did not configure"; }
  cmake --build "$folder" --parallel "$(parallel_jobs)" --target consumer custom_operation >"$log" 2>&1 ||
    { tail -n 50 "$log"; die "the consumer did not build"; }
  "$folder/consumer"
  "$folder/custom_operation"
}

# check_flags NAME INCLUDE: looks through the program's own command lines.
check_flags() {
  local name=$1 include=$2 commands compile word previous=""
  commands=$(ninja -C "$work/$name" -t commands consumer)
  if grep -q -e '--whole-archive' <<<"$commands"; then die "the program links with --whole-archive"; fi
  compile=$(grep -e ' -c .*main\.cpp$' <<<"$commands")
  # shellcheck disable=SC2086  # words are what is looked at
  set -- $compile
  shift  # the compiler
  for word in "$@"; do
    case $previous:$word in
      -isystem:"$include" | -o:*.o | -MF:*.d | -MT:*.o | -c:*/main.cpp) ;;
      *:-isystem | *:-o | *:-c | *:-MD | *:-MT | *:-MF) ;;
      *:"-I$include" | *:-std=gnu++20 | *:-std=c++20) ;;
      *) die "the program is compiled with '$word', which it did not ask for (in: $compile)" ;;
    esac
    previous=$word
  done
}

step "installing $build" "build it first: tools/build.sh"
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
for file in include/cuttle/cuttle.h include/cuttle/core/tensor.h lib/libcuttle.a \
  lib/cmake/cuttle/cuttleConfig.cmake; do
  if [ ! -e "$work/prefix/$file" ]; then die "$file was not installed"; fi
done
if grep -rlF -e "$root" -e "$build" -e "$work" "$work/prefix/lib/cmake"; then
  die "the installed package names folders of this machine"
fi

step "linking with find_package"
build_consumer "$work/installed" -DCMAKE_PREFIX_PATH="$work/prefix"
check_flags installed "$work/prefix/include"

step "linking after the installed folder moved"
mv "$work/prefix" "$work/elsewhere"
build_consumer "$work/moved" -DCMAKE_PREFIX_PATH="$work/elsewhere"
check_flags moved "$work/elsewhere/include"

# Its kernels are compiled with debug information, which ccache does not share between folders, and
# the subfolder is the same with every backend.
if [ "$(cached CUTTLE_GPU)" = simt ]; then
  say "the consumer project links Cuttle installed and moved"
  exit
fi

# With the flags of the build in a folder beside it, so that ccache has the objects already; without its
# build type, for Cuttle must not choose one for a project.
step "linking with add_subdirectory"
architectures=$(cached CMAKE_CUDA_ARCHITECTURES)
type=$(cached CMAKE_BUILD_TYPE)
build_consumer "$subfolder" -DCUTTLE_SOURCE="$root" -DCUTTLE_GPU="$(cached CUTTLE_GPU)" \
  ${architectures:+-DCMAKE_CUDA_ARCHITECTURES="$architectures"} \
  -DCMAKE_CXX_FLAGS="$(cached CMAKE_CXX_FLAGS) $(cached "CMAKE_CXX_FLAGS_${type^^}")" \
  -DCUTTLE_WERROR="$(cached CUTTLE_WERROR)" -DCMAKE_CXX_COMPILER_LAUNCHER="$(cached CUTTLE_CCACHE)"
set -- "$subfolder"
if [ -e "$1/cuttle/tests" ] || [ -e "$1/cuttle/examples" ]; then
  die "as a subfolder Cuttle builds its tests or examples too"
fi
for name in CMAKE_BUILD_TYPE CMAKE_CUDA_COMPILER_LAUNCHER; do
  if grep -q "^$name:[A-Z]*=..*" "$1/CMakeCache.txt"; then die "as a subfolder Cuttle sets $name"; fi
done
say "the consumer project links Cuttle installed, moved and as a subfolder"
