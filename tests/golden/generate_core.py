#!/usr/bin/env python3
"""Writes core.json: what PyTorch's tensor operations, generator and printing give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_core.py
Deterministic: the file changes only when PyTorch's results do. tests/core/golden_*_test.cpp run the
same cases. Infinities and NaNs are written as the strings "inf", "-inf" and "nan".
"""
import itertools
import json
import math
import pathlib

import torch
import torch.nn.functional as F

DTYPES = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16,
          "bfloat16": torch.bfloat16, "int64": torch.int64, "int32": torch.int32,
          "int16": torch.int16, "int8": torch.int8, "uint8": torch.uint8, "bool": torch.bool}


def name(dtype):
    return str(dtype).replace("torch.", "")


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def flat(tensor):
    return [number(v) for v in tensor.detach().double().flatten().tolist()]


def bits(tensor):
    """The elements' bit patterns as signed integers."""
    as_int = torch.int32 if tensor.dtype == torch.float32 else torch.int64
    return tensor.contiguous().view(as_int).flatten().tolist()


def promotion():
    cases = []
    for (a, x), (b, y) in itertools.product(DTYPES.items(), DTYPES.items()):
        for ranks in itertools.product((0, 1), (0, 1)):
            left, right = torch.ones([1] * ranks[0], dtype=x), torch.ones([1] * ranks[1], dtype=y)
            cases.append([a, ranks[0], b, ranks[1], name((left + right).dtype),
                          name((left / right).dtype)])
    scalars = []
    for (a, x), rank in itertools.product(DTYPES.items(), (0, 1)):
        tensor = torch.ones([1] * rank, dtype=x)
        scalars.append([a, rank] + [name((tensor + s).dtype) for s in (True, 1, 1.5)]
                       + [name((tensor / 2).dtype)])
    return {"tensors": cases, "scalars": scalars}


def matmul_shapes():
    shapes = [[], [3], [4], [2, 3], [3, 4], [3, 2], [5, 2, 3], [5, 3, 4], [1, 3, 4], [6, 1, 2, 3],
              [5, 3, 1], [6, 5, 3, 2], [0, 3], [3, 0], [2, 0], [0, 2, 3]]
    cases = []
    for a, b in itertools.product(shapes, shapes):
        try:
            out = list(torch.matmul(torch.ones(a), torch.ones(b)).shape)
        except RuntimeError:
            out = None
        cases.append([a, b, out])
    return cases


def values(shape, seed):
    torch.manual_seed(seed)
    return (torch.rand(shape) - 0.5).double()


def conv2d():
    cases = []
    options = [
        dict(x=(2, 3, 7, 6), w=(4, 3, 3, 3)), dict(x=(2, 3, 7, 6), w=(4, 3, 3, 3), padding=(1, 1)),
        dict(x=(1, 2, 9, 8), w=(2, 2, 3, 2), stride=(2, 3), padding=(2, 1)),
        dict(x=(1, 2, 9, 8), w=(2, 2, 3, 2), dilation=(2, 3), padding=(0, 2)),
        dict(x=(2, 4, 6, 5), w=(6, 2, 3, 3), groups=2, padding=(1, 1)),
        dict(x=(2, 4, 6, 5), w=(8, 1, 3, 3), groups=4, padding=(1, 1), stride=(2, 2)),
        dict(x=(1, 3, 4, 4), w=(2, 3, 1, 1), stride=(3, 3)),
        dict(x=(1, 1, 5, 5), w=(1, 1, 5, 5)), dict(x=(1, 1, 5, 5), w=(1, 1, 5, 5), padding=(4, 4)),
        dict(x=(0, 3, 5, 5), w=(2, 3, 3, 3)), dict(x=(1, 17, 5, 5), w=(33, 17, 3, 3), padding=(1, 1)),
        dict(x=(1, 6, 7, 7), w=(6, 3, 2, 3), groups=2, stride=(2, 1), padding=(1, 2), dilation=(3, 2)),
        dict(x=(1, 1, 1, 1), w=(1, 1, 1, 1)), dict(x=(1, 2, 5, 4), w=(2, 2, 2, 2), edges=True),
    ]
    for o in options:
        x = values(o.pop("x"), 1)
        edges = o.pop("edges", False)
        if edges:
            x.view(-1)[3], x.view(-1)[19], x.view(-1)[24] = math.nan, math.inf, -math.inf
        x.requires_grad_()
        w = values(o.pop("w"), 2).requires_grad_()
        b = values(w.shape[:1], 3).requires_grad_()
        y = F.conv2d(x, w, b, **o)
        (y * values(y.shape, 4)).sum().backward()
        # The large case by sums alone, to keep the file small.
        small = x.numel() + w.numel() + y.numel() < 300
        pick = flat if small else lambda t: flat(t)[::37]
        cases.append({"x": list(x.shape), "w": list(w.shape), "every": 1 if small else 37, "edges": edges,
                      "stride": o.get("stride", (1, 1)), "padding": o.get("padding", (0, 0)),
                      "dilation": o.get("dilation", (1, 1)), "groups": o.get("groups", 1),
                      "shape": list(y.shape), "y": pick(y), "dx": pick(x.grad), "dw": pick(w.grad),
                      "db": pick(b.grad)})
    return cases


