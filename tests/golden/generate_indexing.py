#!/usr/bin/env python3
"""Writes indexing.json: what PyTorch's views, indexing and writes to views give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_indexing.py
Deterministic: the file changes only when PyTorch's results do. tests/core/indexing_golden_test.cpp and
tests/core/view_writes_test.cpp run the same cases by their names.

Every input is filled(shape), every weight of a result weights(shape): quarters and halves, whose sums
and products are exact in every floating type that is tested, so results are compared for equality. The
layout "edges" has NaN, infinities, zeros and subnormal numbers in their place.
"""
import json
import math
import pathlib

import torch
from torch import tensor


def filled(shape, seed=0):
    n = torch.Size(shape).numel()
    return ((torch.arange(n) * 37 + seed * 5) % 23 - 11).double().reshape(shape) / 4


def weights(shape):
    n = torch.Size(shape).numel()
    return (((torch.arange(n) * 17) % 13) - 6).double().reshape(shape) / 2


EDGES = [math.nan, math.inf, -math.inf, -0.0, 5e-324, -1e-310, 1.75, 2.0**1022]


def edges(shape):
    n = torch.Size(shape).numel()
    return torch.tensor([EDGES[i % 8] for i in range(n)], dtype=torch.float64).reshape(shape)


LAYOUTS = {
    "edges": edges,
    "contiguous": lambda shape: filled(shape),
    "transposed": lambda shape: filled(shape[::-1]).permute(*range(len(shape))[::-1]),
    "sliced": lambda shape: filled(shape[:-1] + [2 * shape[-1] + 1])[..., 1::2],
    "expanded": lambda shape: filled([1] + shape[1:]).expand(shape),
}

I = [[0, 2, 1, 1], [2, 0, 0, 1]]
MASK = [[True, False, True, True], [False, False, True, False], [True, False, False, True]]

