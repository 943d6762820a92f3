#!/usr/bin/env python3
"""Writes printing.json: tensors as PyTorch prints them.

Run with a Python that has torch (Debian: python3-torch): python3 generate_printing.py
Deterministic. A case says how its values come to be (values_of below, and its twin in
tests/core/printing_cases_test.cpp), so that the file holds little but text.
"""
import json
import math
import pathlib
import random

import torch

DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
POWERS = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3, 1e4]
SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5, -2.25, 3.0]


def values_of(kind, seed, count):
    whole = [(i * 7919 + seed * 104729) % 2003 - 1001 for i in range(count)]
    if kind == "small":
        return [float(w % 100) for w in whole]
    if kind == "whole":
        return [float(w) for w in whole]
    if kind == "eighths":
        return [w / 8 for w in whole]
    if kind == "thirds":
        return [w / 3 for w in whole]
    if kind == "wide":
        return [w * POWERS[(i + seed) % 9] for i, w in enumerate(whole)]
    if kind == "tiny":
        return [w * 1e-7 for w in whole]
    if kind == "huge":
        return [w * 1e6 for w in whole]
    if kind == "near":
        return [1 + w * 1e-5 for w in whole]
    if kind == "special":
        return [SPECIAL[(i * 3 + seed) % 8] for i in range(count)]
    if kind == "specialwhole":
        return [SPECIAL[(i * 3 + seed) % 5] if i % 2 else float(w) for i, w in enumerate(whole)]
    return [0.0 if (i + seed) % 3 else -0.0 for i in range(count)]  # zeros


KINDS = ["small", "whole", "eighths", "thirds", "wide", "tiny", "huge", "near", "special", "specialwhole",
         "zeros"]


def case(dtype, kind, seed, shape, **options):
    count = math.prod(shape)
    values = torch.tensor(values_of(kind, seed, count), dtype=torch.float64)
    if not dtype.startswith(("float", "bfloat")):
        values = torch.tensor([int(v) for v in values_of("small", seed, count)])
        kind = "small"
    tensor = values.to(getattr(torch, dtype)).reshape(shape)
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**options)
    text = str(tensor).replace("dtype=torch.", "dtype=")
    torch.set_printoptions(profile="default")
    return [dtype, kind, seed, list(shape), options, text]


def cases():
    pick = random.Random(1)
    out = []
    for dtype in DTYPES:
        for shape in ((), (0,), (0, 3), (2, 0), (1,), (3,), (2, 3), (1, 1, 1), (2, 1, 3)):
            out.append(case(dtype, pick.choice(KINDS), len(out), shape))
    for kind in KINDS:
        for shape in ((), (1,), (5,), (2, 3), (30,)):
            out.append(case("float32", kind, len(out), shape))
            out.append(case(pick.choice(DTYPES[1:4]), kind, len(out), shape))
    for _ in range(110):
        rank = pick.choice((1, 1, 2, 2, 3, 4))
        shape = tuple(pick.choice((1, 1, 2, 3, 4, 5, 7)) for _ in range(rank))
        out.append(case(pick.choice(DTYPES), pick.choice(KINDS), len(out), shape))
    for dtype, kind, shape in (("float32", "thirds", (1001,)), ("float64", "wide", (40, 30)),
                               ("int64", "small", (7, 143)), ("bfloat16", "eighths", (3, 400)),
                               ("float32", "whole", (10, 12, 10)), ("bool", "small", (2000,)),
                               ("float16", "near", (7, 7, 7, 7)), ("uint8", "small", (1, 1500)),
                               ("float32", "special", (500, 3)), ("int8", "small", (2, 3, 200))):
        out.append(case(dtype, kind, len(out), shape))
    for options in (dict(precision=2), dict(precision=0), dict(precision=8), dict(threshold=5),
                    dict(threshold=5, edgeitems=1), dict(threshold=2, edgeitems=2), dict(linewidth=20),
                    dict(linewidth=120), dict(linewidth=5), dict(sci_mode=True), dict(sci_mode=False),
                    dict(precision=6, sci_mode=True), dict(precision=1, linewidth=30, sci_mode=False)):
        for dtype, kind, shape in (("float32", "wide", (9,)), ("float32", "whole", (4, 3)),
                                   ("float64", "thirds", (3, 2, 5)), ("int32", "small", (12,)),
                                   ("float32", "special", (8,)), ("float32", "zeros", (3,))):
            out.append(case(dtype, kind, len(out), shape, **options))
    return out


def main():
    golden = {"made_by": "tests/golden/generate_printing.py, PyTorch " + torch.__version__, "cases": cases()}
    path = pathlib.Path(__file__).with_name("printing.json")
    text = json.dumps(golden, separators=(",", ":"), allow_nan=False)
    path.write_text(text.replace('"],[', '"],\n[') + "\n")


if __name__ == "__main__":
    main()
