#!/usr/bin/env python3
"""Writes schedulers.json: learning rates, and where they are cycled momenta, of PyTorch's schedules.

Run with a Python that has torch (Debian: python3-torch): python3 generate_schedulers.py
Deterministic. tests/optim/schedulers_golden_test.cpp makes the same schedules under the same names,
for an SGD of two groups with learning rates 0.1 and 0.02 and momentum 0.9.
  "lrs"     the learning rates of both groups after the constructor and after each of 20 steps
  "momenta" the first group's momentum then
  "jumps"   the learning rates after step(epoch) with each of JUMPS, in turn
"""
import json
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as lr
from torch.optim.swa_utils import SWALR

STEPS = 20
JUMPS = [3, 7, 1, 12, 0]
METRICS = [1.0, 0.9, 0.9, 0.95, 0.91, 0.899, 0.8991, 0.9, 0.9, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6,
           0.6, 0.6, 0.6]

SCHEDULES = {
    "step": lambda o: lr.StepLR(o, 3, 0.5),
    "step_default": lambda o: lr.StepLR(o, 6),
    "multi_step": lambda o: lr.MultiStepLR(o, [9, 2, 5, 5], 0.3),
    "exponential": lambda o: lr.ExponentialLR(o, 0.9),
    "constant": lambda o: lr.ConstantLR(o, 0.5, 4),
    "constant_default": lr.ConstantLR,
    "linear": lambda o: lr.LinearLR(o, 0.1, 0.8, 7),
    "linear_default": lr.LinearLR,
    "polynomial": lambda o: lr.PolynomialLR(o, 8, 2.0),
    "polynomial_default": lr.PolynomialLR,
    "lambda": lambda o: lr.LambdaLR(o, lambda e: 0.95 ** e),
    "lambda_each": lambda o: lr.LambdaLR(o, [lambda e: 0.95 ** e, lambda e: 1 / (1 + e)]),
    "multiplicative": lambda o: lr.MultiplicativeLR(o, lambda e: 0.9 + 0.01 * e),
    "cosine": lambda o: lr.CosineAnnealingLR(o, 5, 0.001),
    "cosine_long": lambda o: lr.CosineAnnealingLR(o, 30),
    "restarts": lambda o: lr.CosineAnnealingWarmRestarts(o, 4),
    "restarts_longer": lambda o: lr.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
    "swa_cos": lambda o: SWALR(o, 0.05, 7),
    "swa_linear": lambda o: SWALR(o, [0.05, 0.03], 5, "linear"),
    "swa_at_once": lambda o: SWALR(o, 0.05, 0),
    "cyclic": lambda o: lr.CyclicLR(o, 0.01, 0.1, 4),
    "cyclic2": lambda o: lr.CyclicLR(o, [0.01, 0.02], [0.1, 0.3], 3, 2, "triangular2",
                                     base_momentum=0.7, max_momentum=0.95),
    "cyclic_exp": lambda o: lr.CyclicLR(o, 0.01, 0.1, 4, 6, "exp_range", 0.9),
    "cyclic_own": lambda o: lr.CyclicLR(o, 0.01, 0.1, 4, scale_fn=lambda x: 1 / (5 + x),
                                        scale_mode="iterations", cycle_momentum=False),
    "one_cycle": lambda o: lr.OneCycleLR(o, 0.5, 20),
    "one_cycle_linear": lambda o: lr.OneCycleLR(o, [0.5, 0.2], epochs=3, steps_per_epoch=7,
                                                pct_start=0.4, anneal_strategy="linear",
                                                base_momentum=0.8, max_momentum=0.9,
                                                div_factor=10, final_div_factor=100),
    "one_cycle_three": lambda o: lr.OneCycleLR(o, 0.5, 24, three_phase=True),
    "warm_up": lambda o: lr.SequentialLR(
        o, [lr.LinearLR(o, 0.1, 1.0, 5), lr.CosineAnnealingLR(o, 10, 0.001)], [5]),
    "sequence": lambda o: lr.SequentialLR(
        o, [lr.ConstantLR(o, 0.1, 2), lr.ExponentialLR(o, 0.9), SWALR(o, 0.05, 4)], [3, 9]),
    "chain": lambda o: lr.ChainedScheduler([lr.ConstantLR(o, 0.1, 2), lr.ExponentialLR(o, 0.9)]),
    "plateau": lambda o: lr.ReduceLROnPlateau(o, patience=2),
    "plateau_max": lambda o: lr.ReduceLROnPlateau(o, "max", 0.5, 3, 0.05, "abs", 2, [0.01, 0.004]),
    "plateau_abs": lambda o: lr.ReduceLROnPlateau(o, "min", 0.3, 1, 0.01, "abs", 1, eps=0.001),
}
WITHOUT_JUMPS = ("warm_up", "sequence", "chain", "plateau", "plateau_max", "plateau_abs")


def optimizer():
    params = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    return torch.optim.SGD([{"params": [params[0]]}, {"params": [params[1]], "lr": 0.02}], lr=0.1,
                           momentum=0.9)


def rates(o):
    return [group["lr"] for group in o.param_groups]


def record(name, make):
    o = optimizer()
    schedule = make(o)
    lrs, momenta = rates(o), [o.param_groups[0]["momentum"]]
    for step in range(STEPS):
        o.step()
        schedule.step(METRICS[step]) if name.startswith("plateau") else schedule.step()
        lrs += rates(o)
        momenta.append(o.param_groups[0]["momentum"])
    case = {"name": name, "lrs": lrs}
    if len(set(momenta)) > 1:
        case["momenta"] = momenta
    if name not in WITHOUT_JUMPS:
        o = optimizer()
        schedule = make(o)
        case["jumps"] = []
        for epoch in JUMPS:
            schedule.step(epoch)
            case["jumps"] += rates(o)
    return case


def main():
    warnings.simplefilter("ignore")
    golden = {
        "made_by": "tests/golden/generate_schedulers.py, PyTorch " + torch.__version__,
        "steps": STEPS,
        "jump_epochs": JUMPS,
        "metrics": METRICS,
        "schedules": [record(name, make) for name, make in SCHEDULES.items()],
    }
    path = pathlib.Path(__file__).with_name("schedulers.json")
    path.write_text(json.dumps(golden, separators=(",", ":")).replace('},{"name"', '},\n{"name"')
                    + "\n")


if __name__ == "__main__":
    main()
