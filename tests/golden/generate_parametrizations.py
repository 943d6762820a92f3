#!/usr/bin/env python3
"""Writes parametrizations.json: what PyTorch's weight_norm and spectral_norm give in three training
steps and in evaluation, for fixed seeds.

Run with a Python that has torch (Debian: python3-torch): python3 generate_parametrizations.py
Deterministic: the file changes only when PyTorch's results do. tests/layers/parametrizations_test.cpp
draws the same numbers in the same order. Versions of PyTorch before 2 have weight_norm without
parametrizations: its g and v are stored under the names that they have since.
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils import weight_norm
from torch.nn.utils.parametrizations import spectral_norm

NAMES = {"weight_g": "parametrizations.weight.original0",
         "weight_v": "parametrizations.weight.original1"}


def flat(tensor):
    return [float(f"{v:.13g}") for v in tensor.detach().double().flatten().tolist()]


def named(pairs):
    return {NAMES.get(n, n): flat(t) for n, t in pairs}


def step(layer, shape):
    x = (torch.rand(shape) - 0.5).double().requires_grad_()
    layer.zero_grad()
    y = layer(x)
    (y * torch.rand(y.shape).double()).sum().backward()
    return {"output": flat(y), "input_grad": flat(x.grad),
            "parameter_grads": named((n, p.grad) for n, p in layer.named_parameters())}


def case(name, make, shape):
    torch.manual_seed(7)
    layer = make().double()
    printed = str(layer)
    steps = [step(layer, shape) for _ in range(3)]
    state = named(layer.state_dict().items())
    layer.eval()
    return {"name": name, "printed": printed, "shape": list(shape), "training": steps[-1],
            "state": state, "eval": step(layer, shape)}


def main():
    cases = [
        case("weight_norm_linear", lambda: weight_norm(nn.Linear(3, 4).double()), (2, 3)),
        case("weight_norm_linear_whole", lambda: weight_norm(nn.Linear(3, 4).double(), dim=None), (2, 3)),
        case("weight_norm_linear_columns", lambda: weight_norm(nn.Linear(3, 4).double(), dim=1), (2, 3)),
        case("weight_norm_conv2d", lambda: weight_norm(nn.Conv2d(2, 3, 2).double()), (2, 2, 3, 3)),
        case("spectral_norm_linear", lambda: spectral_norm(nn.Linear(3, 4)), (2, 3)),
        case("spectral_norm_conv2d",
             lambda: spectral_norm(nn.Conv2d(2, 3, 2, bias=False), n_power_iterations=2),
             (2, 2, 3, 3)),
        case("spectral_norm_conv_transpose1d",
             lambda: spectral_norm(nn.ConvTranspose1d(2, 3, 2)), (2, 2, 3)),
        case("spectral_norm_columns", lambda: spectral_norm(nn.Linear(3, 4), dim=1), (2, 3)),
    ]
    path = pathlib.Path(__file__).with_name("parametrizations.json")
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
