#!/usr/bin/env python3
"""Training goes on from PyTorch to Cuttle and back with the states of optimizer and schedule: the losses
are those of a training that stayed where it was, and the model is right for as many rows.

    check_torch.py PROGRAM       (torch_training); exit status 77, and why, where PyTorch is not installed
"""
import pathlib
import subprocess
import sys
import tempfile
import warnings

try:
    import torch
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

warnings.simplefilter("ignore")
# Before 2.0 weights_only takes no number with a fraction.
IS_RECENT = int(torch.__version__.split(".")[0]) >= 2
STEPS = 6
# The options are torch_training.cpp's.
OPTIMIZERS = {
    "SGD": dict(lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True),
    "Adam": dict(lr=0.02, betas=(0.8, 0.95), amsgrad=True),
    "AdamW": dict(lr=0.02),
    "NAdam": dict(lr=0.02),
    "RAdam": dict(lr=0.02),
    "Adamax": dict(lr=0.02),
    "RMSprop": dict(lr=0.005, momentum=0.5, centered=True),
    "Adagrad": dict(lr=0.05),
    "Adadelta": dict(lr=0.5),
}
if not IS_RECENT:
    del OPTIMIZERS["NAdam"]  # PyTorch 1.13 multiplies the product for the next step by mu twice
# Everything is float64, but PyTorch multiplies NAdam's mu_product up in float32, and we in float64.
ROUNDING = {"NAdam": 1e-6}


def load(path):
    return torch.load(path, weights_only=IS_RECENT)


def in_torch(name, source, target):
    """What torch_training does, by PyTorch."""
    run = load(source)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).double()
    model.load_state_dict(run["model"])
    optimizer = getattr(torch.optim, name)(model.parameters(), **OPTIMIZERS[name])
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
    if "optimizer" in run:
        optimizer.load_state_dict(run["optimizer"])
        scheduler.load_state_dict(run["scheduler"])
    losses = []
    for _ in range(STEPS):
        loss = torch.nn.functional.cross_entropy(model(run["x"]), run["y"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.detach())
    right = (model(run["x"]).argmax(1) == run["y"]).double().sum()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                "scheduler": scheduler.state_dict(), "x": run["x"], "y": run["y"], "losses": losses,
                "right": right}, target)


def in_cuttle(name, source, target):
    subprocess.run([sys.argv[1], name, source, target, str(STEPS)], check=True)


def check(name, folder):
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).double()
    torch.save({"model": model.state_dict(), "x": torch.randn(32, 4).double(),
                "y": torch.randint(0, 3, (32,))}, folder / "begin.pt")
    results = {}
    for first in (in_torch, in_cuttle):
        for second in (in_torch, in_cuttle):
            first(name, folder / "begin.pt", folder / "half.pt")
            second(name, folder / "half.pt", folder / "end.pt")
            results[first.__name__, second.__name__] = load(folder / "end.pt")
    rounding = ROUNDING.get(name, 1e-9)
    stayed = results["in_torch", "in_torch"]
    for way, run in results.items():
        for a, b in zip(stayed["losses"], run["losses"]):
            assert abs(float(a) - float(b)) <= rounding * abs(float(a)), (name, way, a, b)
        for key, value in stayed["model"].items():
            assert torch.allclose(value, run["model"][key], rtol=10 * rounding, atol=rounding), (name, way, key)
        assert float(stayed["right"]) == float(run["right"]), (name, way)
    assert float(stayed["losses"][-1]) < float(stayed["losses"][0]), name


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        for optimizer_name in OPTIMIZERS:
            check(optimizer_name, pathlib.Path(directory))
    print(f"{len(OPTIMIZERS)} optimizers go on from PyTorch {torch.__version__} to Cuttle and back")
