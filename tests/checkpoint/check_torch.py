#!/usr/bin/env python3
"""Training goes on from PyTorch to Cuttle and back with the states of optimizer, schedule, scaler and average:
the losses are those of a training that stayed where it was, and the models see the same in evaluation.

    check_torch.py PROGRAM       (torch_training); exit status 77, and why, where PyTorch is not installed
"""
import copy
import pathlib
import subprocess
import sys
import tempfile
import warnings

try:
    import torch
    from torch.nn import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

warnings.simplefilter("ignore")
torch.set_num_threads(1)  # the tensors are small
# Before 2.0 weights_only takes no number with a fraction, and GradScaler does nothing on the CPU.
IS_RECENT = int(torch.__version__.split(".")[0]) >= 2
STEPS = 6  # on each side of the border
LAYERS = [[0, 1], [2, 3]]  # the perceptron's parameters, a layer a group
# The options of two groups; everything is float64.
OPTIMIZERS = {
    "SGD": (dict(lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True), dict(lr=0.05, momentum=0.5, dampening=0.1)),
    "Adam": (dict(lr=0.02, betas=(0.8, 0.95), amsgrad=True), dict(lr=0.01, weight_decay=0.1, eps=1e-4)),
    "AdamW": (dict(lr=0.02), dict(lr=0.01, weight_decay=0.3, amsgrad=True)),
    "NAdam": (dict(lr=0.02), dict(lr=0.01, momentum_decay=0.1, weight_decay=0.1)),
    "RAdam": (dict(lr=0.02), dict(lr=0.05, betas=(0.7, 0.8), weight_decay=0.1)),
    "Adamax": (dict(lr=0.02), dict(lr=0.01, betas=(0.5, 0.6), maximize=True)),
    "RMSprop": (dict(lr=0.005, momentum=0.5, centered=True), dict(lr=0.002, alpha=0.5, eps=1e-3)),
    "Adagrad": (dict(lr=0.05, lr_decay=0.1), dict(lr=0.02, weight_decay=0.1, eps=1e-3)),
    "Adadelta": (dict(lr=0.5), dict(lr=0.2, rho=0.5, eps=1e-3)),
    "Muon": (dict(lr=0.02, momentum=0.8, nesterov=False), dict(lr=0.01, weight_decay=0.3, ns_steps=3,
                                                               adjust_lr_fn="match_rms_adamw")),
}
if not IS_RECENT:
    del OPTIMIZERS["NAdam"]  # PyTorch 1.13 multiplies the product for the next step by mu twice
if not hasattr(torch.optim, "Muon"):
    del OPTIMIZERS["Muon"]
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
# Options that say which of PyTorch's kernels run.
KERNELS = {"capturable", "differentiable", "foreach", "fused"}
# PyTorch multiplies NAdam's mu_product up in float32, and we in float64. Muon's matrices have 8 bits.
ROUNDING = {"NAdam": 1e-8, "Muon": 1e-4}


def load(path):
    return torch.load(path, weights_only=IS_RECENT)


def make_network(name):
    if name == "perceptron":
        return torch.nn.Sequential(Linear(4, 8), ReLU(), Linear(8, 3)).double()
    return torch.nn.Sequential(Conv2d(3, 8, 3, padding=1, bias=False), BatchNorm2d(8), ReLU(), MaxPool2d(2),
                               Conv2d(8, 16, 3, padding=1, bias=False), BatchNorm2d(16), ReLU(), MaxPool2d(2), Flatten(),
                               Linear(16 * 8 * 8, 10))


def make_schedule(name, optimizer):
    if name == "OneCycleLR":
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, [0.02, 0.01], 2 * STEPS)
    return torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)


def storable(state):
    """Without the functions that old versions keep there."""
    return {key: value for key, value in state.items() if not callable(value)}


class Training:
    """What torch_training does, by PyTorch."""

    def __init__(self, run, options=({}, {})):
        self.model = make_network(run["network"])
        self.average = torch.optim.swa_utils.AveragedModel(self.model)
        parameters = list(self.model.parameters())
        self.optimizer = getattr(torch.optim, run["method"])(
            [{"params": [parameters[i] for i in numbers], **group} for numbers, group in zip(run["groups"], options)],
            lr=0.1)
        self.scheduler = make_schedule(run["schedule"], self.optimizer)
        # Powers of two change no bit of what is trained.
        self.scaler = torch.amp.GradScaler("cpu", growth_interval=4) if IS_RECENT else None

    def states(self):
        return copy.deepcopy({
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(), "scheduler": storable(self.scheduler.state_dict()),
            "scaler": self.scaler.state_dict() if IS_RECENT else {
                "scale": 65536.0, "growth_factor": 2.0, "backoff_factor": 0.5, "growth_interval": 4,
                "_growth_tracker": 0}})

    def load(self, run):
        for name in ("model", "average", "optimizer", "scheduler") + (("scaler",) if IS_RECENT else ()):
            getattr(self, name).load_state_dict(run[name])

    def step(self, x, y):
        loss = torch.nn.functional.cross_entropy(self.model(x), y)
        self.optimizer.zero_grad()
        if IS_RECENT:
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
        else:
            loss.backward()
            self.optimizer.step()
        self.scheduler.step()
        self.average.update_parameters(self.model)
        return float(loss)


