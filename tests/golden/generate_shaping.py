#!/usr/bin/env python3
"""Writes shaping.json: what PyTorch's operations that rearrange elements give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_shaping.py
tests/core/shaping_golden_test.cpp runs the same cases.
"""
import torch
import torch.nn.functional as F

from cases import Cases

FUNCTIONS = {
    "cat": lambda x, a: torch.cat(x, a["dim"]),
    "stack": lambda x, a: torch.stack(x, a["dim"]),
    "hstack": lambda x, a: torch.hstack(x),
    "vstack": lambda x, a: torch.vstack(x),
    "dstack": lambda x, a: torch.dstack(x),
    "column_stack": lambda x, a: torch.column_stack(x),
    "row_stack": lambda x, a: torch.row_stack(x),
    "tril_": lambda x, a: x[0].clone().tril_(a["diagonal"]),
    "triu_": lambda x, a: x[0].clone().triu_(a["diagonal"]),
    "fill_diagonal_": lambda x, a: x[0].clone().fill_diagonal_(a["value"], a["wrap"]),
    "diff": lambda x, a: torch.diff(x[0], a["n"], a["dim"], *x[1:]),
    "where": lambda x, a: torch.where(x[0]),
    "repeat": lambda x, a: x[0].repeat(*a["repeats"]),
    "tile": lambda x, a: torch.tile(x[0], a["repeats"]),
    "meshgrid": lambda x, a: torch.meshgrid(*x, indexing=a["indexing"]),
    "one_hot": lambda x, a: F.one_hot(x[0].abs(), a["classes"]),
    "tril": lambda x, a: torch.tril(x[0], a["diagonal"]),
    "triu": lambda x, a: torch.triu(x[0], a["diagonal"]),
    "flip": lambda x, a: torch.flip(x[0], a["dims"]),
    "roll": lambda x, a: torch.roll(x[0], a["shifts"], a["dims"] or None),
    "rot90": lambda x, a: torch.rot90(x[0], a["k"], a["dims"]),
    "pad": lambda x, a: F.pad(x[0], a["padding"], a["mode"], a["value"]),
    "fliplr": lambda x, a: torch.fliplr(x[0]),
    "flipud": lambda x, a: torch.flipud(x[0]),
    "tril_indices": lambda x, a: torch.tril_indices(a["rows"], a["columns"], a["offset"]),
    "triu_indices": lambda x, a: torch.triu_indices(a["rows"], a["columns"], a["offset"]),
    "repeat_interleave": lambda x, a: torch.repeat_interleave(x[0], a["repeats"], a["dim"]),
    "repeat_interleave_each": lambda x, a: torch.repeat_interleave(
        x[0], torch.tensor(a["repeats"]), a["dim"]),
}


def joining(c):
    for dim in (0, 1, -1):
        c.add("cat", [[2, 3], [2, 3], [2, 3]], dim=dim)
        c.add("stack", [[2, 3], [2, 3]], dim=dim)
    c.add("cat", [([2, 3], "float64", "transposed"), ([4, 3], "float64", "sliced"),
                  ([1, 3], "float64", "expanded")], dim=0)
    c.add("cat", [([2, 3, 2, 2], "float64", "channels_last"),
                  ([2, 1, 2, 2], "float64", "channels_last")], dim=1)
    c.add("cat", [[0], [2, 3], [2, 0]], dim=1)
    c.add("cat", [[2, 3], [0]], dim=-1)
    c.add("cat", [[0], [0]], dim=1)
    c.add("cat", [[1]], dim=0)
    for a, b in (("float32", "float64"), ("int64", "float32"), ("uint8", "int32"), ("bool", "uint8"),
                 ("int32", "int64"), ("bool", "bool"), ("float16", "bfloat16"), ("int8", "uint8"),
                 ("int16", "float16"), ("float16", "float32")):
        c.add("cat", [([2, 2], a), ([1, 2], b)], dim=0)
        c.add("cat", [([0], b), ([1, 2], a)], dim=0)
        c.add("stack", [([2], a), ([2], b)], dim=1)
    for op in ("hstack", "vstack", "dstack", "column_stack", "row_stack"):
        c.add(op, [[2], [2]])
        c.add(op, [[], [1]] if op == "hstack" else [[], [1]])
        c.add(op, [[2, 3], [2, 3]])
        c.add(op, [[2, 1, 3], [2, 1, 3]])
    c.error("cat", [[2, 3], [3, 2]], dim=0)
    c.error("cat", [[2, 3], []], dim=0)
    c.error("cat", [[2, 3], [2, 3]], dim=2)
    c.error("stack", [[2], [3]], dim=0)
    c.error("stack", [[2], [2]], dim=2)


