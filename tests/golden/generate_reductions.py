#!/usr/bin/env python3
"""Writes reductions.json: what PyTorch's reductions and their gradients give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_reductions.py
Deterministic: the file changes only when PyTorch's results do. tests/core/reduction_golden_test.cpp
runs the same cases. Infinities and NaNs are written as the strings "inf", "-inf" and "nan".
"""
import json
import math
import pathlib

import torch

INF, NAN = math.inf, math.nan
# float16 and bfloat16 are computed in float32 and rounded once, where PyTorch's CPU has no kernel.
FLOATING = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
INTEGERS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]


def name(dtype):
    return str(dtype).replace("torch.", "")


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, float):
        return float(f"{value:.10g}")
    return value


def flat(tensor):
    return [number(v) for v in tensor.detach().double().flatten().tolist()]


def ops(dims, keepdim):
    """name -> function of x; dims [] means all."""
    one = dims[0] if len(dims) == 1 else None
    table = {
        "sum": lambda x: x.sum(dims, keepdim),
        "nansum": lambda x: x.nansum(dims, keepdim),
        "mean": lambda x: x.mean(dims, keepdim),
        "nanmean": lambda x: x.nanmean(dims or None, keepdim),
        "prod": lambda x: one_by_one("prod", x, dims, keepdim),
        "var": lambda x: x.var(dims or None, unbiased=True, keepdim=keepdim),
        "var0": lambda x: x.var(dims or None, unbiased=False, keepdim=keepdim),
        "std": lambda x: x.std(dims or None, unbiased=True, keepdim=keepdim),
        "amax": lambda x: x.amax(dims, keepdim),
        "amin": lambda x: x.amin(dims, keepdim),
        "count_nonzero": lambda x: x.count_nonzero(dims or None),
        "logsumexp": lambda x: x.logsumexp(dims or list(range(x.dim())), keepdim),
        "var_mean": lambda x: torch.stack(torch.var_mean(x, dims or list(range(x.dim())), True, keepdim)),
    }
    for p in (0, 0.5, 1, 1.5, 2, 3, INF, -INF):
        table[f"norm{number(float(p))}"] = lambda x, p=p: x.norm(p, dims or None, keepdim)
    for op in ("any", "all"):
        table[op] = lambda x, op=op: one_by_one(op, x != 0, dims, keepdim)
    if one is not None:
        table["softmax"] = lambda x: x.softmax(one)
        table["log_softmax"] = lambda x: x.log_softmax(one)
        for op in ("max", "min"):
            table[op] = lambda x, op=op: getattr(x, op)(one, keepdim)[0]
        for op in ("argmax", "argmin"):
            table[op] = lambda x, op=op: getattr(x, op)(one, keepdim)
    elif not dims and not keepdim:
        for op in ("max", "min", "argmax", "argmin"):
            table[op] = lambda x, op=op: getattr(x, op)()
    return table


def one_by_one(op, x, dims, keepdim):
    """Over several dimensions what PyTorch does along one."""
    dims = sorted((d % max(x.dim(), 1) for d in dims), reverse=True) or range(x.dim() - 1, -1, -1)
    for d in dims:
        x = getattr(x, op)(d, keepdim)
    return x


GRADIENTS = ("sum", "nansum", "mean", "nanmean", "prod", "var", "std", "amax", "amin", "max", "min", "logsumexp",
             "var_mean", "softmax", "log_softmax",
             "norm0.5", "norm1.0", "norm1.5", "norm2.0", "norm3.0", "norminf", "norm-inf")


def values_for(shape, kind, generator):
    n = math.prod(shape)
    if kind == "plain":
        x = torch.rand(n, generator=generator, dtype=torch.float64) * 4 - 2
        return (x * 64).round() / 64  # exact in every floating dtype but bfloat16
    if kind == "repeated":  # the first slice again and again, which C++ also lays out so
        slice_ = values_for(shape[1:], "ties", generator)
        return slice_.repeat(shape[0])
    if kind == "ties":  # few values, zeros among them
        return torch.randint(-2, 3, (n,), generator=generator).double()
    x = torch.randint(-2, 3, (n,), generator=generator).double()
    for i, special in enumerate((INF, NAN, -INF, 0.0, -INF)):
        if n > 2 * i + 1:
            x[2 * i + 1] = special
    return x