# name: (shape, function of x)
VIEWS = {
    "split": ([5, 3], lambda x: torch.cat([p * (i + 1) for i, p in enumerate(x.split(2))])),
    "split_sizes": ([2, 6], lambda x: torch.cat([p * (i + 1) for i, p in enumerate(x.split([1, 0, 3, 2], 1))], 1)),
    "chunk": ([7, 2], lambda x: torch.cat([p * (i + 1) for i, p in enumerate(x.chunk(3))])),
    "tensor_split": ([7, 2], lambda x: torch.cat([p * (i + 1) for i, p in enumerate(x.tensor_split(3))])),
    "tensor_split_at": ([2, 7], lambda x: torch.cat([p * (i + 1) for i, p in enumerate(x.tensor_split((2, 5, 9), 1))], 1)),
    "unbind": ([3, 4], lambda x: x.unbind(1)[2] * 2 + x.unbind(1)[0]),
    "diagonal": ([4, 4], lambda x: x.diagonal()),
    "diagonal_above": ([3, 5], lambda x: x.diagonal(2)),
    "diagonal_below": ([3, 2, 4], lambda x: x.diagonal(-1, 0, 2)),
    "diagonal_none": ([3, 2], lambda x: x.diagonal(5)),
    "diag_vector": ([3], lambda x: x.diag(1)),
    "diag_matrix": ([3, 4], lambda x: x.diag(-1)),
    "diag_embed": ([2, 3], lambda x: torch.diag_embed(x, -1, 0, 2)),
    "unfold": ([7], lambda x: x.unfold(0, 3, 1)),
    "unfold_steps": ([2, 8, 3], lambda x: x.unfold(1, 3, 2)),
    "unfold_gaps": ([2, 8], lambda x: x.unfold(-1, 2, 3)),
    "movedim": ([2, 3, 4], lambda x: x.movedim(0, -1)),
    "movedim_lists": ([2, 3, 4, 5], lambda x: x.movedim((3, 0), (0, 1))),
    "swapaxes": ([2, 3, 4], lambda x: x.swapaxes(0, 2)),
    "as_strided": ([3, 4], lambda x: x.as_strided((2, 2), (4, 2), 1)),
    "as_strided_overlap": ([3, 4], lambda x: x.as_strided((3, 3), (1, 2), 2)),
    "as_strided_of_slice": ([3, 6], lambda x: x[1:, 2:].as_strided((2, 3), (2, 2), 4)),
    "unflatten": ([2, 6], lambda x: x.unflatten(1, (2, -1))),
    "squeeze_all": ([1, 3, 1], lambda x: x.squeeze()),
    "T": ([2, 3], lambda x: x.T),
    "mT": ([2, 3, 4], lambda x: x.mT),
    "ravel": ([2, 3], lambda x: x.ravel()),
    "atleast_3d": ([2, 3], lambda x: torch.atleast_3d(x)),
    "atleast_2d": ([3], lambda x: torch.atleast_2d(x)),
    "split_empty": ([0, 3], lambda x: torch.cat([p * (i + 1) for i, p in enumerate(x.split(2))])),
    "diagonal_empty": ([0, 3], lambda x: x.diagonal(1)),
    "unfold_single": ([1], lambda x: x.unfold(0, 1, 1)),
    "broadcast_to": ([3, 1], lambda x: x.broadcast_to((2, 3, 4))),
    "view": ([2, 6], lambda x: x.view(2, 3, 2, 1)),
    "reshape": ([2, 6], lambda x: x.reshape(3, -1)),
    "flatten": ([2, 3, 2], lambda x: x.flatten(1)),
    "transpose": ([2, 3, 4], lambda x: x.transpose(0, -1)),
    "t": ([2, 3], lambda x: x.t()),
    "permute": ([2, 3, 4], lambda x: x.permute(2, 0, 1)),
    "swapdims": ([2, 3, 4], lambda x: x.swapdims(1, 2)),
    "moveaxis": ([2, 3, 4], lambda x: x.moveaxis(0, 2)),
    "unsqueeze": ([2, 3], lambda x: x.unsqueeze(-1)),
    "expand": ([2, 1], lambda x: x.expand(3, -1, 4)),
    "view_as": ([2, 6], lambda x: x.view_as(torch.zeros(2, 2, 3))),
    "reshape_as": ([2, 6], lambda x: x.reshape_as(torch.zeros(4, 3))),
    "expand_as": ([2, 1], lambda x: x.expand_as(torch.zeros(2, 2, 3))),
    "atleast_1d": ([2, 3], lambda x: torch.atleast_1d(x)),
    "select": ([3, 4], lambda x: x.select(1, -2)),
    "narrow": ([3, 4], lambda x: x.narrow(1, 1, 2)),
    "slice": ([3, 7], lambda x: x[:, 1:6:2]),
    "broadcast_tensors": ([2, 1], lambda x: torch.broadcast_tensors(filled([3, 1, 4]), x)[1]),
    "contiguous": ([2, 3], lambda x: x.t().contiguous()),
    "clone": ([2, 3], lambda x: x.clone()),
}

# More shapes for some of the functions: without elements, and with one.
SIZES = {
    "split": [[1, 1]], "chunk": [[0, 2], [1, 1]], "tensor_split": [[0, 2], [1, 1]], "unbind": [[0, 4]],
    "diagonal": [[1, 1]], "diag_vector": [[0], [1]], "diag_embed": [[1, 0], [1, 1]], "unfold_steps": [[0, 8, 3]],
    "movedim": [[0, 2, 3], [1, 1, 1]], "swapaxes": [[0, 2, 3], [1, 1, 1]], "unflatten": [[0, 6]],
    "squeeze_all": [[0, 1], [1, 1]], "T": [[0, 2], [1, 1]], "mT": [[2, 0, 1], [1, 1, 1]], "ravel": [[2, 0], [1, 1], []],
    "atleast_1d": [[], [0]], "atleast_2d": [[], [0], [2, 3]], "atleast_3d": [[], [0], [2, 3, 4]],
    "broadcast_to": [[1, 1]], "reshape": [[0, 6], [3, 1]], "flatten": [[0, 3, 2], [1, 1, 1]],
    "transpose": [[0, 2], [1, 1]], "t": [[2, 0], [1, 1], [3]], "permute": [[2, 0, 1], [1, 1, 1]],
    "swapdims": [[2, 0, 1], [1, 1, 1]], "moveaxis": [[2, 0, 1], [1, 1, 1]], "unsqueeze": [[0], [1], []], "expand": [[0, 1], [1, 1]], "expand_as": [[1, 1]],
    "select": [[0, 4], [1, 2]], "narrow": [[0, 4], [1, 3]], "slice": [[0, 7], [2, 1]],
    "broadcast_tensors": [[0, 1], [1, 1]], "contiguous": [[0, 2], [1, 1]], "clone": [[0], []],
    "index_select": [[0, 4]], "take_along_dim": [[3, 4]], "slices": [[0, 6], [2, 1]], "tensor": [[3, 0]],
    "mask_rows": [[3, 0]], "none_ellipsis": [[0, 1], [2]], "int": [[1], [1, 0]],
}