def max_pool2d():
    cases = []
    options = [
        dict(x=(2, 3, 6, 5), kernel=(2, 2)), dict(x=(1, 2, 7, 7), kernel=(3, 2), stride=(2, 1)),
        dict(x=(1, 2, 7, 6), kernel=(3, 3), stride=(2, 2), padding=(1, 1)),
        dict(x=(1, 2, 7, 6), kernel=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True),
        dict(x=(1, 1, 5, 5), kernel=(2, 2), stride=(2, 2), ceil_mode=True),
        dict(x=(1, 1, 5, 5), kernel=(2, 2), stride=(4, 4), padding=(1, 1), ceil_mode=True),
        dict(x=(1, 17, 9, 8), kernel=(2, 3), stride=(1, 2), dilation=(3, 2)),
        dict(x=(1, 1, 6, 6), kernel=(3, 3), stride=(1, 1), padding=(1, 1), ties=True),
        dict(x=(1, 1, 6, 6), kernel=(2, 2), nans=True), dict(x=(0, 3, 4, 4), kernel=(2, 2)),
        dict(x=(1, 2, 4, 4), kernel=(2, 2), stride=(2, 2), infinite=True),
        dict(x=(1, 1, 1, 1), kernel=(1, 1)),
    ]
    for o in options:
        x = values(o.pop("x"), 5)
        if o.pop("ties", False):
            x = (x * 4).round()
        if o.pop("nans", False):
            x.view(-1)[3::11] = math.nan
        if o.pop("infinite", False):
            x[:] = -math.inf
        x.requires_grad_()
        y = F.max_pool2d(x, o["kernel"], o.get("stride"), o.get("padding", 0), o.get("dilation", 1),
                         o.get("ceil_mode", False))
        (y * values(y.shape, 6)).sum().backward()
        weighted = values(y.shape, 6)
        cases.append({"x": list(x.shape), "values": flat(x), "kernel": o["kernel"],
                      "stride": o.get("stride", o["kernel"]), "padding": o.get("padding", (0, 0)),
                      "dilation": o.get("dilation", (1, 1)), "ceil_mode": o.get("ceil_mode", False),
                      "shape": list(y.shape), "y": flat(y), "dy": flat(weighted), "dx": flat(x.grad)})
    return cases


