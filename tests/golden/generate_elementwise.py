#!/usr/bin/env python3
"""Writes elementwise.json: values and gradients of every row of kernels/elementwise_table.h at edges.

Run with a Python that has torch (Debian: python3-torch): python3 generate_elementwise.py
Deterministic: the file changes only when PyTorch's results do. tests/core/elementwise_golden_test.cpp
runs the same cases and fails for a row that is missing here. Infinities and NaNs are written as the
strings "inf", "-inf" and "nan". Left out is what PyTorch cannot do: integer division by 0 and of the
smallest integer by -1, shifts by more than there are bits.
"""
import itertools
import json
import math
import pathlib

import torch
import torch.nn.functional as F

INF, NAN = math.inf, math.nan
REALS = [-INF, -1e5, -3.5, -2.5, -1.5, -1, -0.75, -0.5, -1e-310, -0.0, 0.0, 1e-40, 0.25, 0.5, 0.75, 1, 1.5,
         2.5, 3.75, 30, 700, 1e30, INF, NAN]
WHOLE = {torch.int64: [-2**63, -7, -3, -1, 0, 1, 2, 5, 2**63 - 1],
         torch.int8: [-128, -7, -1, 0, 1, 3, 127],
         torch.uint8: [0, 1, 2, 7, 200, 255],
         torch.bool: [False, True]}
ONE = {torch.float64: REALS, torch.float32: REALS, **WHOLE}
PAIR_REALS = [-INF, -2.5, -1, -0.0, 0.0, 0.5, 1, 3, INF, NAN]
TRIPLES = list(itertools.product([-2.0, -0.0, 0.5, 3.0, INF, NAN], [-1.0, 0.0, 0.5, INF], [-1.0, 0.25, 0.75, 2.0]))

ANY = [torch.float64, torch.float32, torch.int64, torch.int8, torch.uint8, torch.bool]
NUMBERS = ANY[:-1]
REAL = ANY[:2]
INTEGERS = ANY[2:]


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def flat(tensor):
    if tensor.is_floating_point():
        return [number(float(f"{v:.9g}") if tensor.dtype == torch.float32 else v)
                for v in tensor.detach().double().flatten().tolist()]
    return tensor.flatten().tolist()


def name(dtype):
    return str(dtype).replace("torch.", "")


def without_tiny(x):
    """0 in place of what PyTorch's derivative of sinc squares to 0 and divides by."""
    return torch.where(x.abs() < 1e-300, torch.zeros_like(x), x) if x.is_floating_point() else x