INDEX = {
    "int": ([3, 4], lambda x: x[-1]),
    "slices": ([5, 6], lambda x: x[1:4, ::2]),
    "slice_negative": ([5, 6], lambda x: x[-3:-1, -100:3]),
    "none_ellipsis": ([2, 3, 4], lambda x: x[None, ..., 1:3]),
    "ellipsis_int": ([2, 3, 4], lambda x: x[..., 2]),
    "tensor": ([3, 4], lambda x: x[tensor([2, 0, 0])]),
    "tensor_2d": ([3, 4], lambda x: x[tensor(I)]),
    "tensor_negative": ([3, 4], lambda x: x[:, tensor([-1, 0, -4])]),
    "pairs": ([3, 4], lambda x: x[tensor([0, 2, 2]), tensor([1, 3, 1])]),
    "broadcast": ([3, 4, 2], lambda x: x[tensor([[0], [2]]), tensor([1, 3, 0])]),
    "middle": ([2, 3, 4, 2], lambda x: x[:, tensor([0, 2]), tensor([1, 3])]),
    "apart": ([2, 3, 4], lambda x: x[tensor([0, 1, 1]), :, tensor([3, 0, 1])]),
    "apart_int": ([2, 3, 4], lambda x: x[1, :, tensor([3, 0, 1])]),
    "apart_none": ([3, 4], lambda x: x[tensor([0, 1]), None, tensor([3, 0])]),
    "with_slice": ([4, 5, 3], lambda x: x[1:, tensor([0, 4, 4])]),
    "zero_dim": ([3, 4], lambda x: x[tensor(2)]),
    "mask": ([3, 4], lambda x: x[tensor(MASK)]),
    "mask_rows": ([3, 4], lambda x: x[tensor([True, False, True])]),
    "mask_columns": ([2, 3, 4], lambda x: x[:, tensor(MASK)]),
    "mask_and_tensor": ([3, 4], lambda x: x[tensor([True, False, True]), tensor([1, 3])]),
    "mask_none_set": ([3, 4], lambda x: x[tensor([False, False, False])]),
    "true": ([3, 2], lambda x: x[True]),
    "false": ([3, 2], lambda x: x[False]),
    "of_empty": ([0, 4], lambda x: x[:, tensor([1, 0])]),
    "empty": ([3, 4], lambda x: x[torch.zeros(0, dtype=torch.int64)]),
}

OPS = {
    "gather0": ([3, 4], lambda x: x.gather(0, tensor(I))),
    "gather1": ([3, 4], lambda x: x.gather(1, tensor([[0, 3, 3, 1, 2]]))),
    "gather_empty": ([0, 4], lambda x: x.gather(0, torch.zeros(0, 2, dtype=torch.int64))),
    "index_select_single": ([1], lambda x: x.index_select(0, tensor([0, 0]))),
    "index_select": ([3, 4], lambda x: x.index_select(1, tensor([3, 0, 0, 1]))),
    "index_select0": ([3, 4], lambda x: x.index_select(0, tensor([], dtype=torch.int64))),
    "gather_single": ([1], lambda x: x.gather(0, tensor([0, 0]))),
    "take_single": ([], lambda x: x.take(tensor([0, -1]))),
    "take_none": ([3, 4], lambda x: x.take(torch.zeros(0, 2, dtype=torch.int64))),
    "take": ([3, 4], lambda x: x.take(tensor([[0, -1], [5, 5]]))),
    "take_along_dim_single": ([1], lambda x: torch.take_along_dim(x, tensor([0]), 0)),
    "take_along_dim_none": ([0, 4], lambda x: torch.take_along_dim(x, torch.zeros(0, 1, dtype=torch.int64), 1)),
    "take_along_dim": ([3, 4], lambda x: torch.take_along_dim(x, tensor([[1], [0], [3]]), 1)),
    "take_along_flat": ([3, 4], lambda x: torch.take_along_dim(x, tensor([[1, 11], [0, 0]]))),
}

