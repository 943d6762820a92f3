#!/usr/bin/env python3
"""Compares what the kernel tests computed on two machines, kernel by kernel, as a Markdown table.

The test program writes its results to the file of CUTTLE_TEST_RECORD (tests/support/recorder.h). The
first file must come from the interpreter, which knows the kernels behind each result.

    tools/compare_records.py INTERPRETER OTHER | --self-test

For each kernel: the results it had a part in, their values, how many of those differ at all, the
largest difference, and the largest one relative to the greatest magnitude in its array. Exit status 1
where the files do not hold the same results, or a NaN stands against a number.
"""

import array
import collections
import io
import math
import re
import sys
import unittest

Result = collections.namedtuple("Result", "test code values kernels")
TYPES = {"f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
         "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}


def kernel(name):
    """The name of a kernel without namespaces, template arguments and parameters."""
    name, inner = name.replace("(anonymous namespace)::", ""), 1
    while inner:
        name, inner = re.subn(r"<[^<>]*>", "", name)
    return name.split("(")[0].split("::")[-1].split(" ")[-1]


def read(file):
    """{test: [Result]} of a record."""
    results = collections.defaultdict(list)
    while line := file.readline():
        test, code, count, kernels = line.decode().rstrip("\n").split("\t")
        values = array.array(TYPES[code])
        size = int(count) * values.itemsize
        data = file.read(size)
        if len(data) != size:
            raise ValueError(f"the record ends within {test}")
        values.frombytes(data)
        results[test].append(Result(test, code, values, sorted({kernel(k) for k in kernels.split(";") if k})))
    return results


class Difference:
    """The differences of one kernel over all results."""

    def __init__(self):
        self.results = self.values = self.unequal = 0
        self.largest = self.relative = 0.0
        self.test = ""

    def add(self, a, b):
        """Takes in two results; False where a NaN or an infinity stands against something else."""
        self.results += 1
        self.values += len(a.values)
        if a.values == b.values:  # never true with a NaN inside
            return True
        scale = max((abs(x) for x in a.values if math.isfinite(x)), default=0) or 1
        for x, y in zip(a.values, b.values):
            if x == y or (x != x and y != y):
                continue
            self.unequal += 1
            difference = abs(x - y)
            if not math.isfinite(difference):
                return False
            self.largest = max(self.largest, difference)
            if difference / scale > self.relative:
                self.relative, self.test = difference / scale, a.test
        return True


def compare(ours, theirs, out):
    """Prints the table; a list of sentences on what could not be compared."""
    faults, kernels = [], collections.defaultdict(Difference)
    for test in sorted({*ours, *theirs}):
        a, b = ours.get(test, []), theirs.get(test, [])
        if [(r.code, len(r.values)) for r in a] != [(r.code, len(r.values)) for r in b]:
            faults.append(f"{test}: the files hold {len(a)} and {len(b)} results, or results of other sizes")
            continue
        for x, y in zip(a, b):
            for name in x.kernels:
                if not kernels[name].add(x, y):
                    faults.append(f"{test}, {name}: a NaN or an infinity on one side alone")
    print("| kernel | results | values | of them unequal | largest difference | relative to the array's largest | where |",
          file=out)
    print("|---|---|---|---|---|---|---|", file=out)
    for name, d in sorted(kernels.items()):
        share = f"{100 * d.unequal / d.values:.2f} %" if d.unequal else "none"
        print(f"| {name} | {d.results} | {d.values} | {share} | {d.largest:.2g} | {d.relative:.2g} | {d.test} |",
              file=out)
    if not kernels:
        faults.append("the first file names no kernels; it must come from the interpreter")
    return faults


class SelfTest(unittest.TestCase):
    @staticmethod
    def record(*results):
        data = b""
        for test, code, values, kernels in results:
            data += f"{test}\t{code}\t{len(values)}\t{kernels}\n".encode() + array.array(TYPES[code], values).tobytes()
        return read(io.BytesIO(data))

    def test_kernel_names(self):
        self.assertEqual(kernel("cuttle::kernels::cuda::(anonymous namespace)::fill_kernel(float*, long)"), "fill_kernel")
        self.assertEqual(kernel("void cuttle::(anonymous namespace)::gemm_kernel<float, ns::Tile<8, 4> >(A<int>, long)"),
                         "gemm_kernel")
        self.assertEqual(kernel("ns::copy_kernel<float>"), "copy_kernel")

    def test_differences(self):
        a = self.record(("T.a", "f4", [1, 2, -4, math.nan], "ns::k<float>(int)"), ("T.a", "i4", [7, 8], "ns::copy(int)"))
        b = self.record(("T.a", "f4", [1, 2.5, -4, math.nan], ""), ("T.a", "i4", [7, 8], ""))
        out = io.StringIO()
        self.assertEqual(compare(a, b, out), [])
        self.assertIn("| k | 1 | 4 | 25.00 % | 0.5 | 0.12 | T.a |", out.getvalue())
        self.assertIn("| copy | 1 | 2 | none | 0 | 0 |  |", out.getvalue())

    def test_faults(self):
        a = self.record(("T.a", "f4", [1, 2], "k(int)"))
        self.assertIn("1 and 0 results", compare(a, self.record(), io.StringIO())[0])
        self.assertIn("0 and 1 results", compare(self.record(), a, io.StringIO())[0])
        self.assertIn("other sizes", compare(a, self.record(("T.a", "f4", [1], "")), io.StringIO())[0])
        self.assertIn("a NaN", compare(a, self.record(("T.a", "f4", [1, math.nan], "")), io.StringIO())[0])
        self.assertIn("names no kernels", compare(self.record(), self.record(), io.StringIO())[0])
        with self.assertRaisesRegex(ValueError, "ends within"):
            read(io.BytesIO(b"T.a\tf4\t2\tk\n1234"))


def main():
    if sys.argv[1:] == ["--self-test"]:
        return unittest.main(argv=sys.argv[:1])
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    with open(sys.argv[1], "rb") as ours, open(sys.argv[2], "rb") as theirs:
        faults = compare(read(ours), read(theirs), sys.stdout)
    for fault in faults:
        print(f"compare_records: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
