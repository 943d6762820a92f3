#!/usr/bin/env python3
"""Writes muon.json: whole trajectories of torch.optim.Muon and its momenta, in float32 and float64.

Run with a Python that has torch 2.9 or newer, which Debian's is not: python3 generate_muon.py
Deterministic. Values and gradients are the simple fractions of generate_optim.py, of parameters whose
singular values lie within a factor of 15: smaller ones are bfloat16's rounding, made large.
"""
import json
import pathlib

import torch

from generate_optim import pattern

STEPS = 6
SHAPES = [(3, 8), (8, 3), (3, 8), (2, 5), (1, 5)]

VARIANTS = [
    {},
    {"lr": 0.05, "weight_decay": 0.0, "momentum": 0.6},
    {"lr": 0.02, "nesterov": False, "weight_decay": 0.5},
    {"lr": 0.02, "adjust_lr_fn": "match_rms_adamw"},
    {"lr": 0.02, "adjust_lr_fn": "spectral_unclamped"},
    {"lr": 0.05, "ns_coefficients": [2.0, -1.5, 0.5], "ns_steps": 3},
    {"lr": 0.05, "eps": 4.0, "momentum": 0.0},
]


def trajectory(options, dtype):
    params = [pattern(p, None, shape, dtype).requires_grad_() for p, shape in enumerate(SHAPES)]
    optimizer = torch.optim.Muon(params, **options)
    values, worst = [], 1.0
    for s in range(STEPS):
        for p, param in enumerate(params):
            param.grad = pattern(p, s, SHAPES[p], dtype)
        optimizer.step()
        for param in params:
            singular = torch.linalg.svdvals(optimizer.state[param]["momentum_buffer"])
            worst = max(worst, float(singular[0] / singular[-1]))
        values += [value for param in params for value in param.detach().flatten().tolist()]
    assert worst < 15, worst
    momenta = [value for param in params
               for value in optimizer.state[param]["momentum_buffer"].flatten().tolist()]
    digits = 9 if dtype == torch.float32 else 17
    return {"values": [float(f"{value:.7g}") for value in values],  # compared as closely as bfloat16 allows
            "momenta": [float(f"{value:.{digits}g}") for value in momenta]}


def main():
    golden = {
        "made_by": "tests/golden/generate_muon.py, PyTorch " + torch.__version__,
        "steps": STEPS,
        "shapes": SHAPES,
        "variants": [{"options": options, "float32": trajectory(options, torch.float32),
                      "float64": trajectory(options, torch.float64)} for options in VARIANTS],
    }
    path = pathlib.Path(__file__).with_name("muon.json")
    path.write_text(json.dumps(golden, separators=(",", ":")).replace('},{"options"', '},\n{"options"') + "\n")


if __name__ == "__main__":
    main()
