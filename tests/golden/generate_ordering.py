#!/usr/bin/env python3
"""Writes ordering.json: what PyTorch's scans, sorts, selections and counts give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_ordering.py
Deterministic: the file changes only when PyTorch's results do. tests/core/ordering_golden_test.cpp runs
the same cases. A case is an operation with integer arguments on an input, of which a view is taken first.
Infinities and NaNs are written as the strings "inf", "-inf" and "nan".
"""
import json
import math
import pathlib

import torch

nan, inf = math.nan, math.inf
torch.manual_seed(0)


def name(dtype):
    return str(dtype).replace("torch.", "")


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def flat(tensor):
    values = tensor.detach().flatten().tolist()
    return [number(v) for v in values] if tensor.dtype.is_floating_point else [int(v) for v in values]


def quarters(shape, scale=8):
    """Few different numbers that every floating type holds, with ties."""
    return (torch.randint(-scale, scale + 1, shape) / 4).double()


def inputs():
    special = quarters((3, 7))
    special.view(-1)[[0, 8, 9, 17]] = nan
    special.view(-1)[[1, 12]] = inf
    special.view(-1)[[2, 10]] = -inf
    special[2, 5:7] = torch.tensor([0.0, -0.0])
    zeros = quarters((4, 5))
    zeros[0, 2] = zeros[1, 0] = zeros[2, 4] = zeros[3, 1] = zeros[3, 3] = 0
    extremes = torch.tensor([[2**63 - 1, -2**63, 0, 5], [-1, 2**63 - 1, 5, -2**63]])
    distinct = (torch.randperm(24).double() / 4 - 3).view(2, 3, 4)
    result = {
        "ties": quarters((3, 4, 2)), "matrix": quarters((5, 6)), "special": special, "zeros": zeros,
        "distinct": distinct, "tiny": torch.tensor([5e-324, 0.0, -5e-324, 1e-310]).double(),
        "single": torch.tensor([2.5]).double(), "scalar": torch.tensor(-1.5).double(),
        "empty": torch.zeros(0).double(), "hollow": torch.zeros(3, 0, 2).double(),
        "long": (torch.randint(-90, 90, (150,)) / 4).double(),
        "float32": quarters((4, 6)).float(), "float16": quarters((4, 6)).half(),
        "bfloat16": quarters((4, 6)).bfloat16(), "int64": extremes,
        "int32": torch.randint(-9, 9, (4, 6)).int(), "int16": torch.randint(-9, 9, (4, 6)).short(),
        "int8": torch.tensor([[127, -128, 3, 3], [0, -1, 127, -128]]).to(torch.int8),
        "uint8": torch.randint(0, 256, (4, 6)).to(torch.uint8), "bool": torch.rand(4, 6) > 0.5,
        "counted": torch.tensor([3, 1, 1, 7, 0, 3, 3]), "single_count": torch.tensor([2]), "none": torch.zeros(0).long(),
        "rows": torch.tensor([[2, 1, 2], [0, 3, 1], [2, 1, 2], [0, 3, 0], [0, 3, 1]]),
    }
    return result


VIEWS = {
    "whole": lambda x: x,
    "transposed": lambda x: x.transpose(0, -1),
    "sliced": lambda x: x[..., 1::2],
    "expanded": lambda x: x[:1].expand(x.shape),
}


def weights_of(y):
    return ((torch.arange(y.numel()) * 7 % 11 - 5) / 4).to(y.dtype).view(y.shape)


def mask_of(x):
    return (torch.arange(x.numel()) * 5 % 7 < 3).view(x.shape)


