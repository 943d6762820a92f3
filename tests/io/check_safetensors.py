#!/usr/bin/env python3
"""Reads what PROGRAM (write_samples) wrote with the safetensors library itself.

    check_safetensors.py PROGRAM       exit status 77, and why, where the library is not installed
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import safetensors
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

EXPECTED = {
    "weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "double": np.array([0.1, -1e300]),
    "steps": np.array([2**62]),
    "small": np.array([-5], dtype=np.int32),
    "bytes": np.array([1, 2, 255], dtype=np.uint8),
    "flags": np.array([False, True, True]),
    "scalar": np.array(2.5, dtype=np.float32),
    "empty": np.zeros((0, 3), dtype=np.float32),
    "größe": np.ones(1, dtype=np.float32),
}

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1], folder], check=True)
    path = pathlib.Path(folder) / "sample.safetensors"
    tensors = load_file(path)
    assert set(tensors) == set(EXPECTED), sorted(tensors)
    for name, expected in EXPECTED.items():
        assert tensors[name].dtype == expected.dtype, (name, tensors[name].dtype)
        np.testing.assert_array_equal(tensors[name], expected, err_msg=name, strict=True)
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata() == {"note": "grüße"}, file.metadata()
print("safetensors reads what we write")
