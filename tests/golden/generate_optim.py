#!/usr/bin/env python3
"""Writes sgd.json: whole trajectories of torch.optim.SGD, every variant in float32 and float64.

Run with a Python that has torch (Debian: python3-torch): python3 generate_optim.py
Deterministic. Initial values and gradients are simple fractions that tests/optim/golden_test.cpp
computes for itself: parameter p, element i, step s (from 0), exact in float32:
  value = ((5 i + 3 p) mod 13 - 6) / 4        gradient = ((7 i + 5 p + 3 s) mod 11 - 5) / 8
"""
import json
import pathlib

import torch

STEPS = 20
SHAPES = [(1,), (2, 3)]

# name: one dict of options a group; what happens on the way
VARIANTS = {
    "plain": {"groups": [{"params": [0, 1], "lr": 0.1}]},
    "momentum": {"groups": [{"params": [0, 1], "lr": 0.1, "momentum": 0.9}]},
    "dampening": {"groups": [{"params": [0, 1], "lr": 0.1, "momentum": 0.9, "dampening": 0.3}]},
    "nesterov": {"groups": [{"params": [0, 1], "lr": 0.1, "momentum": 0.9, "nesterov": True}]},
    "weight_decay": {"groups": [{"params": [0, 1], "lr": 0.1, "weight_decay": 0.05}]},
    "maximize": {"groups": [{"params": [0, 1], "lr": 0.1, "maximize": True}]},
    "everything": {"groups": [{"params": [0, 1], "lr": 0.05, "momentum": 0.8, "nesterov": True,
                               "weight_decay": 0.1, "maximize": True}]},
    "dampening_weight_decay": {"groups": [{"params": [0, 1], "lr": 0.05, "momentum": 0.7,
                                           "dampening": 0.5, "weight_decay": 0.1}]},
    "groups": {"groups": [{"params": [1], "lr": 0.1, "momentum": 0.9},
                          {"params": [0], "lr": 0.02, "weight_decay": 0.1}]},
    "lr_changes": {"groups": [{"params": [0, 1], "lr": 0.1, "momentum": 0.9}],
                   "lr_at": {"5": 0.01, "12": 0.3}},
    "missing_gradient": {"groups": [{"params": [0, 1], "lr": 0.1, "momentum": 0.9}],
                         "without_gradient": [[0, 0], [0, 1], [7, 1], [8, 1], [15, 0]]},
    "momentum_begins_late": {"groups": [{"params": [0, 1], "lr": 0.1}], "momentum_at": {"6": 0.9}},
}


def pattern(p, s, shape, dtype):
    i = torch.arange(torch.Size(shape).numel())
    if s is None:
        values = ((5 * i + 3 * p) % 13 - 6).to(dtype) / 4
    else:
        values = ((7 * i + 5 * p + 3 * s) % 11 - 5).to(dtype) / 8
    return values.reshape(shape)


def trajectory(variant, dtype):
    params = [pattern(p, None, shape, dtype).requires_grad_() for p, shape in enumerate(SHAPES)]
    groups = [{**group, "params": [params[p] for p in group["params"]]}
              for group in variant["groups"]]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    without = variant.get("without_gradient", [])
    values = []
    for s in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = variant.get("lr_at", {}).get(str(s), group["lr"])
            group["momentum"] = variant.get("momentum_at", {}).get(str(s), group["momentum"])
        for p, param in enumerate(params):
            param.grad = None if [s, p] in without else pattern(p, s, SHAPES[p], dtype)
        optimizer.step()
        values += [value for param in params for value in param.detach().flatten().tolist()]
    digits = 9 if dtype == torch.float32 else 17
    return [float(f"{value:.{digits}g}") for value in values]


def main():
    golden = {
        "made_by": "tests/golden/generate_optim.py, PyTorch " + torch.__version__,
        "steps": STEPS,
        "shapes": SHAPES,
        "variants": [{"name": name, **variant,
                      "float32": trajectory(variant, torch.float32),
                      "float64": trajectory(variant, torch.float64)}
                     for name, variant in VARIANTS.items()],
    }
    path = pathlib.Path(__file__).with_name("sgd.json")
    path.write_text(json.dumps(golden, separators=(",", ":")).replace('},{"name"', '},\n{"name"')
                    + "\n")


if __name__ == "__main__":
    main()
