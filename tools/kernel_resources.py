#!/usr/bin/env python3
"""What each CUDA kernel takes of a multiprocessor: registers, local memory and shared memory.

    tools/build.sh -p cuda -D CMAKE_CUDA_FLAGS=-Xptxas=-v | tee LOG; tools/kernel_resources.py LOG

Reads what nvcc's assembler says in a build's output and prints a table: a row a kernel with, for each
architecture, how many variants there are (element types, tiles), and of registers, spilled bytes, bytes of
stack (local arrays, calls) and static shared memory the most that a variant takes. Exit status 1 where
registers are spilled to memory, with a line for each such variant; or where the log misses a kernel of
kernels/cuda, so that a build that compiled nothing does not pass.

    tools/kernel_resources.py LOG [--root DIR] [--all] [--self-test]

--all gives each variant a row of its own.
"""

import argparse
import collections
import re
import subprocess
import sys
import unittest
from pathlib import Path

from check_kernels import device_functions

Usage = collections.namedtuple("Usage", "registers spilled stack shared")
NOTHING = Usage(0, 0, 0, 0)
HEADINGS = ("registers", "spilled", "stack", "shared")


def most(usages):
    """The largest of each resource."""
    return Usage(*map(max, zip(NOTHING, *usages)))


def parse(log):
    """{(mangled name of a kernel, architecture): Usage} of an assembler's report. What a function that a
    kernel calls spills counts as the kernel's."""
    found = {}
    kernel = None
    for line in log.splitlines():
        if entry := re.search(r"Compiling entry function '(\w+)' for '(\w+)'", line):
            kernel = (entry[1], entry[2])
            found[kernel] = NOTHING
        elif kernel and (frame := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, "
                                            r"(\d+) bytes spill loads", line)):
            stack, stores, loads = map(int, frame.groups())
            found[kernel] = most([found[kernel], Usage(0, stores + loads, stack, 0)])
        elif kernel and (used := re.search(r"Used (\d+) registers", line)):
            shared = re.search(r"(\d+) bytes smem", line)
            found[kernel] = most([found[kernel], Usage(int(used[1]), 0, 0, int(shared[1]) if shared else 0)])
    return found


def demangled(names):
    """{mangled: readable}, without namespaces and parameters: "softmax_forward_kernel<float>"."""
    names = sorted(names)
    lines = subprocess.run(["c++filt"], input="\n".join(names), text=True, capture_output=True,
                           check=True).stdout.splitlines()
    return {name: short_name(line) for name, line in zip(names, lines)}


def short_name(signature):
    """What the kernel is called, with its template arguments."""
    text = re.sub(r"\(anonymous namespace\)::|\b(cuttle|kernels|cuda)::", "", signature)
    text = re.sub(r"^void ", "", text)
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0:
            return text[:place]
    return text


def table(rows, architectures):
    """Lines of a table. rows: {name: {architecture: [Usage]}}."""
    width = max(map(len, rows))
    head = f"{'':{width}}" + "".join(f"  {a + ': variants':>16}" + "".join(f" {h:>9}" for h in HEADINGS)
                                     for a in architectures)
    lines = [head]
    for name in sorted(rows):
        line = f"{name:{width}}"
        for architecture in architectures:
            usages = rows[name].get(architecture, [])
            line += f"  {len(usages) or '-':>16}" + "".join(f" {v if usages else '-':>9}" for v in most(usages))
        lines.append(line)
    return lines


def problems_of(usages, sources):
    """A sentence for each variant that spills and each kernel of the sources that was not compiled.
    usages: (readable name, architecture, Usage) of each variant; sources: names of kernels."""
    problems = [f"{name} for {architecture} spills {usage.spilled} bytes of registers to memory: give it fewer "
                "values to keep, or say in __launch_bounds__(threads, blocks) how few blocks a multiprocessor "
                "needs to hold (the assembler spills for more of them than it is asked for)"
                for name, architecture, usage in sorted(usages) if usage.spilled]
    compiled = {name.split("<")[0] for name, _, _ in usages}
    return problems + [f"{name} is not in the log: build from the start with -D CMAKE_CUDA_FLAGS=-Xptxas=-v"
                       for name in sorted(set(sources) - compiled)]


