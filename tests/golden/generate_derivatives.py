#!/usr/bin/env python3
"""Writes derivatives.json: what torch.autograd.functional and gradients of gradients give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_derivatives.py
Deterministic: the file changes only when PyTorch's results do.
tests/core/functional_golden_test.cpp has the same functions under the same names.
"""
import json
import pathlib

import torch
import torch.nn.functional as F
from torch.autograd import functional as A

TARGET = torch.tensor([0, 2, 1, 2])
WEIGHT = torch.tensor([0.5, 2.0, 1.0], dtype=torch.float64)

# name: (function, shapes of the inputs); those of one element have second derivatives, too.
FUNCTIONS = {
    "exp": (lambda x: x.exp(), [(3,)]),
    "softmax": (lambda x: x.softmax(-1), [(2, 3)]),
    "two outputs": (lambda a, b: (a * b, a.sum() * b.exp()), [(3,), (3,)]),
    "partly independent": (lambda a, b: (a * 2, b * b), [(2,), (2,)]),
    "conv2d": (lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=1, groups=2),
               [(1, 2, 3, 3), (2, 1, 2, 2)]),
    "cubic": (lambda x: (x ** 3).sum(), [(3,)]),
    "bilinear": (lambda a, b: (a @ b).tanh().sum(), [(2, 2), (2, 2)]),
    "linear": (lambda x: (x * 2).sum(), [(3,)]),
    "network": (lambda x, w, v: F.linear(
        F.max_pool2d(F.conv2d(x, w, padding=1).relu(), 2).flatten(1), v).sigmoid().sum(),
        [(1, 1, 4, 4), (2, 1, 3, 3), (2, 8)]),
    "cross entropy": (lambda x: F.cross_entropy(x, TARGET, WEIGHT, ignore_index=1,
                                                label_smoothing=0.2), [(4, 3)]),
    "log softmax": (lambda x: (x.log_softmax(0) ** 2).sum(), [(3, 2)]),
}
SCALAR = ["cubic", "bilinear", "linear", "network", "cross entropy", "log softmax"]


def values(shape, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, dtype=torch.float64, generator=generator) * 2 - 1


def flat(tensor):
    return tensor.detach().double().flatten().tolist()


def listed(x):
    return list(x) if isinstance(x, tuple) else [x]


def penalty_gradients(function, inputs):
    """d Σ ‖d Σf²/d input‖² / d input: the double backward of a gradient penalty."""
    inputs = [x.clone().requires_grad_() for x in inputs]
    loss = sum((y ** 2).sum() for y in listed(function(*inputs)))
    first = torch.autograd.grad(loss, inputs, create_graph=True)
    penalty = sum((g ** 2).sum() for g in first)
    return [flat(g) for g in torch.autograd.grad(penalty, inputs)]


def case(name, function, shapes):
    inputs = tuple(values(s, 10 + i) for i, s in enumerate(shapes))
    along = tuple(values(s, 20 + i) for i, s in enumerate(shapes))
    outputs = listed(function(*inputs))
    back = tuple(values(y.shape, 30 + i) for i, y in enumerate(outputs))
    several = back if len(back) > 1 else back[0]
    found = {
        "shapes": [list(s) for s in shapes], "inputs": [flat(x) for x in inputs],
        "along": [flat(v) for v in along], "back": [flat(v) for v in back],
        "outputs": [flat(y) for y in outputs],
        "vjp": [flat(g) for g in listed(A.vjp(function, inputs, several)[1])],
        "jvp": [flat(g) for g in listed(A.jvp(function, inputs, along)[1])],
        "penalty": penalty_gradients(function, inputs),
    }
    if sum(x.numel() for x in inputs) <= 16:
        jacobian = A.jacobian(function, inputs)
        blocks = jacobian if len(outputs) > 1 else (jacobian,)
        found["jacobian"] = [[flat(j) for j in row] for row in blocks]
    if name in SCALAR:
        found["hvp"] = [flat(g) for g in A.hvp(function, inputs, along)[1]]
        found["vhp"] = [flat(g) for g in A.vhp(function, inputs, along)[1]]
        if sum(x.numel() for x in inputs) <= 16:
            found["hessian"] = [[flat(h) for h in row] for row in A.hessian(function, inputs)]
    return found


def main():
    cases = {name: case(name, *rest) for name, rest in FUNCTIONS.items()}
    path = pathlib.Path(__file__).with_name("derivatives.json")
    path.write_text(json.dumps(
        {"made_by": f"tests/golden/generate_derivatives.py, PyTorch {torch.__version__}",
         "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