def in_torch(source, target, steps):
    run = load(source)
    training = Training(run)
    training.load(run)
    run["losses"] = [training.step(run["x"], run["y"]) for _ in range(steps)]
    with torch.no_grad():
        run["logits"] = training.model.eval()(run["x"])
    run["right"] = float((run["logits"].argmax(1) == run["y"]).sum())
    torch.save({**run, **training.states()}, target)
    return load(target)


def in_cuttle(source, target, steps):
    subprocess.run([sys.argv[1], source, target, str(steps)], check=True)
    return load(target)


def close(a, b, rounding):
    return torch.allclose(torch.as_tensor(a), torch.as_tensor(b), rtol=10 * rounding, atol=rounding)


def assert_same(where, end, losses, stayed, rounding):
    """The run that ended so, after these losses, is the one that stayed where it was."""
    for a, b in zip(stayed["losses"], losses, strict=True):
        assert abs(a - b) <= rounding * abs(a), (where, a, b)
    for part in ("model", "average"):
        for key, value in stayed[part].items():
            if part == "average" and not IS_RECENT and key.endswith(BUFFERS):
                continue  # old versions neither average nor copy them
            assert close(value, end[part][key], rounding), (where, part, key)
    assert stayed["right"] == end["right"], (where, stayed["right"], end["right"])
    for a, b in zip(stayed["optimizer"]["param_groups"], end["optimizer"]["param_groups"], strict=True):
        for key in (set(a) & set(b)) - KERNELS:
            same = close(a[key], b[key], 1e-12) if isinstance(a[key], (float, tuple)) else a[key] == b[key]
            assert same or {a[key], b[key]} == {None, "original"}, (where, key, a[key], b[key])
    if IS_RECENT:
        assert stayed["scaler"] == end["scaler"], (where, end["scaler"])


def check(name, run, options, rounding, resumed_rounding, folder):
    """`rounding` is allowed between the libraries, the other between a run and one that was resumed."""
    torch.save({**run, **Training(run, options).states()}, folder / "begin.pt")
    stayed = {side: side(folder / "begin.pt", folder / "end.pt", 2 * STEPS) for side in (in_torch, in_cuttle)}
    assert_same(f"{name}, both", stayed[in_cuttle], stayed[in_cuttle]["losses"], stayed[in_torch], rounding)
    for first in (in_torch, in_cuttle):
        half = first(folder / "begin.pt", folder / "half.pt", STEPS)
        for second in (in_torch, in_cuttle):
            where = f"{name}, {first.__name__} and {second.__name__}"
            seen = second(folder / "half.pt", folder / "end.pt", 0)  # the model in evaluation
            assert close(half["logits"], seen["logits"], 1e-5), (where, half["logits"], seen["logits"])
            assert half["right"] == seen["right"], (where, half["right"], seen["right"])
            end = second(folder / "half.pt", folder / "end.pt", STEPS)
            assert_same(where, end, half["losses"] + end["losses"], stayed[first], resumed_rounding)


def check_optimizer(name, folder):
    torch.manual_seed(1)
    run = {"network": "perceptron", "method": name, "groups": [[0], [2]] if name == "Muon" else LAYERS,
           "schedule": "ExponentialLR", "x": torch.randn(32, 4).double(), "y": torch.randint(0, 3, (32,))}
    rounding = ROUNDING.get(name, 1e-12)
    check(name, run, OPTIMIZERS[name], rounding, rounding, folder)


def check_network(folder):
    """A network for images as CIFAR-10's, with batch norm, in float32. Each library rounds sums of up to 1024
    products in an order of its own, by some 1e-7 of them in each step, and where a ReLU or a maximum tips over
    that grows: twelve steps differed by 1e-6, six steps from the same state by 5e-7."""
    torch.manual_seed(2)
    y = torch.arange(40) % 10
    x = torch.randn(40, 3, 32, 32) + 0.5 * torch.randn(10, 3, 32, 32)[y]
    # Weights decay, what is added and the batch norms' scales do not.
    run = {"network": "convolutional", "method": "SGD", "groups": [[0, 3, 6], [1, 2, 4, 5, 7]],
           "schedule": "OneCycleLR", "x": x, "y": y}
    options = (dict(momentum=0.9, weight_decay=5e-4, nesterov=True), dict(momentum=0.9, nesterov=True))
    check("convolutional", run, options, 5e-5, 5e-6, folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        for optimizer_name in OPTIMIZERS:
            check_optimizer(optimizer_name, pathlib.Path(directory))
        check_network(pathlib.Path(directory))
    print(f"{len(OPTIMIZERS)} optimizers and a network go on from PyTorch {torch.__version__} to Cuttle and back")