class SelfTest(unittest.TestCase):
    LOG = """[1/2] Building CUDA object a.cu.o
ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function '_Z8a_kernelIfEvPT_' for 'sm_80'
ptxas info    : Function properties for _Z8a_kernelIfEvPT_
    8 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads
ptxas info    : Used 48 registers, used 1 barriers, 8 bytes cumulative stack size, 64 bytes smem, 392 bytes cmem[0]
ptxas info    : Compiling entry function '_Z8a_kernelIfEvPT_' for 'sm_90a'
ptxas info    : Function properties for _Z4slowd
    40 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Function properties for _Z8a_kernelIfEvPT_
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 255 registers, used 0 barriers
"""

    def test_parse(self):
        self.assertEqual(parse(self.LOG), {("_Z8a_kernelIfEvPT_", "sm_80"): Usage(48, 12, 8, 64),
                                           ("_Z8a_kernelIfEvPT_", "sm_90a"): Usage(255, 0, 40, 0)})
        self.assertEqual(parse("nothing\n"), {})

    def test_names(self):
        self.assertEqual(demangled({"_Z8a_kernelIfEvPT_"}), {"_Z8a_kernelIfEvPT_": "a_kernel<float>"})
        self.assertEqual(short_name("void cuttle::kernels::(anonymous namespace)::b_kernel<cuttle::kernels::cuda::"
                                    "Tile<float, 64>, (int)3>(A<int (*)(int)>, long)"),
                         "b_kernel<Tile<float, 64>, (int)3>")

    def test_problems(self):
        usages = [("a_kernel<float>", "sm_80", Usage(48, 12, 8, 64)), ("a_kernel<float>", "sm_90", NOTHING)]
        spilled, missing = problems_of(usages, ["a_kernel", "b_kernel"])
        self.assertIn("a_kernel<float> for sm_80 spills 12 bytes", spilled)
        self.assertIn("b_kernel is not in the log", missing)
        self.assertEqual(problems_of([("a_kernel<float>", "sm_90", Usage(9, 0, 40, 0))], ["a_kernel"]), [])

    def test_table(self):
        rows = {"a_kernel": {"sm_80": [Usage(48, 12, 8, 64), Usage(50, 0, 0, 32)]}}
        head, line = table(rows, ["sm_80", "sm_90"])
        self.assertEqual(line.split(), ["a_kernel", "2", "50", "12", "8", "64", *["-"] * 5])
        self.assertEqual(len(head), len(line))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("log", type=Path, nargs="?")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--all", action="store_true", help="a row for each variant of a kernel")
    parser.add_argument("--self-test", action="store_true", help="test this script instead")
    arguments = parser.parse_args()
    if arguments.self_test:
        unittest.main(argv=[sys.argv[0]])
    if not arguments.log:
        parser.error("the log of a build is missing")

    parsed = parse(arguments.log.read_text(encoding="utf-8", errors="replace"))
    readable = demangled({name for name, _ in parsed})
    usages = [(readable[name], architecture, usage) for (name, architecture), usage in parsed.items()]
    rows = collections.defaultdict(lambda: collections.defaultdict(list))
    for name, architecture, usage in usages:
        rows[name if arguments.all else name.split("<")[0]][architecture].append(usage)
    if rows:
        print("\n".join(table(rows, sorted({architecture for _, architecture, _ in usages}))))

    sources = [f.name for path in sorted((arguments.root / "kernels" / "cuda").rglob("*.cu*"))
               for f in device_functions(path.name, path.read_text(encoding="utf-8")) if f.is_kernel]
    problems = problems_of(usages, sources)
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(usages)} variants of {len(rows)} kernels, and none spills")


if __name__ == "__main__":
    main()