# name: (shape of x, shape of y, function of both); the index never names one place twice where that
# would leave PyTorch's result open.
PAIRS = {
    "scatter": ([3, 4], [2, 4], lambda x, y: x.scatter(0, tensor([[0, 2, 1, 1], [2, 0, 0, 2]]), y)),
    "scatter_part": ([3, 4], [3, 4], lambda x, y: x.scatter(1, tensor([[3, 0], [1, 2]]), y[:2, :2])),
    "scatter_none": ([3, 4], [0, 4], lambda x, y: x.scatter(0, torch.zeros(0, 4, dtype=torch.int64), y)),
    "scatter_single": ([1], [1], lambda x, y: x.scatter(0, tensor([0]), y)),
    "scatter_add_none": ([0, 4], [0, 4], lambda x, y: x.scatter_add(1, torch.zeros(0, 4, dtype=torch.int64), y)),
    "scatter_add_single": ([1], [3], lambda x, y: x.scatter_add(0, tensor([0, 0, 0]), y)),
    "scatter_add": ([3, 4], [2, 4], lambda x, y: x.scatter_add(0, tensor(I), y)),
    "scatter_add1": ([2, 3], [2, 6], lambda x, y: x.scatter_add(1, tensor([[0, 0, 1, 2, 0, 1], [2, 2, 2, 2, 0, 2]]), y)),
    **{"scatter_reduce_" + r: ([3, 4], [2, 4], lambda x, y, r=r: x.scatter_reduce(0, tensor(I), y, r))
       for r in ("sum", "prod", "mean", "amax", "amin")},
    # An eighth more, so that no value is that of an x that is left out: PyTorch counts it among the equals.
    **{"scatter_reduce_others_" + r: ([3, 4], [2, 3], lambda x, y, r=r: x.scatter_reduce(
        1, tensor([[3, 0, 3], [1, 1, 1]]), y + 0.125, r, include_self=False))
       for r in ("sum", "prod", "mean", "amax", "amin")},
    **{"index_reduce_" + r: ([3, 4], [5, 4], lambda x, y, r=r: x.index_reduce(0, tensor([2, 0, 2, 2, 1]), y, r))
       for r in ("prod", "mean", "amax", "amin")},
    **{"index_reduce_others_" + r: ([3, 4], [3, 3], lambda x, y, r=r: x.index_reduce(
        1, tensor([1, 1, 3]), y + 0.125, r, include_self=False)) for r in ("prod", "mean", "amax", "amin")},
    "index_add": ([3, 4], [5, 4], lambda x, y: x.index_add(0, tensor([2, 0, 2, 2, 1]), y, alpha=2)),
    "index_add_none": ([3, 4], [0, 4], lambda x, y: x.index_add(0, torch.zeros(0, dtype=torch.int64), y)),
    "index_add_single": ([1], [2], lambda x, y: x.index_add(0, tensor([0, 0]), y)),
    "index_copy_single": ([1], [1], lambda x, y: x.index_copy(0, tensor([0]), y)),
    "index_put_single": ([1], [], lambda x, y: x.index_put((tensor([0]),), y)),
    "masked_scatter_single": ([1], [1], lambda x, y: x.masked_scatter(tensor([True]), y)),
    "index_add1": ([3, 4], [3, 3], lambda x, y: x.index_add(1, tensor([1, 1, 3]), y)),
    "index_copy": ([3, 4], [2, 4], lambda x, y: x.index_copy(0, tensor([2, 0]), y)),
    "index_copy_none": ([3, 0], [2, 0], lambda x, y: x.index_copy(0, tensor([2, 0]), y)),
    "index_fill_none": ([0, 4], [], lambda x, y: x.index_fill(1, tensor([2, 0]), y)),
    "index_fill": ([3, 4], [], lambda x, y: x.index_fill(1, tensor([2, 0]), y)),
    "masked_fill": ([3, 4], [], lambda x, y: x.masked_fill(tensor(MASK), y)),
    "masked_fill_row": ([3, 4], [], lambda x, y: x.masked_fill(tensor([True, False, False, True]), y)),
    "masked_fill_none": ([0, 4], [], lambda x, y: x.masked_fill(tensor([True, False, False, True]), y)),
    "masked_scatter_none": ([3, 0], [2], lambda x, y: x.masked_scatter(torch.ones(3, 0, dtype=torch.bool), y)),
    "masked_scatter": ([3, 4], [9], lambda x, y: x.masked_scatter(tensor(MASK), y)),
    "put": ([3, 4], [3], lambda x, y: x.put(tensor([0, -1, 5]), y)),
    "put_none": ([3, 4], [0], lambda x, y: x.put(torch.zeros(0, dtype=torch.int64), y)),
    "put_single": ([1], [1], lambda x, y: x.put(tensor([0]), y)),
    "put_accumulate": ([3, 4], [4], lambda x, y: x.put(tensor([0, -1, 5, 0]), y, accumulate=True)),
    "index_put": ([3, 4], [3], lambda x, y: x.index_put((tensor([0, 2, 2]), tensor([1, 3, 1])), y)),
    "index_put_accumulate": ([3, 4], [4], lambda x, y: x.index_put((tensor([0, 2, 2, 0]), tensor([1, 3, 1, 1])), y, accumulate=True)),
    "index_put_rows": ([3, 4], [4], lambda x, y: x.index_put((tensor([0, 2]),), y)),
    "index_put_none": ([3, 0], [0], lambda x, y: x.index_put((tensor([0, 2]),), y)),
    "index_put_mask": ([3, 4], [6], lambda x, y: x.index_put((tensor(MASK),), y)),
    "index_put_slice": ([4, 5], [2], lambda x, y: put(x, (slice(1, 4), tensor([0, 3])), y)),
    "index_put_apart": ([2, 3, 4], [2, 3], lambda x, y: put(x, (tensor([0, 1]), slice(None), tensor([3, 0])), y)),
    "index_put_view": ([4, 5], [5], lambda x, y: put(x, (slice(1, 3),), y)),
}


