#!/usr/bin/env python3
"""Schedules go on from PyTorch to Cuttle and back with their states: learning rates and momenta are those
of a schedule that stayed where it was, whatever settings the other side's was made with.

    check_torch_schedules.py PROGRAM        (torch_schedules); exit status 77, and why, without PyTorch
    check_torch_schedules.py --write FILE   writes what tests/checkpoint/torch_schedules_test.cpp reads
"""
import collections
import copy
import math
import pathlib
import subprocess
import sys
import tempfile
import warnings

try:
    import torch
    from torch.optim import lr_scheduler as lr
    from torch.optim.swa_utils import SWALR
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

warnings.simplefilter("ignore")
# Before 2.0 states of SWALR, CyclicLR and OneCycleLR hold functions: they are left out of the files, and
# the way of annealing and the mode stay those that a schedule was made with.
IS_RECENT = int(torch.__version__.split(".")[0]) >= 2
FIRST, SECOND = 7, 9  # steps on each side of the border
METRICS = [1.0, 0.9, 0.95, 0.91, 0.899, 0.9, 0.9, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.7, 0.6, 0.6]


def sequence(o, start, milestones, gamma, t_max, turns):
    return lr.SequentialLR(o, [lr.LinearLR(o, start, 1.0, 4), lr.MultiStepLR(o, milestones, gamma),
                               lr.CosineAnnealingLR(o, t_max)], turns)


def chain(o, factor, iters, gamma):
    return lr.ChainedScheduler([lr.ConstantLR(o, factor, iters), lr.ExponentialLR(o, gamma)])


# Each with its own settings, and with others for the one that loads its state.
SCHEDULES = {
    "StepLR": (lambda o: lr.StepLR(o, 3, 0.5), lambda o: lr.StepLR(o, 1)),
    "MultiStepLR": (lambda o: lr.MultiStepLR(o, [9, 2, 5, 5], 0.3), lambda o: lr.MultiStepLR(o, [1])),
    "ExponentialLR": (lambda o: lr.ExponentialLR(o, 0.9), lambda o: lr.ExponentialLR(o, 0.1)),
    "ConstantLR": (lambda o: lr.ConstantLR(o, 0.5, 10), lr.ConstantLR),
    "LinearLR": (lambda o: lr.LinearLR(o, 0.1, 0.8, 12), lr.LinearLR),
    "PolynomialLR": (lambda o: lr.PolynomialLR(o, 12, 2.0), lr.PolynomialLR),
    "LambdaLR": (lambda o: lr.LambdaLR(o, lambda e: 1 / (1 + e)),) * 2,
    "MultiplicativeLR": (lambda o: lr.MultiplicativeLR(o, lambda e: 0.9 + 0.01 * e),) * 2,
    "CosineAnnealingLR": (lambda o: lr.CosineAnnealingLR(o, 5, 0.001), lambda o: lr.CosineAnnealingLR(o, 2)),
    "CosineAnnealingWarmRestarts": (lambda o: lr.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
                                    lambda o: lr.CosineAnnealingWarmRestarts(o, 1)),
    "SWALR": (lambda o: SWALR(o, [0.05, 0.03, 0.04], 10), lambda o: SWALR(o, 0.1)),
    "CyclicLR": (lambda o: lr.CyclicLR(o, [0.01, 0.02, 0.03], [0.1, 0.3, 0.2], 3, 2, base_momentum=0.7,
                                       max_momentum=0.95), lambda o: lr.CyclicLR(o, 0.1, 0.2)),
    "OneCycleLR": (lambda o: lr.OneCycleLR(o, [0.5, 0.2, 0.1], epochs=4, steps_per_epoch=4, pct_start=0.4,
                                           base_momentum=[0.8, 0.7, 0.6], max_momentum=0.9, div_factor=10,
                                           final_div_factor=100), lambda o: lr.OneCycleLR(o, 1.0, 2)),
    "OneCycleLR of three phases": (lambda o: lr.OneCycleLR(o, 0.5, 20, three_phase=True),
                                   lambda o: lr.OneCycleLR(o, 1.0, 2)),
    "OneCycleLR of Adam": (lambda o: lr.OneCycleLR(o, 0.5, 18), lambda o: lr.OneCycleLR(o, 1.0, 2)),
    "SequentialLR": (lambda o: sequence(o, 0.1, [1, 3], 0.5, 8, [5, 10]),
                     lambda o: sequence(o, 0.5, [2], 0.1, 3, [1, 2])),
    "ChainedScheduler": (lambda o: chain(o, 0.1, 9, 0.9), lambda o: chain(o, 0.5, 1, 0.5)),
    "ReduceLROnPlateau": (lambda o: lr.ReduceLROnPlateau(o, patience=2), lr.ReduceLROnPlateau),
    "ReduceLROnPlateau upward": (
        lambda o: lr.ReduceLROnPlateau(o, "max", 0.5, 1, 0.05, "abs", cooldown=2, min_lr=[0.01, 0.004, 0],
                                       eps=1e-4), lr.ReduceLROnPlateau),
}
if IS_RECENT:
    SCHEDULES |= {
        "SWALR in a line": (lambda o: SWALR(o, 0.05, 12, "linear"), lambda o: SWALR(o, 0.1)),
        "CyclicLR of falling cycles": (lambda o: lr.CyclicLR(o, 0.01, 0.1, 4, 6, "exp_range", 0.9),
                                       lambda o: lr.CyclicLR(o, 0.1, 0.2)),
        "CyclicLR of halves": (lambda o: lr.CyclicLR(o, 0.01, 0.1, 3, mode="triangular2"),
                               lambda o: lr.CyclicLR(o, 0.1, 0.2)),
        "CyclicLR of a function": (
            lambda o: lr.CyclicLR(o, 0.01, 0.1, 4, scale_fn=lambda x: 1 / (5 + x), scale_mode="iterations",
                                  cycle_momentum=False),
            lambda o: lr.CyclicLR(o, 0.1, 0.2, scale_fn=lambda x: 1 / (5 + x))),
        "CyclicLR of Adam": (lambda o: lr.CyclicLR(o, 0.01, 0.1, 4), lambda o: lr.CyclicLR(o, 0.1, 0.2)),
        "OneCycleLR in lines": (lambda o: lr.OneCycleLR(o, 0.5, 18, anneal_strategy="linear",
                                                        cycle_momentum=False),
                                lambda o: lr.OneCycleLR(o, 1.0, 2)),
    }


