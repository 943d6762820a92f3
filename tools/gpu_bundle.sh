#!/usr/bin/env bash
# Packs what tools/gpu_check.sh needs into one file, for a machine that has a GPU but no compiler: a
# driver, CUDA 13, and cuDNN and cuBLAS in the system or in Python's packages (PyTorch brings both).
#   tools/gpu_bundle.sh FILE.tar.xz [BUILD [INTERPRETER]]
# BUILD is a finished CUDA build (default build/cuda), INTERPRETER the kernel tests of another that
# runs them in the interpreter (default those of build/simt). There:
#   tar xf FILE.tar.xz && cuttle-gpu-check/run [OPTION of gpu_check.sh]...
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ $# -lt 1 ] || [ $# -gt 3 ] || [[ $1 != *.tar.xz ]]; then
  die "it takes FILE.tar.xz, a build and the interpreter's tests" "tools/gpu_bundle.sh build/check.tar.xz"
fi
file=$1
build=$(realpath -m "${2:-$root/build/cuda}")
interpreter=$(realpath -m "${3:-$root/build/simt/tests/kernels/test_kernels}")
step "bundling $build" "build it first: tools/build.sh -p cuda; tools/build.sh -p simt test_kernels"
if [ ! -d "$build/tests" ]; then die "$build holds no test programs"; fi
if [ ! -x "$interpreter" ]; then die "the interpreter's kernel tests are not built"; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle=$work/cuttle-gpu-check
mkdir -p "$bundle/build/lib"

# What the other machine has itself: the C library, the driver, and what comes with CUDA and cuDNN.
# By whole names, for libicudata is none of NVIDIA's.
theirs='^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|cuda|cudart|cublas|cublasLt|cudnn(_[a-z_]+)?|nvrtc|nvJitLink))\.so'

libraries_of() { ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// {print $3}'; }
carry() { # PROGRAM TO
  local library
  install -D "$1" "$bundle/build/$2"
  while IFS= read -r library; do
    if [[ $(basename "$library") =~ $theirs ]]; then continue; fi
    cp -Ln "$library" "$bundle/build/lib/"
  done < <(libraries_of "$1")
}
while IFS= read -r program; do
  carry "$program" "${program#"$build"/}"
  strip "$bundle/build/${program#"$build"/}"
done < <(find_programs "$build/tests" "$build/examples" "$build/bench")
carry "$interpreter" interpreter/test_kernels
if [ -x "$build/bin/cuttle" ]; then carry "$build/bin/cuttle" bin/cuttle; fi
strip --strip-debug "$bundle/build/interpreter/test_kernels"  # it reads kernels' names from its symbols

step "checking that nothing is missing" "see which library the list of the C library's and NVIDIA's names swallows"
while IFS= read -r program; do
  while IFS= read -r library; do
    if [[ $library != "$bundle"/* ]] && [[ ! $(basename "$library") =~ $theirs ]]; then
      die "$(basename "$program") would load $library, which is not in the bundle"
    fi
  done < <(LD_LIBRARY_PATH=$bundle/build/lib libraries_of "$program")
done < <(find_programs "$bundle/build")

mkdir -p "$bundle/tools" "$bundle/bench/gpu" "$bundle/bench/training" "$bundle/examples/cifar10" "$bundle/tests"
cp "$root"/tools/{gpu_check.sh,gpu_check_stages.sh,gpu_lib.sh,lib.sh,compare_records.py} "$bundle/tools/"
cp "$root/bench/gpu.sh" "$bundle/bench/"
cp "$root"/bench/gpu/*.py "$bundle/bench/gpu/"
cp "$root"/bench/training/*.py "$bundle/bench/training/"
cp "$root/examples/cifar10/tutorial.py" "$bundle/examples/cifar10/"
cp -r "$root/tests/golden" "$bundle/tests/"
git -C "$root" rev-parse --short HEAD >"$bundle/commit" 2>/dev/null || echo unknown >"$bundle/commit"
cat >"$bundle/run" <<'RUN'
#!/usr/bin/env bash
# Checks Cuttle on this machine's GPU and writes <date>-<gpu>.md in the current folder. Options are
# those of tools/gpu_check.sh: run --help.
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
exec "$here/tools/gpu_check.sh" --prebuilt "$here/build" "$@"
RUN
chmod +x "$bundle/run"

# The programs share most of their code: one dictionary over all of them makes a tenth of the size.
step "packing $file" "xz takes 3 GB of memory for a dictionary of 256 MiB"
mkdir -p "$(dirname "$file")"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -c cuttle-gpu-check |
  xz --lzma2=preset=6,dict=256MiB >"$file.part"
mv "$file.part" "$file"
du -sh "$bundle" "$file"