def put(x, index, y):
    out = x.clone()
    out[index] = y
    return out


def programs():
    """Writes to views while recording: each starts from leaves x (3, 4) and y (4)."""
    def assign_row(x, y):
        h = x * 2
        h[1] = y
        return h * h

    def add_column(x, y):
        h = x * 2
        h[:, 0] += y[:3]
        return h * h

    def view_of_view(x, y):
        h = x * 2
        v = h[1:][:, 1:3]
        v *= y[:2]
        return h * h

    def transpose_then_slice(x, y):
        h = x * 2
        h.t()[1:3].mul_(y[:3])
        return h * h

    def diagonal(x, y):
        h = x * 2
        h.diagonal(1).add_(y[:3])
        return h * h

    def base_used_before(x, y):
        h = x * 2
        before = h + 1
        h[0] = y
        return before * 3 + h * h

    def view_used_after(x, y):
        h = x * 2
        v = h[2]
        v *= y
        return torch.cat([v * v, (h * 3).reshape(-1)])

    def two_views(x, y):
        h = x * 2
        a, b = h[0], h[:, 1]
        a += y
        b *= 3
        return torch.cat([a * 2, b * b, h.reshape(-1)])

    def older_view_sees_it(x, y):
        h = x * 2
        older = h[:, 1:]
        h[1] = y
        return torch.cat([(older * older).reshape(-1), h.reshape(-1)])

    def older_view_of_a_changed_base(x, y):
        h = x * 2
        older = h[1]
        h *= y
        return older * older

    def constant_base(x, y):
        h = torch.zeros(3, 4, dtype=x.dtype)
        older = h[2]
        h[0] = y
        h[1:] = x[1:] * 2
        return torch.cat([h.reshape(-1), older * older])

    def filled_region(x, y):
        h = x * 2
        h[:, 1:3] = 5
        h[0].zero_()
        return h * h + y

    def twice(x, y):
        h = x * 2
        h[1] = y
        h[1] *= y
        h[:, 0] = h[:, 1] * 2
        return h

    def detached(x, y):
        h = x * 2
        h.detach()[0] = 7
        return h * 3 + y

    def under_no_grad(x, y):
        h = x * 2
        with torch.no_grad():
            h[0] = 7
        return h * 3 + y

    def rows_in_a_loop(x, y):
        h = torch.zeros(3, 4, dtype=x.dtype)
        for i in range(3):
            h[i] = (h[i - 1] if i else 0) + x[i] * y
        return h

    def reshaped(x, y):
        h = x * 2
        h.view(2, 6)[1].mul_(3)
        h.view(-1)[2:6] += y
        return h * h

    def index_put(x, y):
        h = x * 2
        h[1:][torch.tensor([0, 1]), torch.tensor([3, 0])] = y[:2]
        return h * h

    def through_unfold(x, y):
        h = x * 2
        windows = h.unfold(1, 2, 1)
        h[0] = y
        return windows * windows

    return dict(locals())