def case(shape, kind, dims, keepdim, generator):
    x = values_for(shape, kind, generator).reshape(shape)
    out = {"shape": list(shape), "kind": kind, "dims": dims, "keepdim": keepdim, "x": flat(x),
           "results": {}}
    for op, f in ops(dims, keepdim).items():
        if op == "norm-inf" and x.numel() == 0:
            continue  # 0 in PyTorch, but the least of nothing is ∞
        leaf = x.clone().requires_grad_()
        try:
            y = f(leaf)
        except (RuntimeError, IndexError):
            out["results"][op] = None  # refused
            continue
        entry = {"shape": list(y.shape), "y": flat(y)}
        if op in GRADIENTS and kind != "specials" and x.numel() > 0 and y.isfinite().all():
            weights = torch.linspace(0.5, 1.5, y.numel(), dtype=torch.float64).reshape(y.shape)
            g, = torch.autograd.grad((y * weights).sum(), leaf)
            entry["dx"] = flat(g)
        out["results"][op] = entry
    return out


def dtypes():
    """Of an integer-valued matrix, in each dtype."""
    x = torch.tensor([[3, 0, 1], [2, 5, 0]])
    table = ops([1], False)
    cases = []
    for dtype in FLOATING + INTEGERS:
        for op, f in table.items():
            if op in ("prod", "log_softmax") and dtype in (torch.float16, torch.bfloat16):
                continue  # PyTorch rounds on the way
            if op in ("logsumexp", "softmax", "log_softmax") and dtype in INTEGERS:
                continue  # converted or refused in PyTorch, refused here
            try:
                y = f(x.to(dtype))
            except (RuntimeError, IndexError):
                continue
            cases.append([name(dtype), op, name(y.dtype), flat(y)])
    return {"x": flat(x), "cases": cases}


def extremes():
    """The smallest and the largest integers, of which sums and products wrap around."""
    cases = []
    for dtype in INTEGERS[:-1]:
        info = torch.iinfo(dtype)
        x = torch.tensor([[info.max, info.min, 0], [1, info.min, info.max]], dtype=dtype)
        for op in ("sum", "nansum", "prod", "amax", "amin", "max", "min", "argmax", "argmin", "any", "all", "count_nonzero"):
            y = ops([1], False)[op](x)
            cases.append([name(dtype), op, x.flatten().tolist(), name(y.dtype), y.to(torch.int64).tolist()])
    return cases


def main():
    generator = torch.Generator().manual_seed(5)
    cases = []
    for shape, all_dims in (((2, 3, 4), ([], [0], [1], [0, 2], [-1, 1])), ((5,), ([], [0])),
                            ((), ([], [0], [-1])), ((1, 3), ([0], [1], [])),
                            ((2, 9), ([0], [1]))):
        for dims in all_dims:
            for kind in ("plain", "ties", "specials") if math.prod(shape) <= 12 or not dims or dims in (
                    [1], [0, 2]) else ("ties",):
                cases.append(case(shape, kind, dims, len(cases) % 2 == 1, generator))
    for shape, all_dims in (((0, 3), ([], [0], [1])), ((2, 0), ([0], [1])), ((0,), ([], [0]))):
        for dims in all_dims:
            cases.append(case(shape, "plain", dims, len(cases) % 2 == 1, generator))
    for dims in ([], [0], [1], [0, 2]):
        cases.append(case((3, 2, 3), "repeated", dims, False, generator))
    golden = {"cases": cases, "dtypes": dtypes(), "extremes": extremes()}
    path = pathlib.Path(__file__).parent / "reductions.json"
    path.write_text(json.dumps(golden, separators=(",", ":")).replace('},{"shape"', '},\n{"shape"') + "\n")


if __name__ == "__main__":
    main()