class Run:
    """A schedule of an optimizer of three groups."""

    def __init__(self, name, other=False):
        groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in (0.1, 0.02, 0.3)]
        if name.endswith("of Adam"):
            self.optimizer = torch.optim.Adam(groups)
        else:
            self.optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
            groups[1]["momentum"] = 0.8
        self.scheduler = SCHEDULES[name][other](self.optimizer)

    def step(self, count):
        trace = []
        for _ in range(count):
            self.optimizer.step()
            if isinstance(self.scheduler, lr.ReduceLROnPlateau):
                self.scheduler.step(METRICS[self.scheduler.last_epoch])
            else:
                self.scheduler.step()
            groups = self.optimizer.param_groups
            trace.append([group["lr"] for group in groups] +
                         [group["betas"][0] if "betas" in group else group["momentum"] for group in groups])
        return trace

    def state(self):
        return copy.deepcopy({"optimizer": self.optimizer.state_dict(),
                              "scheduler": storable(self.scheduler.state_dict())})

    def load(self, state):
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])


def storable(state):
    """Without functions."""
    return {key: [storable(part) for part in value] if key == "_schedulers" else value
            for key, value in state.items() if not callable(value)}


def assert_near(a, b, where):
    """Numbers are the same but for a few roundings in float64, everything else is the same."""
    if isinstance(a, dict):
        assert a.keys() == b.keys(), (where, set(a) ^ set(b))
        for key in a:
            assert_near(a[key], b[key], f"{where}.{key}")
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b), (where, a, b)
        for i, pair in enumerate(zip(a, b)):
            assert_near(*pair, f"{where}.{i}")
    elif isinstance(a, (int, float)) and not isinstance(a, bool):
        assert math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-15), (where, a, b)
    else:
        assert a == b and type(a) is type(b), (where, a, b)


def comparable(state):
    """Without what differs for a reason."""
    passed_over = {
        "verbose",         # of old versions
        "_step_count",     # CosineAnnealingWarmRestarts does not count there
        "base_momentums",  # of a CyclicLR that cycles none
        "max_momentums",
    }
    if not IS_RECENT:  # what old versions have not, and we write
        passed_over |= {"_is_initial", "_anneal_func_type", "_anneal_strategy", "default_min_lr", "use_beta1",
                        "_scale_fn_custom"}
    return {key: [comparable(part) for part in value] if key == "_schedulers" else value
            for key, value in state.items() if key not in passed_over}


def in_cuttle(runs, steps, folder):
    torch.save({"runs": runs, "metrics": METRICS, "steps": steps}, folder / "in.pt")
    subprocess.run([sys.argv[1], folder / "in.pt", folder / "out.pt"], check=True)
    return torch.load(folder / "out.pt", weights_only=IS_RECENT)


def check(folder):
    begun, left, stayed = {}, {}, {}
    for name in SCHEDULES:
        run = Run(name)
        begun[name] = run.state()
        run.step(FIRST)
        left[name] = run.state()
        stayed[name] = run.step(SECOND), comparable(run.state()["scheduler"])
    there = in_cuttle(left, SECOND, folder)
    for name, (trace, state) in stayed.items():
        assert_near(there[name]["trace"], trace, f"{name}, from PyTorch to Cuttle")
        assert_near(comparable(there[name]["scheduler"]), state, f"{name}, Cuttle's state")
    assert type(there["MultiStepLR"]["scheduler"]["milestones"]) is collections.Counter
    here = in_cuttle(begun, FIRST, folder)
    for name, (trace, state) in stayed.items():
        run = Run(name, other=True)
        run.load(here[name])
        assert_near(run.step(SECOND), trace, f"{name}, from Cuttle to PyTorch")


def write(path):
    runs = {}
    for name in SCHEDULES:
        run = Run(name)
        run.step(FIRST)
        runs[name] = run.state()
        runs[name]["trace"] = run.step(SECOND)
    torch.save({"version": str(torch.__version__), "runs": runs, "metrics": METRICS, "steps": SECOND}, path)


if __name__ == "__main__":
    if sys.argv[1] == "--write":
        write(sys.argv[2])
        sys.exit()
    with tempfile.TemporaryDirectory() as directory:
        check(pathlib.Path(directory))
    print(f"{len(SCHEDULES)} schedules go on from PyTorch {torch.__version__} to Cuttle and back")