def repeating(c):
    for shape in ([2, 3], ([2, 3], "float64", "transposed"), ([2, 3], "float64", "sliced"),
                  ([2, 3], "float64", "expanded")):
        for repeats in ([2, 3], [1, 1], [2, 1], [1, 3], [2, 1, 2]):
            c.add("repeat", [shape], repeats=repeats)
        c.add("tile", [shape], repeats=[2])
    c.add("repeat", [[]], repeats=[2])
    c.add("repeat", [[2, 3]], repeats=[0, 2])
    c.add("repeat", [[2, 0]], repeats=[3, 2])
    c.add("repeat", [[1, 2, 1]], repeats=[2, 2, 3])
    c.add("repeat", [[2, 1, 2, 1, 2, 2]], repeats=[2, 2, 2, 1, 2, 2])  # more than eight on the way
    c.add("repeat", [([3], "bool")], repeats=[2])
    c.add("repeat", [([3], "int64")], repeats=[2, 2])
    c.add("tile", [[2]], repeats=[2, 1, 2])
    c.error("repeat", [[2, 3]], repeats=[2])
    for indexing in ("ij", "xy"):
        c.add("meshgrid", [[2], [3]], indexing=indexing)
        c.add("meshgrid", [[2], [], [3]], indexing=indexing)
        c.add("meshgrid", [[2]], indexing=indexing)
        c.add("meshgrid", [([2], "int64"), ([0], "int64")], indexing=indexing)
    c.error("meshgrid", [[2, 2], [3]], indexing="ij")
    c.add("one_hot", [([2, 3], "int64")], classes=-1)
    c.add("one_hot", [([2], "int64")], classes=12)
    c.add("one_hot", [([], "int64")], classes=9)
    c.add("one_hot", [([0, 2], "int64")], classes=2)
    c.error("one_hot", [[2]], classes=4)


def moving(c):
    layouts = [[2, 3], ([2, 3], "float64", "transposed"), ([2, 3], "float64", "sliced"),
               ([2, 3], "float64", "expanded")]
    for x in layouts:
        for dims in ([0], [1], [-1, 0], []):
            c.add("flip", [x], dims=dims)
        for shifts, dims in (([1], [0]), ([-1, 4], [0, 1]), ([2], []), ([1, 1], [1, -1])):
            c.add("roll", [x], shifts=shifts, dims=dims)
        for k in range(-1, 5):
            c.add("rot90", [x], k=k, dims=[0, 1])
        for diagonal in (-3, -1, 0, 1, 3):
            c.add("tril", [x], diagonal=diagonal)
            c.add("triu", [x], diagonal=diagonal)
    c.add("flip", [[2, 3, 2]], dims=[0, 2])
    c.add("flip", [([2, 3, 2, 2], "float64", "channels_last")], dims=[1, 3])
    c.add("flip", [[0, 2]], dims=[0])
    c.add("flip", [[]], dims=[])
    c.add("roll", [[]], shifts=[3], dims=[])
    c.add("roll", [[0, 2]], shifts=[3], dims=[0])
    c.add("roll", [[2, 3, 2]], shifts=[5, -7, 1], dims=[0, 1, 2])
    c.add("rot90", [[2, 1, 3]], k=1, dims=[2, 0])
    for shape in ([2, 3, 3], [2, 1, 2, 2], [1, 1], [0, 3], [2, 0]):
        c.add("tril", [shape], diagonal=0)
        c.add("triu", [shape], diagonal=1)
    c.add("triu", [([2, 3, 2, 2], "float64", "channels_last")], diagonal=0)
    for dtype in ("float32", "int64", "int32", "uint8", "bool", "int16", "int8", "float16", "bfloat16"):
        c.add("flip", [([2, 3], dtype)], dims=[1])
        c.add("roll", [([2, 3], dtype)], shifts=[1], dims=[1])
        c.add("tril", [([2, 3], dtype)], diagonal=0)
        c.add("rot90", [([2, 3], dtype)], k=1, dims=[0, 1])
    c.error("flip", [[2, 3]], dims=[2])
    c.error("flip", [[2, 3]], dims=[0, -2])
    c.error("roll", [[2, 3]], shifts=[1, 2], dims=[0])
    c.error("roll", [[2, 3]], shifts=[1, 2], dims=[])
    c.error("rot90", [[2, 3]], k=1, dims=[0, -2])
    c.error("rot90", [[3]], k=1, dims=[0, 1])
    c.error("tril", [[3]], diagonal=0)