class Softsign(torch.autograd.Function):
    """PyTorch's values; its gradient cancels to 0 or NaN where x is large."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return F.softsign(x)

    @staticmethod
    def backward(ctx, g):
        return g / (1 + ctx.saved_tensors[0].abs())**2


# row: (function, dtypes)
UNARY = {
    "neg": (torch.neg, NUMBERS), "abs": (torch.abs, NUMBERS), "sign": (torch.sign, ANY),
    "square": (torch.square, NUMBERS), "relu": (torch.relu, NUMBERS), "floor": (torch.floor, NUMBERS),
    "ceil": (torch.ceil, NUMBERS), "round": (torch.round, NUMBERS), "trunc": (torch.trunc, NUMBERS),
    "frac": (torch.frac, REAL),
    **{f: (getattr(torch, f), ANY) for f in (
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "sin", "cos",
        "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "erf",
        "erfc", "erfinv", "logit", "deg2rad", "rad2deg")},
    "sinc": (lambda x: torch.sinc(without_tiny(x)), ANY),
    "silu": (F.silu, REAL), "gelu": (F.gelu, REAL),
    "gelu_tanh": (lambda x: F.gelu(x, approximate="tanh"), REAL),
    "softplus": (lambda x: F.softplus(x, 2.0, 3.0), REAL),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.25), REAL),
    "elu": (lambda x: torch._C._nn.elu(x, 1.5, 1.25, 0.75), REAL),
    # hardsigmoid written out: the gradient of PyTorch's has the sixth in float32.
    "mish": (F.mish, REAL), "hardswish": (F.hardswish, REAL), "hardsigmoid": (lambda x: F.relu6(x + 3) / 6, REAL),
    "softsign": (Softsign.apply, REAL), "logsigmoid": (F.logsigmoid, REAL),
    "threshold": (lambda x: F.threshold(x, 0.5, -2.0), REAL), "hardtanh": (lambda x: F.hardtanh(x, -1.0, 2.5), REAL),
    "nan_to_num": (lambda x: torch.nan_to_num(x, 0.5, 7.0, -8.0), REAL),
    **{f: (getattr(torch, f), ANY) for f in ("isnan", "isinf", "isposinf", "isneginf", "isfinite", "signbit")},
    "logical_not": (torch.logical_not, ANY), "bitwise_not": (torch.bitwise_not, INTEGERS),
}

BINARY_DTYPES = [torch.float64, torch.int64, torch.int8, torch.uint8, torch.bool]
BINARY = {
    "add": (torch.add, BINARY_DTYPES), "sub": (torch.sub, BINARY_DTYPES[:-1]),
    "add_scaled": (lambda a, b: torch.add(a, b, alpha=3), BINARY_DTYPES[:-1]),
    "mul": (torch.mul, BINARY_DTYPES), "div": (torch.div, BINARY_DTYPES),
    "div_trunc": (lambda a, b: torch.div(a, b, rounding_mode="trunc"), BINARY_DTYPES[:-1]),
    "floor_divide": (lambda a, b: torch.div(a, b, rounding_mode="floor"), BINARY_DTYPES[:-1]),
    "remainder": (torch.remainder, BINARY_DTYPES[:-1]), "fmod": (torch.fmod, BINARY_DTYPES[:-1]),
    "pow": (torch.pow, BINARY_DTYPES[:-1]), "atan2": (torch.atan2, BINARY_DTYPES),
    "hypot": (torch.hypot, BINARY_DTYPES[:1]), "copysign": (torch.copysign, BINARY_DTYPES),
    "xlogy": (torch.xlogy, BINARY_DTYPES), "heaviside": (lambda a, b: torch.heaviside(a.detach(), b.detach()), BINARY_DTYPES),
    "logaddexp": (torch.logaddexp, BINARY_DTYPES[:1]), "logaddexp2": (torch.logaddexp2, BINARY_DTYPES[:1]),
    "maximum": (torch.maximum, BINARY_DTYPES), "minimum": (torch.minimum, BINARY_DTYPES),
    "prelu": (lambda a, b: F.prelu(a[None], b)[0], BINARY_DTYPES[:1]),
    "glu": (lambda a, b: F.glu(torch.cat([a, b])), BINARY_DTYPES[:1]),
    "masked": (lambda a, b: torch.where(b != 0, a, torch.zeros_like(a)), BINARY_DTYPES),
    "clamp_min": (lambda a, b: torch.clamp(a, min=b), BINARY_DTYPES[:-1]),
    "clamp_max": (lambda a, b: torch.clamp(a, max=b), BINARY_DTYPES[:-1]),
    **{f: (getattr(torch, f), BINARY_DTYPES) for f in (
        "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor")},
    **{f: (getattr(torch, f), BINARY_DTYPES[1:]) for f in ("bitwise_and", "bitwise_or", "bitwise_xor")},
    "bitwise_left_shift": (torch.bitwise_left_shift, BINARY_DTYPES[1:-1]),
    "bitwise_right_shift": (torch.bitwise_right_shift, BINARY_DTYPES[1:-1]),
}
DIVIDES = ("div_trunc", "floor_divide", "remainder", "fmod")

TERNARY = {
    "clamp": lambda a, b, c: torch.clamp(a, b, c), "lerp": torch.lerp,
    "where": lambda a, b, c: torch.where(a > 0, b, c),
    "addcmul": lambda a, b, c: torch.addcmul(a, b, c, value=0.5),
    "addcdiv": lambda a, b, c: torch.addcdiv(a, b, c, value=0.5),
}


def gradients(function, inputs):
    """Of the sum of the results, weighted 1, 2, 3, 1, 2, 3, ...; nothing where there is none."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    y = function(*leaves)
    if not y.requires_grad:
        return None
    weight = torch.arange(y.numel(), dtype=torch.float64) % 3 + 1
    found = torch.autograd.grad(y, leaves, weight.reshape(y.shape), allow_unused=True)
    return [None if g is None else flat(g) for g in found]


def unary():
    rows = {}
    for row, (function, dtypes) in UNARY.items():
        cases = {name(d): flat(function(torch.tensor(ONE[d], dtype=d))) for d in dtypes}
        x = torch.tensor(REALS, dtype=torch.float64)
        if torch.float64 in dtypes and (g := gradients(function, [x])):
            cases["gradients"] = g
        rows[row] = cases
    return {"inputs": {name(d): [number(v) for v in values] for d, values in ONE.items()}, "rows": rows}


def pairs(row, dtype):
    values = PAIR_REALS if dtype == torch.float64 else WHOLE[dtype]
    both = list(itertools.product(values, values))
    if dtype == torch.float64:
        return both
    low, bits = values[0], torch.iinfo(dtype).bits if dtype != torch.bool else 1
    if row in DIVIDES:
        both = [(a, b) for a, b in both if b != 0 and not (a == low and b == -1)]
    if "shift" in row:
        both = [(a, b) for a, b in both if 0 <= b < bits]
    return both


def binary():
    rows = {}
    for row, (function, dtypes) in BINARY.items():
        cases = {}
        for dtype in dtypes:
            a, b = (torch.tensor(list(side), dtype=dtype) for side in zip(*pairs(row, dtype)))
            cases[name(dtype)] = flat(function(a, b))
            if dtype == torch.float64 and row != "masked" and (g := gradients(function, [a, b])):
                cases["gradients"] = g
        rows[row] = cases
    inputs = {name(d): [number(v) for v in (PAIR_REALS if d == torch.float64 else WHOLE[d])]
              for d in BINARY_DTYPES}
    return {"inputs": inputs, "rows": rows}


def ternary():
    inputs = [torch.tensor(list(side), dtype=torch.float64) for side in zip(*TRIPLES)]
    rows = {row: {"float64": flat(f(*inputs)), "gradients": gradients(f, inputs)} for row, f in TERNARY.items()}
    return {"inputs": [flat(x) for x in inputs], "rows": rows}


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("elementwise.json")
    content = {"torch": torch.__version__, "unary": unary(), "binary": binary(), "ternary": ternary()}
    path.write_text(json.dumps(content, separators=(",", ":")).replace("},", "},\n") + "\n")
