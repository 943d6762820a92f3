#!/usr/bin/env python3
"""Writes io.safetensors with the safetensors library itself, and shuffles.json with torch.

    python3 generate_io.py             needs safetensors and numpy
    python3 generate_io.py shuffles    needs torch (Debian: python3-torch)

Deterministic. tests/io/safetensors_test.cpp and tests/data/dataloader_test.cpp compute or state the
expected values for themselves.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def write_safetensors():
    import numpy as np
    from safetensors.numpy import save_file

    tensors = {
        "conv.weight": (np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2) - 12) / 8,
        "double": np.array([1e300, -1e-300, 0.1], dtype=np.float64),
        "steps": np.array([[-(2**62), 2**62]], dtype=np.int64),
        "small": np.array([-(2**31), 0, 2**31 - 1], dtype=np.int32),
        "bytes": np.arange(5, dtype=np.uint8),
        "flags": np.array([True, False, True], dtype=bool),
        "scalar": np.array(2.5, dtype=np.float32),
        "empty": np.zeros((0, 3), dtype=np.float32),
        "名前 \"quoted\"": np.array([7], dtype=np.int64),
    }
    save_file(tensors, HERE / "io.safetensors", metadata={"format": "pt", "note": "grüße"})


def write_shuffles():
    import torch

    # The first three permutations that a generator of this seed gives.
    shuffles = []
    for seed, size in [(0, 1), (0, 31), (42, 33), (5489, 1025)]:
        generator = torch.Generator().manual_seed(seed)
        epochs = [torch.randperm(size, generator=generator).tolist() for _ in range(3)]
        shuffles.append({"seed": seed, "size": size, "epochs": epochs})
    (HERE / "shuffles.json").write_text(json.dumps(shuffles) + "\n")


if __name__ == "__main__":
    write_shuffles() if "shuffles" in sys.argv[1:] else write_safetensors()