def diagonals(c):
    for x in ([3, 3], ([3, 2], "float64", "transposed"), ([2, 4], "float64", "sliced"), ([2, 2], "bool")):
        for op in ("tril_", "triu_"):
            c.add(op, [x], diagonal=0)
            c.add(op, [x], diagonal=1)
        c.add("fill_diagonal_", [x], value=1, wrap=False)
    for shape in ([7, 3], [8, 3], [3, 7], [4, 1], [0, 3], [3, 0]):
        c.add("fill_diagonal_", [shape], value=0.5, wrap=True)
        c.add("fill_diagonal_", [shape], value=0.5, wrap=False)
    c.add("fill_diagonal_", [[2, 2, 2]], value=-1, wrap=False)
    c.add("fill_diagonal_", [([3, 3], "int64")], value=7, wrap=False)
    c.error("fill_diagonal_", [[3]], value=0, wrap=False)
    c.error("fill_diagonal_", [[2, 3, 2]], value=0, wrap=False)
    c.error("tril_", [[3]], diagonal=0)


def differences(c):
    for x in ([4], [3, 4], ([3, 4], "float64", "transposed"), ([3, 4], "float64", "sliced"),
              ([3, 4], "int64"), ([5], "bool"), ([3, 4], "float32"), ([4], "uint8")):
        for n in (0, 1, 2, 9):
            c.add("diff", [x], n=n, dim=-1)
    c.add("diff", [[3, 4]], n=1, dim=0)
    c.add("diff", [[3, 4], [3, 2], [3, 1]], n=2, dim=1)
    c.add("diff", [[0, 4], [1, 4], [2, 4]], n=1, dim=0)
    c.add("diff", [[1]], n=1, dim=0)
    c.add("diff", [[0]], n=1, dim=0)
    c.error("diff", [[]], n=1, dim=0)
    c.error("diff", [[3, 4], [2, 2]], n=1, dim=1)
    for x in ([2, 3], [], ([4], "int64"), ([2, 0], "float32"), ([2, 2, 2], "bool")):
        c.add("where", [x], gradient=False)


def padding(c):
    for x in ([1, 3, 4], ([1, 3, 4], "float64", "transposed"), ([1, 3, 4], "float64", "sliced")):
        for mode in ("constant", "reflect", "replicate", "circular"):
            for p in ([2, 1], [0, 3], [-1, 2], [3, 0]):
                c.add("pad", [x], padding=p, mode=mode, value=0)
    for mode in ("reflect", "replicate", "circular"):
        c.add("pad", [[1, 2, 3, 2]], padding=[1, 1, 2, 0], mode=mode, value=0)
        c.add("pad", [[1, 1, 2, 2, 3]], padding=[1, 2, 1, 0, 0, 1], mode=mode, value=0)
        c.add("pad", [([1, 2, 3, 2], "float64", "channels_last")], padding=[1, 0, 0, 2], mode=mode,
              value=0)
        c.add("pad", [([1, 2, 3], "float32")], padding=[1, 2], mode=mode, value=0)
    c.add("pad", [[2, 3]], padding=[1, 0], mode="reflect", value=0)
    c.add("pad", [[2, 3]], padding=[7, 6], mode="replicate", value=0)
    c.add("pad", [[1, 2, 3]], padding=[1, 1, -1, 1], mode="replicate", value=0)
    for p in ([1, 2], [1, 0, 0, 2], [-1, 1, 2, -1], [0, 0], [-1, -1, -1, -1]):
        c.add("pad", [[2, 3]], padding=p, mode="constant", value=1.5)
    c.add("pad", [[]], padding=[], mode="constant", value=0)
    c.add("pad", [[2]], padding=[1, 1], mode="constant", value=0)
    c.add("pad", [[0, 2]], padding=[1, 1, 1, 0], mode="constant", value=-1)
    c.add("pad", [[2, 2]], padding=[-1, -1], mode="constant", value=0)
    c.add("pad", [([1, 2, 2, 2], "float64", "channels_last")], padding=[1, 1, 0, 1],
          mode="constant", value=2)
    for dtype in ("float32", "int64", "int32", "uint8", "bool", "int16", "int8", "float16", "bfloat16"):
        c.add("pad", [([2, 2], dtype)], padding=[1, 0, 0, 1], mode="constant", value=1)
    c.error("pad", [[1, 2, 3]], padding=[3, 0], mode="reflect", value=0)
    c.error("pad", [[1, 2, 3]], padding=[4, 0], mode="circular", value=0)
    c.error("pad", [[2, 3]], padding=[1, 1, 1], mode="constant", value=0)
    c.error("pad", [[3]], padding=[1, 1, 1, 1], mode="constant", value=0)
    c.error("pad", [[3]], padding=[-2, -2], mode="constant", value=0)


