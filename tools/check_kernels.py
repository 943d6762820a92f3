#!/usr/bin/env python3
"""Checks that kernel files stay portable: the same source runs on a GPU and in the interpreter.

Looks at kernels/cuda. gpu.h and launch.h, which hold the macros and the launch, may use what they
wrap, and so may the headers of tensor_core/ that wrap instructions and give each a twin for the
interpreter. A variant that needs more goes in a file named *_nvcc.cu beside its portable twin; it is
held to the launch rule alone. Every kernel waits for the one ahead of it in the stream before it
touches global memory or returns, so that it may be launched to overlap that one.
Prints file:line: sentence for each break of a rule; exit status 1 if there is one.

    tools/check_kernels.py [--root DIR] [--self-test]
"""

import argparse
import collections
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


def closing(text, opening):
    """The place of the bracket that closes the one at `opening`; the text's end where there is none."""
    pairs = {"(": ")", "{": "}"}
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] == text[opening]) - (text[place] == pairs[text[opening]])
        if depth == 0:
            return place
    return len(text)


Function = collections.namedtuple("Function", "path line name is_kernel parameters body")


def device_functions(path, text):
    """The __global__ and __device__ functions that the text defines."""
    code = without_comments_and_strings(text)
    found = []
    for start in re.finditer(r"\b__(global|device)__\b", code):
        bounds = re.compile(r"\s*(?:inline|static|void|\s)*__launch_bounds__\s*(?=\()").match(code, start.end())
        rest = closing(code, bounds.end()) + 1 if bounds else start.end()
        head = re.compile(r"[^(){};=]*?\b(\w+)\s*(?=\()").match(code, rest)
        if not head:
            continue
        end = closing(code, head.end())
        body = re.compile(r"[^{};]*(?={)").match(code, end + 1)
        if body:
            found.append(Function(path, code.count("\n", 0, head.start(1)) + 1, head[1], start[1] == "global",
                                  code[head.end() + 1:end], code[body.end():closing(code, body.end())]))
    return found


def before_the_wait(function, by_name, seen=()):
    """What the function does before it waits for its predecessor, itself or in one that it calls; None
    where it never waits."""
    for call in re.finditer(r"\b(\w+)\s*(?:<[^;{}()]*>\s*)?\(", function.body):
        if call[1] == "wait_for_predecessor":
            return function.body[:call.start()]
        for callee in by_name.get(call[1], ()):
            inner = None if call[1] in seen else before_the_wait(callee, by_name, (*seen, call[1]))
            if inner is not None:
                return function.body[:call.start()] + inner
    return None


def check_waits(files):
    """(path, line, sentence) for each kernel that does not wait for its predecessor, or too late. files:
    (path, text) of all of them, since a kernel may wait in a function of another file."""
    functions = [f for path, text in files for f in device_functions(path, text)]
    by_name = collections.defaultdict(list)
    for function in functions:
        if not function.is_kernel:
            by_name[function.name].append(function)
    problems = []
    for kernel in (f for f in functions if f.is_kernel):
        before = before_the_wait(kernel, by_name)
        pointers = re.findall(r"\*\s*(?:const\s+)?(?:__restrict__\s+)?(\w+)\s*(?:,|$)", kernel.parameters)
        uses = [r"\b(load|store)_pack\b|\batomic\w+\s*\("]
        uses += [rf"\b{p}\s*\[|[=(,;{{!+-]\s*\*\s*{p}\b" for p in pointers]
        if before is None:
            sentence = "never calls wait_for_predecessor() (gpu.h)"
        elif re.search(r"\breturn\b", before):
            sentence = "returns before it calls wait_for_predecessor() (gpu.h)"
        elif any(re.search(use, before) for use in uses):
            sentence = "touches global memory before it calls wait_for_predecessor() (gpu.h)"
        else:
            continue
        problems.append((kernel.path, kernel.line, f"{kernel.name} {sentence}: it may be launched while the "
                                                   "kernel ahead of it still runs"))
    return problems


def check(path, text):
    """(path, line, sentence) for each break of a rule of single lines in one file."""
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


    def waits(self, text, other=""):
        problems = check_waits([("a.cu", text), ("b.cuh", other)])
        return [(line, sentence.split(":")[0]) for _, line, sentence in problems]

    def test_waits(self):
        bounded = ("template <class T>\n__global__ void __launch_bounds__(f(256))\n"
                   "    a_kernel(const T* __restrict__ x, T* y) ")
        for body in ("{ int i = 3; wait_for_predecessor(); if (i) return; y[i] = x[i]; }",
                     "{ const T* const from = x + 3; wait_for_predecessor(); y[0] = *from; }"):
            self.assertEqual(self.waits(bounded + body), [])
        never = [(3, "a_kernel never calls wait_for_predecessor() (gpu.h)")]
        self.assertEqual(self.waits(bounded + "{ y[0] = x[0]; }"), never)
        self.assertEqual(self.waits(bounded + "{ /* wait_for_predecessor(); */ }"), never)
        self.assertEqual(self.waits(bounded + "{ if (x) return; wait_for_predecessor(); }"),
                         [(3, "a_kernel returns before it calls wait_for_predecessor() (gpu.h)")])
        for early in ("T a = x[0];", "T a = *x;", "y[0] = 0;", "T a = f(3, *x);", "Pack<T, 4> p = load_pack<4>(x);"):
            self.assertEqual(self.waits(bounded + "{ " + early + " wait_for_predecessor(); }"),
                             [(3, "a_kernel touches global memory before it calls wait_for_predecessor() (gpu.h)")])

    def test_waits_in_a_function_that_it_calls(self):
        kernel = "__global__ void b_kernel(A a) { part<Tile, 3>(a); }"
        part = ("template <class T, int N>\n__device__ inline void part(const A& a) "
                "{ int i = 0; wait_for_predecessor(); }")
        self.assertEqual(self.waits(kernel, part), [])
        never = [(1, "b_kernel never calls wait_for_predecessor() (gpu.h)")]
        self.assertEqual(self.waits(kernel), never)
        self.assertEqual(self.waits(kernel, "__device__ void part(A a) { part(a); }"), never)
        self.assertEqual(self.waits(kernel, "__device__ void part(A a);"), never)
        self.assertEqual(self.waits(kernel, part.replace("int i", "if (a.n) return; int i")),
                         [(1, "b_kernel returns before it calls wait_for_predecessor() (gpu.h)")])


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
    files = [(p.relative_to(arguments.root).as_posix(), p.read_text(encoding="utf-8")) for p in paths]
    problems = [problem for path, text in files for problem in check(path, text)] + check_waits(files)
    for path, line, sentence in problems:
        print(f"{path}:{line}: {sentence}")
    if problems:
        sys.exit(1)
    print(f"kernel rules hold in {len(paths)} files")


if __name__ == "__main__":
    main()
