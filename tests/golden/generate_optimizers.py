#!/usr/bin/env python3
"""Writes optimizers.json: whole trajectories of every optimizer but SGD, in float32 and float64.

Run with a Python that has torch (Debian: python3-torch): python3 generate_optimizers.py
Deterministic. Values and gradients are the simple fractions of generate_optim.py. What PyTorch 1.13 lacks
(Lion, and decoupled weight decay in NAdam and RAdam) is computed in double by the formulas of the papers,
and so is all of NAdam: that version multiplies mu into the next product twice, which later ones mended.
"""
import json
import math
import pathlib

import torch

from generate_optim import pattern

STEPS = 10
SHAPES = [(1,), (2, 3)]

VARIANTS = {
    "Adam": [{}, {"lr": 0.05, "betas": [0.8, 0.9]}, {"weight_decay": 0.1}, {"amsgrad": True, "lr": 0.1, "betas": [0.5, 0.6]},
             {"maximize": True, "eps": 0.01, "amsgrad": True, "weight_decay": 0.2, "lr": 0.02}],
    "AdamW": [{}, {"lr": 0.05, "betas": [0.8, 0.9], "weight_decay": 0.3}, {"amsgrad": True, "maximize": True, "lr": 0.1}],
    "NAdam": [{}, {"lr": 0.05, "betas": [0.8, 0.9], "momentum_decay": 0.1}, {"weight_decay": 0.1},
              {"weight_decay": 0.1, "decoupled_weight_decay": True, "lr": 0.05}],
    "RAdam": [{}, {"lr": 0.05, "betas": [0.8, 0.9], "weight_decay": 0.1},
              {"weight_decay": 0.1, "decoupled_weight_decay": True, "lr": 0.05}],
    "Adamax": [{}, {"lr": 0.05, "betas": [0.8, 0.9], "weight_decay": 0.1}, {"maximize": True, "eps": 0.1}],
    "RMSprop": [{}, {"alpha": 0.8, "eps": 0.1}, {"centered": True, "weight_decay": 0.1}, {"momentum": 0.9},
                {"momentum": 0.5, "centered": True, "maximize": True, "lr": 0.02}],
    "Adagrad": [{}, {"lr": 0.1, "lr_decay": 0.2}, {"initial_accumulator_value": 0.5, "weight_decay": 0.1},
                {"maximize": True, "eps": 0.1}],
    "Adadelta": [{}, {"lr": 0.5, "rho": 0.7, "eps": 0.01}, {"weight_decay": 0.1, "maximize": True}],
    "Lion": [{}, {"lr": 0.05, "betas": [0.8, 0.9]}, {"lr": 0.1, "weight_decay": 0.1, "maximize": True}],
}


class Formula:
    """One step on every element of every parameter, in double."""

    def __init__(self, params, **options):
        self.params, self.options, self.states = params, options, {}

    def step(self):
        for p, param in enumerate(self.params):
            flat, grads = param.detach().double().flatten(), param.grad.double().flatten()
            for i in range(flat.numel()):
                state = self.states.setdefault((p, i), {"t": 0, "m": 0.0, "v": 0.0, "product": 1.0})
                state["t"] += 1
                flat[i] = self.element(float(flat[i]), float(grads[i]), state, **self.options)
            param.data.copy_(flat.reshape(param.shape))


class Lion(Formula):
    def element(self, p, g, s, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
        g = -g if maximize else g
        direction = betas[0] * s["m"] + (1 - betas[0]) * g
        s["m"] = betas[1] * s["m"] + (1 - betas[1]) * g
        return p * (1 - lr * weight_decay) - lr * ((direction > 0) - (direction < 0))


class NAdam(Formula):
    def element(self, p, g, s, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3,
                decoupled_weight_decay=False):
        if decoupled_weight_decay:
            p *= 1 - lr * weight_decay
        else:
            g += weight_decay * p
        mu, after = (betas[0] * (1 - 0.5 * 0.96 ** (t * momentum_decay)) for t in (s["t"], s["t"] + 1))
        s["product"] *= mu
        s["m"] = betas[0] * s["m"] + (1 - betas[0]) * g
        s["v"] = betas[1] * s["v"] + (1 - betas[1]) * g * g
        size = math.sqrt(s["v"] / (1 - betas[1] ** s["t"])) + eps
        return (p - lr * (1 - mu) / (1 - s["product"]) * g / size
                - lr * after / (1 - s["product"] * after) * s["m"] / size)


class DecoupledRAdam(Formula):
    def element(self, p, g, s, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0,
                decoupled_weight_decay=True):
        p *= 1 - lr * weight_decay
        s["m"] = betas[0] * s["m"] + (1 - betas[0]) * g
        s["v"] = betas[1] * s["v"] + (1 - betas[1]) * g * g
        power, mean = betas[1] ** s["t"], s["m"] / (1 - betas[0] ** s["t"])
        limit = 2 / (1 - betas[1]) - 1
        rho = limit - 2 * s["t"] * power / (1 - power)
        if rho <= 5:
            return p - lr * mean
        r = math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
        return p - lr * mean * r * math.sqrt(1 - power) / (math.sqrt(s["v"]) + eps)


def make(name, params, options):
    if name in ("Lion", "NAdam"):
        return {"Lion": Lion, "NAdam": NAdam}[name](params, **options)
    if options.get("decoupled_weight_decay"):
        return DecoupledRAdam(params, **options)
    return getattr(torch.optim, name)(params, **options)


def trajectory(name, options, dtype):
    torch.set_default_dtype(dtype)  # what PyTorch keeps beside the states, NAdam's product, has it too
    params = [pattern(p, None, shape, dtype).requires_grad_() for p, shape in enumerate(SHAPES)]
    optimizer = make(name, params, options)
    values = []
    for s in range(STEPS):
        for p, param in enumerate(params):
            param.grad = pattern(p, s, SHAPES[p], dtype)
        optimizer.step()
        values += [value for param in params for value in param.detach().flatten().tolist()]
    digits = 9 if dtype == torch.float32 else 17
    return [float(f"{value:.{digits}g}") for value in values]


def main():
    golden = {
        "made_by": "tests/golden/generate_optimizers.py, PyTorch " + torch.__version__,
        "steps": STEPS,
        "shapes": SHAPES,
        "variants": [{"optimizer": name, "options": options,
                      "float32": trajectory(name, options, torch.float32),
                      "float64": trajectory(name, options, torch.float64)}
                     for name, variants in VARIANTS.items() for options in variants],
    }
    path = pathlib.Path(__file__).with_name("optimizers.json")
    path.write_text(json.dumps(golden, separators=(",", ":")).replace('},{"optimizer"', '},\n{"optimizer"')
                    + "\n")


if __name__ == "__main__":
    main()