def interleaving(c):
    for x in ([2, 3], ([2, 3], "float64", "transposed"), ([2, 3], "float64", "expanded")):
        for dim in (0, -1, None):
            for repeats in (0, 1, 3):
                c.add("repeat_interleave", [x], repeats=repeats, dim=dim)
        c.add("repeat_interleave_each", [x], repeats=[2, 1], dim=0)
        c.add("repeat_interleave_each", [x], repeats=[0, 2, 1], dim=1)
        c.add("repeat_interleave_each", [x], repeats=[0, 2, 1, 0, 0, 3], dim=None)
    c.add("repeat_interleave_each", [[2, 3]], repeats=[2], dim=0)
    c.add("repeat_interleave", [[]], repeats=2, dim=None)
    c.add("repeat_interleave", [([3], "bool")], repeats=2, dim=0)
    c.add("repeat_interleave_each", [([3], "int64")], repeats=[0, 0, 0], dim=0)
    c.error("repeat_interleave", [[2, 3]], repeats=-1, dim=0)
    c.error("repeat_interleave_each", [[2, 3]], repeats=[1, 2], dim=1)
    c.error("repeat_interleave_each", [[2, 3]], repeats=[1, -2], dim=0)


def every_kind(c):
    """Each operation in the layouts, sizes and dtypes that the cases above leave out, and at edges."""
    calls = {"cat": (2, dict(dim=1)), "stack": (2, dict(dim=1)), "hstack": (2, {}), "vstack": (2, {}),
             "dstack": (2, {}), "repeat": (1, dict(repeats=[2, 2])), "tile": (1, dict(repeats=[2, 1])),
             "tril": (1, dict(diagonal=0)), "triu": (1, dict(diagonal=0)), "flip": (1, dict(dims=[0, 1])),
             "roll": (1, dict(shifts=[1], dims=[1])), "rot90": (1, dict(k=1, dims=[0, 1])), "fliplr": (1, {}),
             "flipud": (1, {}), "repeat_interleave": (1, dict(repeats=2, dim=1)),
             "pad": (1, dict(padding=[1, 1], mode="constant", value=0))}
    for op, (count, args) in calls.items():
        for layout in ("edges", "transposed", "sliced", "expanded"):
            c.add(op, [([2, 3], "float64", layout)] * count, **args)
        c.add(op, [([2, 3], "int64", "edges")] * count, **args)
        for size in ([0, 2], [1, 1]):
            c.add(op, [size] * count, **args)
        for dtype in ("float32", "bfloat16", "float16", "int32", "int16", "int8", "uint8", "bool"):
            c.add(op, [([2, 1], dtype)] * count, **args)
    for mode in ("reflect", "replicate", "circular"):
        c.add("pad", [([1, 2, 4], "float64", "edges")], padding=[1, 1], mode=mode, value=0)
        c.add("pad", [([1, 2, 4], "float64", "expanded")], padding=[1, 1], mode=mode, value=0)
    for layout in ("edges", "sliced", "expanded"):
        c.add("meshgrid", [([2], "float64", layout), ([3], "float64", layout)], indexing="ij")
    for layout in ("transposed", "sliced", "expanded"):
        c.add("one_hot", [([2, 3], "int64", layout)], classes=10)
    for rows, columns, offset in ((3, 3, 0), (2, 4, 1), (4, 2, -1), (2, 2, -3), (2, 2, 5), (0, 3, 0), (1, 1, 0)):
        c.add("tril_indices", [], rows=rows, columns=columns, offset=offset)
        c.add("triu_indices", [], rows=rows, columns=columns, offset=offset)


def main():
    c = Cases(FUNCTIONS)
    joining(c)
    repeating(c)
    moving(c)
    diagonals(c)
    differences(c)
    padding(c)
    interleaving(c)
    every_kind(c)
    c.write("shaping.json")


if __name__ == "__main__":
    main()
