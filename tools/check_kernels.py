#!/usr/bin/env python3
"""Checks that kernel files stay portable: the same source runs on a GPU and in the interpreter.

Looks at kernels/cuda. gpu.h and launch.h, which hold the macros and the launch, may use what they
wrap, and so may the headers of tensor_core/ that wrap instructions and give each a twin for the
interpreter. A variant that needs more (inline PTX, cp.async, …) goes in a file named *_nvcc.cu beside its
portable twin; it is held to the launch rule alone.
Prints file:line: sentence for each break of a rule; exit status 1 if there is one.

    tools/check_kernels.py [--root DIR] [--self-test]
"""

import argparse
import re
import sys
import unittest
from pathlib import Path

SUFFIXES = (".cu", ".cuh", ".h")
WRAPPERS = ("gpu.h", "launch.h", "tensor_core/ptx.cuh", "tensor_core/mma.cuh",
            "tensor_core/async_copy.cuh", "tensor_core/wgmma.cuh")

LAUNCH_RULES = [
    (r"<<<", "launch through launch(...) of launch.h, which checks every launch and which the "
             "interpreter stands in for; not <<<>>>"),
]
PORTABLE_RULES = [
    (r"\b__shared__\b", "shared memory through CUTTLE_SHARED or CUTTLE_DYNAMIC_SHARED (gpu.h); a bare "
                        "__shared__ would be one array for all blocks of the interpreter"),
    (r"\b(__)?asm(__)?\b\s*(volatile|__volatile__|goto)?\s*\(",
     "no inline PTX in a common kernel file: the interpreter cannot run it (tensor_core/ has instructions "
     "that it can)"),
    (r"#\s*include\s*<(cub|thrust|cuda)/", "no CUB, Thrust or libcu++ in a common kernel file: the "
                                           "interpreter does not have them, and the kernel is ours to write"),
    (r"\bcub::", "no CUB in a common kernel file: the kernel is ours to write"),
    (r"\bcp_async\b|\b__pipeline_\w+|\bmemcpy_async\b|\bcuda::(pipeline|barrier)\b",
     "copy_async of tensor_core/async_copy.cuh, which the interpreter has too"),
    (r"\b__cluster_dims__\b|\bthis_cluster\b|\bCUtensorMap\b|\bcp_async_bulk\w*",
     "no clusters and no TMA in a common kernel file: only some GPUs have them"),
    (r"\b__(shfl|shfl_up|shfl_down|shfl_xor|ballot|any|all)\s*\(",
     "name the lanes: the _sync form with an explicit mask"),
    (r"\b(fmaf?|__f?maf?_r[nzud])\s*\(",
     "fuse through multiply_add (gpu.h), in inner loops of products alone: elsewhere every rounding is "
     "written, so that all devices give the same bits"),
    (r"\b__(expf|exp10f|logf|log2f|log10f|powf|sinf|cosf|tanf|sincosf|fdividef)\s*\(",
     "the accurate function (std::exp, /, …): the fast one is another one than the CPU's"),
    (r"\b__activemask\s*\(", "an explicit warp mask, not __activemask(): which lanes are active is "
                             "the compiler's choice"),
]


def without_comments_and_strings(text):
    """The text with comments and string contents blanked out, line numbers kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda m: "\n" * m[0].count("\n") or '""', text)


def check(path, text):
    """(path, line, sentence) for each break of a rule in one file."""
    if path.removeprefix("kernels/cuda/") in WRAPPERS:
        return []
    rules = list(LAUNCH_RULES)
    if not Path(path).stem.endswith("_nvcc"):
        rules += PORTABLE_RULES
    problems = []
    for line, code in enumerate(without_comments_and_strings(text).split("\n"), 1):
        problems += [(path, line, sentence) for pattern, sentence in rules if re.search(pattern, code)]
    return problems


class SelfTest(unittest.TestCase):
    def assert_refused(self, text, words, path="kernels/cuda/a.cu"):
        problems = check(path, "// a kernel\n" + text)
        self.assertEqual([p[:2] for p in problems], [(path, 2)], problems)
        self.assertIn(words, problems[0][2])

    def test_refused(self):
        self.assert_refused("add_kernel<<<1, 2>>>(x);", "launch(...)")
        self.assert_refused("  __shared__ float tile[32];", "CUTTLE_SHARED")
        self.assert_refused("extern __shared__ float row[];", "CUTTLE_SHARED")
        self.assert_refused('asm volatile("bar.sync 0;");', "PTX")
        self.assert_refused('asm("bar.sync 0;");', "PTX")
        self.assert_refused("#include <cub/block/block_reduce.cuh>", "CUB")
        self.assert_refused("__pipeline_memcpy_async(to, from, 16);", "copy_async")
        self.assert_refused("x += __shfl_down(x, 1);", "_sync")
        self.assert_refused("unsigned mask = __activemask();", "explicit warp mask")
        for fused in ("fma(a, b, c)", "std::fma(a, b, c)", "fmaf(a, b, c)", "__fmaf_rn(a, b, c)",
                      "__fma_rn(a, b, c)"):
            self.assert_refused(f"x = {fused};", "multiply_add")
        self.assert_refused("x = __expf(y);", "accurate")
        self.assert_refused("x = __fdividef(y, z);", "accurate")

    def test_allowed(self):
        for text in ("CUTTLE_SHARED(float, tile, [32][33]);", "// never <<<>>>, __shared__ or asm()",
                     "/* asm(\n<<< */ x += __shfl_down_sync(kAllLanes, x, 1);", "int plasma(1);",
                     'fail("launch <<<>>>");', "a << b; c <<= 2;"):
            self.assertEqual(check("kernels/cuda/a.cu", text), [])

    def test_files_with_another_part(self):
        self.assertEqual(check("kernels/cuda/gpu.h", "#define S(T) __shared__ T"), [])
        self.assertEqual(check("kernels/cuda/tensor_core/mma.cuh", 'asm("mma.sync");'), [])
        self.assert_refused('asm("mma.sync");', "PTX", "kernels/cuda/tensor_core/conv2d.cu")
        self.assertEqual(check("kernels/cuda/gemm_nvcc.cu", 'asm volatile("cp.async");'), [])
        self.assert_refused("k<<<1, 2>>>();", "launch(...)", "kernels/cuda/gemm_nvcc.cu")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--self-test", action="store_true", help="test this script instead")
    arguments = parser.parse_args()
    if arguments.self_test:
        unittest.main(argv=[sys.argv[0]])
    paths = sorted(p for p in (arguments.root / "kernels" / "cuda").rglob("*") if p.suffix in SUFFIXES)
    if not paths:
        sys.exit(f"{arguments.root}/kernels/cuda holds no kernel files")
    problems = []
    for path in paths:
        problems += check(path.relative_to(arguments.root).as_posix(), path.read_text(encoding="utf-8"))
    for path, line, sentence in problems:
        print(f"{path}:{line}: {sentence}")
    if problems:
        sys.exit(1)
    print(f"kernel rules hold in {len(paths)} files")


if __name__ == "__main__":
    main()
