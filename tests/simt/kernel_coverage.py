#!/usr/bin/env python3
"""Fails if a kernel of the library is launched by no test.

kernel_coverage.py SOURCES LOG compares what test programs launched on the interpreter, which they wrote
to LOG (CUTTLE_SIMT_LAUNCH_LOG), with the __global__ functions of the .cu and .cuh files in and below the
folder SOURCES.
"""
import pathlib
import re
import sys


def kernels_in(folder):
    """{name: file} of all kernels in the folder."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*.cu*")):
        text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
        for match in re.finditer(r"__global__\s+(?:static\s+)?void\s+(?:__launch_bounds__\s*"
                                 r"\((?:[^()]|\([^()]*\))*\)\s*)?(\w+)\s*\(", text):
            found[match.group(1)] = path.relative_to(folder)
    return found


def launched_in(log):
    """The names of the kernels in a log of launches."""
    lines = pathlib.Path(log).read_text(encoding="utf-8").splitlines()
    return {re.search(r"(\w+)(?:<.*>)?\(", line.replace("(anonymous namespace)::", "")).group(1)
            for line in lines if "(" in line}


def main():
    kernels = kernels_in(sys.argv[1])
    if not kernels:
        print(f"no kernel found in {sys.argv[1]}")
        return 1
    missing = sorted(set(kernels) - launched_in(sys.argv[2]))
    for name in missing:
        print(f"{kernels[name]}: no test launches {name}")
    print(f"{len(kernels) - len(missing)} of {len(kernels)} kernels are launched")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
