#!/usr/bin/env python3
"""Writes torch_MAJOR_MINOR.pt, of this PyTorch's version, beside this script: everything that torch.save
writes and Cuttle reads. tests/io/torch_file_test.cpp states the expected values.

    python3 generate_torch_files.py        needs PyTorch; the committed ones are of 1.13 and 2.15
"""
import collections
import pathlib
import warnings

import torch

warnings.simplefilter("ignore")


def training():
    """A model, an optimizer and a schedule after one step, channels-last weights among it."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 2, 3), torch.nn.BatchNorm2d(2))
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.25)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], gamma=0.5)
    model(torch.ones(2, 2, 4, 4)).sum().backward()
    optimizer.step()
    schedule.step()
    return {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
            "scheduler": schedule.state_dict()}


def main():
    base = torch.arange(24, dtype=torch.float32)
    dtypes = {name: torch.tensor([0, 1, 2], dtype=getattr(torch, name)) for name in
              ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")}
    data = {
        "base": base,
        "view": base[4:20:2],
        "transposed": base.view(4, 6).t(),
        "expanded": torch.tensor([2.5]).expand(3, 2),
        "dtypes": collections.OrderedDict(dtypes),
        "scalar": torch.tensor(-7),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.full((2,), 0.5)),
        "twice": [base, base],
        "numbers": [0, 255, 256, -1, 65535, 2**31 - 1, -2**31, 2**40, -2**63, 0.1, float("-inf"), True, False, None],
        "texts": ("", "größe", "名前" * 100),
        "nested": {1: {"a": [({},)]}, -2: ()},
        "size": torch.Size([2, 3]),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "counter": collections.Counter([3, 3, 5]),
        "training": training(),
    }
    version = "_".join(torch.__version__.split(".")[:2])
    torch.save(data, pathlib.Path(__file__).resolve().parent / f"torch_{version}.pt")


if __name__ == "__main__":
    main()
