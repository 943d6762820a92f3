#!/usr/bin/env python3
"""Writes creation.json: what PyTorch's creation functions give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_creation.py
Deterministic. tests/core/creation_golden_test.cpp makes the same tensors.
"""
import json
import pathlib

import torch

DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"]


def values(tensor):
    return tensor.double().flatten().tolist()


def spaces():
    lin, log = [], []
    for dtype in DTYPES:
        d = getattr(torch, dtype)
        for start, end in ((0, 1), (-3, 12), (1, 10), (10, 2)) if not dtype == "uint8" else ((0, 1), (12, 3)):
            # PyTorch's vector loops, for 8 steps and more, give integers that do not even rise.
            for steps in (0, 1, 2, 3, 4, 7) + ((50,) if d.is_floating_point else ()):
                lin.append([dtype, start, end, steps, values(torch.linspace(start, end, steps, dtype=d))])
        if dtype in ("float16", "bfloat16"):  # where PyTorch's CPU has no logspace
            continue
        for start, end, base in ((0, 4, 2.0), (0, 1, 10.0), (1, 2, 3.0)):
            for steps in (0, 1, 2, 5):
                log.append([dtype, start, end, steps, base,
                            values(torch.logspace(start, end, steps, base=base, dtype=d))])
        if d.is_floating_point:
            lin.append([dtype, -0.7, 0.3, 33, values(torch.linspace(-0.7, 0.3, 33, dtype=d))])
    return lin, log


def eyes():
    return [[n, m, values(torch.eye(n, m))] for n in (0, 1, 2, 3, 5) for m in (0, 1, 2, 4)]


def aranges():
    out = []
    for dtype in DTYPES:
        d = getattr(torch, dtype)
        for start, end, step in ((0, 5, 1), (7, 0, -2), (1, 100, 33), (0, 3, 3)):
            out.append([dtype, start, end, step, values(torch.arange(start, end, step, dtype=d))])
    return out


def lists():
    """Nested lists and the dtype they get; written out in C++ in the same order."""
    cases = [[1, 2, 3], [1, 2.5, True], [True, False], [True, 2], [[1, 2], [3, 4]], [[[[[[[[5]]]]]]]], [], [[], []],
             [[[1.0], [2.0]], [[3.0], [4.0]]], 5, 2.5, True]
    made = [torch.tensor(c) for c in cases]
    return [[str(t.dtype)[6:], list(t.shape), values(t)] for t in made]


def main():
    lin, log = spaces()
    golden = {"made_by": "tests/golden/generate_creation.py, PyTorch " + torch.__version__, "linspace": lin,
              "logspace": log, "eye": eyes(), "arange": aranges(), "lists": lists()}
    path = pathlib.Path(__file__).with_name("creation.json")
    text = json.dumps(golden, separators=(",", ":"), allow_nan=False)
    path.write_text(text.replace("]],[", "]],\n[") + "\n")


if __name__ == "__main__":
    main()