def gradients(out, inputs):
    return torch.autograd.grad((out * weights(out.shape).to(out.dtype)).sum(), inputs, allow_unused=True)


def number(value):
    return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def flat(t):
    return [number(v) for v in t.detach().double().flatten().tolist()]


def case_of(name, layout, shape, f):
    x = LAYOUTS[layout](shape).detach().requires_grad_()
    out = f(x)
    case = {"name": name, "layout": layout, "shape": shape, "out_shape": list(out.shape),
            "out": flat(out), "gradient": flat(gradients(out, [x])[0])}
    if layout == "contiguous" and not out.is_contiguous() and out.numel():
        case["strides"] = list(out.stride())
    return case


def unary(table, layouts):
    cases = []
    for name, (shape, f) in table.items():
        for layout in layouts:
            strided = name in ("take_along_flat", "take", "take_none") or name.startswith("as_strided")
            if layout in ("transposed", "sliced", "expanded") and (strided or len(shape) < 2):
                continue
            cases.append(case_of(name, layout, shape, f))
        cases += [case_of(name, "contiguous", size, f) for size in SIZES.get(name, ())]
    return cases


def pairs():
    cases = []
    for name, (xs, ys, f) in PAIRS.items():
        for layout in LAYOUTS:
            if layout in ("sliced", "transposed") and len(xs) < 2:
                continue
            # PyTorch divides by factors and by the number of equals, and has NaN where ours are defined.
            if layout == "edges" and "_reduce_" in name:
                continue
            x, y = LAYOUTS[layout](xs).detach().requires_grad_(), filled(ys, 1).requires_grad_()
            out = f(x, y)
            dx, dy = gradients(out, [x, y])
            cases.append({"name": name, "layout": layout, "shapes": [xs, ys], "out": flat(out),
                          "gradients": [flat(dx), flat(dy)]})
    return cases


def view_writes():
    cases = []
    for name, f in programs().items():
        x, y = filled([3, 4]).requires_grad_(), filled([4], 1).requires_grad_()
        out = f(x, y)
        dx, dy = gradients(out, [x, y])
        zero = [0.0]
        cases.append({"name": name, "out": flat(out), "dx": flat(dx) if dx is not None else zero * 12,
                      "dy": flat(dy) if dy is not None else zero * 4})
    return cases


def main():
    everything = {"views": unary(VIEWS, LAYOUTS), "index": unary(INDEX, LAYOUTS),
                  "ops": unary(OPS, LAYOUTS), "pairs": pairs(), "view_writes": view_writes()}
    path = pathlib.Path(__file__).with_name("indexing.json")
    dump = lambda c: json.dumps(c, separators=(",", ":"), allow_nan=False).replace(".0,", ",").replace(".0]", "]")
    lines = [json.dumps(k) + ": [\n" + ",\n".join(map(dump, v)) + "\n]" for k, v in everything.items()]
    path.write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