# Each takes the input and its arguments; gives what is compared. The order of equals is left open by
# topk, kthvalue and median, whose indices are checked by what lies there.
OPS = {
    "cumsum": lambda x, d: [x.cumsum(d)],
    "cumprod": lambda x, d: [x.cumprod(d)],
    "logcumsumexp": lambda x, d: [x.logcumsumexp(d)],
    "cummax": lambda x, d: list(x.cummax(d)),
    "cummin": lambda x, d: list(x.cummin(d)),
    "sort": lambda x, d, down: list(x.sort(dim=d, descending=bool(down), stable=True)),
    "topk": lambda x, k, d, largest: [x.topk(k, d, bool(largest)).values],
    "kthvalue": lambda x, k, d: [x.kthvalue(k, d).values],
    "median": lambda x: [x.median()],
    "median_dim": lambda x, d, keepdim: [x.median(d, bool(keepdim)).values],
    "nanmedian": lambda x: [x.nanmedian()],
    "nanmedian_dim": lambda x, d: [x.nanmedian(d).values],
    "mode": lambda x, d, keepdim: list(x.mode(d, bool(keepdim))),
    "nonzero": lambda x: [x.nonzero()],
    "masked_select": lambda x: [x.masked_select(mask_of(x))],
    "masked_select_broadcast": lambda x: [x.masked_select(mask_of(x[0]))],
    "unique": lambda x: list(x.unique(return_inverse=True, return_counts=True)),
    "unique_dim": lambda x, d: list(x.unique(return_inverse=True, return_counts=True, dim=d)),
    "unique_consecutive": lambda x: list(x.unique_consecutive(True, True)),
    "unique_consecutive_dim": lambda x, d: list(x.unique_consecutive(True, True, d)),
    "histc": lambda x, bins, low, high: [x.histc(bins, low, high)],
    "bincount": lambda x, least: [x.bincount(minlength=least)],
    "bincount_weights": lambda x, least: [x.bincount(weights_of(x.double()), least)],
    "bincount_floats": lambda x, least: [x.bincount(weights_of(x.float()), least)],
    "searchsorted": lambda x, right: [torch.searchsorted(x.sort(-1).values, x.contiguous(), right=bool(right))],
    "searchsorted_sorter": lambda x: [torch.searchsorted(x.contiguous(), x.contiguous(), sorter=x.argsort(-1))],
    "bucketize": lambda x, right: [torch.bucketize(x, x.flatten().unique(), out_int32=True, right=bool(right))],
}
# Those that PyTorch differentiates, and sums of whose first outputs are.
SMOOTH = {"cumsum", "cumprod", "logcumsumexp", "cummax", "cummin", "sort", "topk", "kthvalue", "median",
          "median_dim", "nanmedian", "nanmedian_dim", "mode", "masked_select", "masked_select_broadcast"}
# Where PyTorch gives a gradient to another one of equals than the first.
TIES_DIFFER = {"topk", "kthvalue", "median_dim", "nanmedian_dim"}
# Gradients that PyTorch 1.13 gets wrong: masked_select's of a transposed tensor lie in memory's order, and
# cumprod's are divided by elements, so that one NaN or infinity makes others NaN.
WRONG = {("masked_select", "transposed"), ("masked_select_broadcast", "transposed"), ("cumprod", "special")}