def conv2d_pool():
    cases = []
    options = [
        dict(x=(2, 3, 7, 6), w=(4, 3, 3, 3), padding=(1, 1)),
        dict(x=(2, 2, 6, 7), w=(3, 2, 2, 2), ties=True),
        dict(x=(1, 2, 9, 8), w=(2, 2, 3, 2), stride=(2, 1), padding=(2, 1)),
        dict(x=(2, 4, 8, 7), w=(6, 2, 3, 3), groups=2, dilation=(2, 1), padding=(1, 0)),
        dict(x=(1, 2, 8, 8), w=(2, 2, 1, 1), nans=True), dict(x=(0, 3, 5, 5), w=(2, 3, 3, 3)),
    ]
    for o, relu in itertools.product(options, (False, True)):
        settings = {k: v for k, v in o.items() if k not in ("x", "w", "ties", "nans")}
        inputs = [values(shape, seed) for seed, shape in enumerate((o["x"], o["w"], o["w"][:1]), 1)]
        if o.get("ties"):
            inputs = [(t * 4).round() for t in inputs]
        if o.get("nans"):
            inputs[0].flatten()[::7] = math.nan
        x, w, b = [t.requires_grad_() for t in inputs]
        c = F.conv2d(x, w, b, **settings)
        y = F.max_pool2d(c.relu() if relu else c, 2)
        dy = values(y.shape, 4)
        (y * dy).sum().backward()
        cases.append({"x": list(x.shape), "w": list(w.shape), "relu": relu,
                      "x_values": flat(x), "w_values": flat(w), "b_values": flat(b),
                      "stride": o.get("stride", (1, 1)), "padding": o.get("padding", (0, 0)),
                      "dilation": o.get("dilation", (1, 1)), "groups": o.get("groups", 1),
                      "shape": list(y.shape), "y": flat(y), "dy": flat(dy), "dx": flat(x.grad),
                      "dw": flat(w.grad), "db": flat(b.grad)})
    return cases