def calls():
    everything = ["ties", "matrix", "special", "zeros", "distinct", "tiny", "single", "scalar", "empty", "hollow",
                  "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    for op in ("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"):
        for x in everything:
            yield op, x, "whole", [-1]
            yield op, x, "whole", [0]
        for view in ("transposed", "sliced", "expanded"):
            yield op, "ties", view, [1]
            yield op, "matrix", view, [0]
    yield from ((op, "long", "whole", [0]) for op in ("cumsum", "cummax", "cummin"))
    for down in (0, 1):
        yield from (("sort", x, "whole", [-1, down]) for x in everything)
        yield from (("sort", "ties", view, [d, down]) for view in VIEWS for d in (0, 1, 2))
        yield "sort", "long", "whole", [0, down]
    for x in ("matrix", "special", "distinct", "float32", "int64", "int8", "uint8", "single"):
        for largest in (0, 1):
            yield "topk", x, "whole", [1, -1, largest]
            yield from (("topk", x, "whole", [k, 0, largest]) for k in (0, 2) if x != "single")
        yield "kthvalue", x, "whole", [1, -1]
    yield "topk", "scalar", "whole", [1, 0, 1]
    yield "topk", "distinct", "transposed", [3, 1, 0]
    yield "kthvalue", "distinct", "transposed", [2, 1]
    yield "kthvalue", "distinct", "sliced", [3, 1]
    for x in ("matrix", "special", "distinct", "single", "scalar", "empty", "float32", "int64", "int32", "uint8"):
        yield "median", x, "whole", []
        yield "nanmedian", x, "whole", []
        if x != "empty":
            yield from (("median_dim", x, "whole", [d, keepdim]) for d in (0, -1) for keepdim in (0, 1))
            yield "nanmedian_dim", x, "whole", [-1]
    yield "median_dim", "distinct", "transposed", [1, 0]
    for x in everything:
        if x != "special":  # PyTorch's place of a NaN among others is arbitrary
            yield from (("mode", x, "whole", [d, keepdim]) for d in (0, -1) for keepdim in (0, 1))
    for view in VIEWS:
        yield "mode", "ties", view, [1, 0]
    yield "mode", "long", "whole", [0, 0]
    for x in everything:
        yield "nonzero", x, "whole", []
        yield "masked_select", x, "whole", []
    for view in VIEWS:
        yield "nonzero", "zeros", view, []
        yield "masked_select", "matrix", view, []
        yield "masked_select_broadcast", "ties", view, []
    for x in ("ties", "matrix", "zeros", "single", "scalar", "empty", "float32", "int64", "uint8", "bool", "long"):
        yield "unique", x, "whole", []
        yield "unique_consecutive", x, "whole", []
    yield "unique", "ties", "transposed", []
    for d in (0, 1):
        yield from (("unique_dim", x, "whole", [d]) for x in ("rows", "bool", "ties", "int8"))
        yield "unique_dim", "ties", "expanded", [d]
        yield from (("unique_consecutive_dim", x, "whole", [d]) for x in ("rows", "bool"))
    for x in ("matrix", "distinct", "float32", "long", "single", "empty"):
        yield from (("histc", x, "whole", args) for args in ([4, -1, 2], [7, 0, 0], [100, -2, 2]))
    yield "histc", "matrix", "transposed", [5, 0, 0]
    for x in ("counted", "none", "uint8"):
        weighted = () if x == "none" else ("bincount_weights", "bincount_floats")  # there in int64
        for op in ("bincount", *weighted):
            yield from ((op, x, "flat" if x == "uint8" else "whole", [least]) for least in (0, 10))
    for x in ("matrix", "distinct", "special", "float32", "int64", "int32", "int16", "int8", "uint8", "single"):
        yield from (("searchsorted", x, "whole", [right]) for right in (0, 1))
        if x != "special":
            yield "bucketize", x, "whole", [1]
    yield "searchsorted_sorter", "matrix", "whole", []
    yield "bucketize", "matrix", "transposed", [0]


def more_calls():
    """Views, sizes and edges that calls() leaves out. (PyTorch 1.13's histc counts NaN in the first bin.)"""
    for view in ("transposed", "sliced", "expanded"):
        yield "topk", "ties", view, [2, 0, 1]
        yield "kthvalue", "ties", view, [2, 1]
        for op in ("median_dim", "nanmedian_dim"):
            yield op, "ties", view, [1, 0] if op == "median_dim" else [1]
        for op in ("median", "nanmedian", "unique", "unique_consecutive"):
            yield op, "matrix", view, []
        yield "unique_dim", "rows", view, [0]
        yield "histc", "matrix", view, [5, 0, 0]
        yield "searchsorted", "matrix", view, [1]
        yield "bucketize", "matrix", view, [0]
    for view in ("sliced", "expanded"):
        yield "bincount", "counted", view, [0]
    yield from (("topk", x, "whole", [0, 0, 1]) for x in ("empty", "hollow"))
    yield from (("topk", x, "whole", [2, -1, 0]) for x in ("bool", "int16", "int32", "float16", "bfloat16", "zeros"))
    yield from (("kthvalue", x, "whole", [3, -1]) for x in ("bool", "int16", "int32", "int8", "float16", "bfloat16"))
    yield from ((op, x, "whole", []) for op in ("median", "nanmedian") for x in ("int16", "int8", "tiny"))
    yield from ((op, x, "whole", []) for op in ("unique", "unique_consecutive")
                for x in ("int16", "int32", "int8", "tiny"))
    yield "unique_consecutive", "special", "whole", []  # PyTorch 1.13's unique does not sort beside NaN
    yield "searchsorted", "empty", "whole", [0]
    yield "bucketize", "empty", "whole", [0]
    yield from (("bincount", x, "flat", [0]) for x in ("uint8", "single_count"))


def main():
    views = dict(VIEWS, flat=lambda x: x.flatten())
    given, cases, unknown = inputs(), [], []
    for op, x, view, args in (*calls(), *more_calls()):
        leaf = given[x].clone()
        smooth = op in SMOOTH and leaf.dtype == torch.float64
        if smooth:
            leaf.requires_grad_()
        try:
            outputs = OPS[op](views[view](leaf), *args)
        except (RuntimeError, IndexError) as error:
            unknown.append(f"{op} {x} {args}: {str(error).splitlines()[0]}")
            continue
        case = {"op": op, "x": x, "view": view, "args": args,
                "out": [{"dtype": name(y.dtype), "shape": list(y.shape), "values": flat(y)} for y in outputs]}
        if not WRONG.isdisjoint({(op, x), (op, view)}):
            smooth = False
        if smooth and (op not in TIES_DIFFER or x in ("distinct", "single", "scalar")):
            (outputs[0] * weights_of(outputs[0])).sum().backward()
            case["gradient"] = flat(leaf.grad)
        cases.append(case)
    print("PyTorch does not know:", *unknown, sep="\n  ")
    golden = {"made_by": "tests/golden/generate_ordering.py, PyTorch " + torch.__version__,
              "inputs": {k: {"dtype": name(v.dtype), "shape": list(v.shape), "values": flat(v)}
                         for k, v in given.items()},
              "cases": cases}
    path = pathlib.Path(__file__).with_name("ordering.json")
    text = json.dumps(golden, separators=(",", ":"), allow_nan=False)
    path.write_text(text.replace("},{", "},\n{") + "\n")


if __name__ == "__main__":
    main()