def cross_entropy():
    cases = []
    weight = torch.tensor([0.5, 2.0, 1.0, 0.25, 3.0], dtype=torch.float64)
    target = torch.tensor([0, 3, 1, 2, 4, 3, 1])
    for reduction, ignore, smoothing, weighted in itertools.product(
            ("mean", "sum", "none"), (-100, 1), (0.0, 0.1, 1.0), (False, True)):
        x = (values((7, 5), 7) * 6).requires_grad_()
        y = F.cross_entropy(x, target, weight if weighted else None, ignore_index=ignore,
                            label_smoothing=smoothing, reduction=reduction)
        (y * values(y.shape, 8)).sum().backward()
        cases.append({"reduction": reduction, "ignore_index": ignore, "label_smoothing": smoothing,
                      "weighted": weighted, "y": flat(y), "dx": flat(x.grad)})
    inf, nan = math.inf, math.nan
    x = torch.tensor([[1000.0, 999.0, -1000.0], [-1e30, 0.0, 1.0], [inf, 0.0, 1.0], [-inf, 0.0, 1.0], [-inf, 0.0, 1.0],
                      [nan, 0.0, 1.0], [5e-324, -0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    edge_target = torch.tensor([0, 1, 1, 2, 0, 2, 1])
    y = F.cross_entropy(x, edge_target, reduction="none")
    y.sum().backward()
    edges = {"x": flat(x), "target": edge_target.tolist(), "y": flat(y), "dx": flat(x.grad)}
    return {"weight": flat(weight), "target": target.tolist(), "edges": edges, "x": flat(values((7, 5), 7) * 6),
            "cases": cases, "empty_mean": flat(F.cross_entropy(torch.zeros(0, 3), torch.zeros(0).long())),
            "empty_sum": flat(F.cross_entropy(torch.zeros(0, 3), torch.zeros(0).long(), reduction="sum")),
            "all_ignored_mean": flat(F.cross_entropy(torch.zeros(2, 3), torch.tensor([1, 1]),
                                                     ignore_index=1))}


def softmax():
    inf, nan = math.inf, math.nan
    rows = [[1000.0, 999.0, -1000.0], [-1e30, 0.0, 1.0], [inf, 0.0, 1.0], [-inf, 0.0, 1.0],
            [-inf, -inf, -inf], [nan, 0.0, 1.0], [88.7, -88.7, 0.0], [1e-30, 0.0, -1e-30]]
    x = torch.tensor(rows)
    return {"x": flat(x), "softmax": flat(x.softmax(1)), "log_softmax": flat(x.log_softmax(1))}


def reductions():
    x = (values((3, 4, 5), 9) * 8).round()
    cases = []
    for dims in ([0], [1], [2], [-1], [0, 1], [0, 2], [2, 0], [-1, -3], [0, 1, 2], []):
        for keepdim in (False, True):
            cases.append({"dims": dims, "keepdim": keepdim, "shape": list(x.sum(dims, keepdim).shape),
                          "sum": flat(x.sum(dims, keepdim)), "mean": flat(x.mean(dims, keepdim))})
    arg = [{"dim": d, "keepdim": k, "shape": list(x.argmax(d, k).shape),
            "argmax": x.argmax(d, k).flatten().tolist()} for d in (0, 1, 2, -1, -2) for k in (False, True)]
    return {"x": flat(x), "cases": cases, "argmax": arg, "argmax_all": x.argmax().item()}


def generator():
    def stream(seed, draw):
        torch.manual_seed(seed)
        return draw()

    seeds = [0, 1, 1234567, 67280421310721, 2**40 + 5]
    torch.manual_seed(3)
    mixed = [flat(torch.randn(3)), flat(torch.rand(2)), flat(torch.randn(2)), flat(torch.randn(18)),
             torch.randint(0, 10, (4,)).tolist(), flat(torch.randn(1)), torch.randperm(5).tolist(),
             flat(torch.randn(1, dtype=torch.float64)), flat(torch.rand(1, dtype=torch.float64))]
    return {
        "uniform_float": [[s, stream(s, lambda: bits(torch.rand(9)))] for s in seeds],
        "uniform_double": [[s, stream(s, lambda: bits(torch.rand(5, dtype=torch.float64)))] for s in seeds],
        "uniform_float_range": stream(4, lambda: bits(torch.empty(9).uniform_(-2.5, 7.25))),
        "uniform_double_range": stream(4, lambda: bits(torch.empty(9).double().uniform_(-2.5, 7.25))),
        "normal_float": [[n, stream(5, lambda: flat(torch.randn(n)))] for n in (1, 2, 15, 16, 17, 31, 33)],
        "normal_double": [[n, stream(6, lambda: flat(torch.randn(n, dtype=torch.float64)))]
                          for n in (1, 2, 15, 16, 17, 31, 33)],
        "normal_scaled": stream(7, lambda: flat(torch.empty(20).normal_(2, 3))),
        "randint": [[lo, hi, stream(8, lambda: torch.randint(lo, hi, (8,)).tolist())]
                    for lo, hi in ((0, 2), (0, 10), (-5, 5), (0, 2**31), (0, 2**32 - 1), (0, 2**32),
                                   (-2**40, 2**50), (7, 8))],
        "randperm": [stream(9, lambda: torch.randperm(n).tolist()) for n in range(0, 21)],
        "mixed": mixed,
    }


def printing():
    torch.manual_seed(0)
    f, d, i64 = torch.float32, torch.float64, torch.int64

    def case(value, shape=None, dtype=f):
        tensor = torch.tensor(value, dtype=dtype)
        if shape is not None:
            tensor = tensor.reshape(shape)
        # grad_fn names and the prefix of dtypes are not promised.
        return {"dtype": name(dtype), "shape": list(tensor.shape),
                "values": [number(v) for v in tensor.flatten().tolist()]
                if dtype != torch.bool else tensor.flatten().int().tolist(),
                "text": str(tensor).replace("dtype=torch.", "dtype=")}

    inf, nan = math.inf, math.nan
    cases = [
        case(3.5), case(-2), case(0.0), case(True, dtype=torch.bool), case(7, dtype=i64),
        case([1.0, 2, 3]), case([1.5, -2.25, 3]), case([0.0, 0.0]), case([-0.0, 1.0]),
        case([1, 10, -100], dtype=i64), case([1, 2], dtype=torch.int32), case([255, 0], dtype=torch.uint8),
        case([True, False], dtype=torch.bool), case([True, True], dtype=torch.bool),
        case([1e-5, 1.0]), case([1e-5, 1e-5]), case([1e9, 1.0]), case([1e8, 5e7]), case([100000001.0]),
        case([1000.0, 1.0]), case([1001.0, 1.0]), case([1000.5, 1.0]), case([1001.5, 1.0]),
        case([1e-4, 1e-3]), case([9.9e-5, 1e-3]), case([0.1, 0.2, 1e20]),
        case([inf, 1.0]), case([-inf, 1.5]), case([nan, inf, -inf]), case([nan, 1e-9]), case([nan, 0.0]),
        case([1.5], dtype=d), case([1 / 3, 123.456], dtype=d), case([1e-300, 1.0], dtype=d),
        case([], (0,)), case([], (0,), i64), case([], (2, 0)), case([], (0, 3), d), case([], (0,), torch.bool),
        case([[1.0, 2.0], [3.0, 4.5]]), case(list(range(24)), (2, 3, 4), i64),
        case(list(range(16)), (2, 2, 2, 2), f), case([1.0] * 6, (1, 6, 1)),
        case([v / 7 for v in range(40)]), case(list(range(60)), dtype=i64),
        case([v / 7 for v in range(40)], (2, 20)), case([1e-5 * v for v in range(30)]),
        case([v % 2 for v in range(30)], (3, 10), torch.bool),
        case([v % 2 for v in range(30)], (30,), torch.bool),
        case(list(range(1000)), dtype=i64), case(list(range(1001)), dtype=i64),
        case(list(range(1200)), (3, 400), i64), case(list(range(1200)), (40, 30), i64),
        case([v / 3 for v in range(1200)], (10, 12, 10)), case(list(range(1001)), (7, 143), f),
        case([0.5] * 500 + [123456789.0] + [0.25] * 600), case([0.5] * 1104 + [1e-7], (1105,)),
        case([1.25] * 11, (11,), d), case([1.25] * 8, (8,), d),
        case([1.25] * 9, (9,), d), case([1] * 20, (20,), torch.int32),
        case([1] * 21, (21,), torch.int32), case([1] * 22, (22,), torch.int32),
    ]
    return cases


def arange():
    cases = []
    for start, end, step, dtype in (
            (0, 5, 1, "int64"), (5, 0, -2, "int64"), (0, 0, 1, "int64"),
            (-3, 4, 3, "int32"), (0, 1, 0.25, "float32"), (0, 1, 0.1, "float32"), (0, 1, 0.1, "float64"),
            (1, 2, 0.3, "float64"), (0.5, 4, 1, "float32"), (10, 0, -2.5, "float64"), (0, 7, 2, "uint8"),
            (2**53 + 1, 2**53 + 4, 1, "int64"), (0, 1e-3, 1e-4, "float32"), (-1, 1, 2, "float32")):
        out = torch.arange(start, end, step, dtype=DTYPES[dtype])
        cases.append({"start": start, "end": end, "step": step, "dtype": dtype,
                      "values": out.tolist()})
    return cases


def main():
    golden = {
        "made_by": "tests/golden/generate_core.py, PyTorch " + torch.__version__,
        "promotion": promotion(), "matmul_shapes": matmul_shapes(), "conv2d": conv2d(),
        "max_pool2d": max_pool2d(), "conv2d_pool": conv2d_pool(), "cross_entropy": cross_entropy(),
        "softmax": softmax(), "reductions": reductions(), "generator": generator(),
        "printing": printing(), "arange": arange(),
    }
    path = pathlib.Path(__file__).with_name("core.json")
    text = json.dumps(golden, separators=(",", ":"), allow_nan=False)
    path.write_text(text.replace("},{", "},\n{").replace('],"', '],\n"') + "\n")


if __name__ == "__main__":
    main()
