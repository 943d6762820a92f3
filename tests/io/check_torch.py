#!/usr/bin/env python3
"""PyTorch reads what PROGRAM (torch_samples) wrote, with torch.load(weights_only=True), and PROGRAM what
PyTorch wrote.

    check_torch.py PROGRAM       exit status 77, and why, where PyTorch is not installed
"""
import collections
import pathlib
import subprocess
import sys
import tempfile
import warnings
import zipfile

try:
    import torch
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

warnings.simplefilter("ignore")
RANGE = torch.arange(24)
DTYPES = "float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split()
# Before 2.0 weights_only takes no number with a fraction, there is no mmap, and the zip reader takes 64-bit
# offsets in files beyond 4 GiB alone.
IS_RECENT = int(torch.__version__.split(".")[0]) >= 2


def same(a, b, where="data"):
    """Both are the same data, to the last bit, of the same types and strides."""
    if isinstance(a, torch.Tensor):
        assert isinstance(b, torch.Tensor) and a.dtype == b.dtype and a.shape == b.shape, (where, a, b)
        assert torch.equal(a, b), (where, a, b)
    elif isinstance(a, dict):
        assert isinstance(b, dict) and list(a) == list(b), (where, a, b)
        for key in a:
            same(a[key], b[key], f"{where}[{key!r}]")
    elif isinstance(a, (list, tuple)):
        assert type(a) in (type(b), torch.Size) and len(a) == len(b), (where, a, b)
        for i, (x, y) in enumerate(zip(a, b)):
            same(x, y, f"{where}[{i}]")
    else:
        assert type(a) is type(b) and a == b, (where, a, b)


def memory(tensor):
    return (tensor.storage().data_ptr(), tensor.storage_offset(), tensor.stride())


EXPECTED = {
    "base": RANGE.float(),
    "view": RANGE.float().view(4, 6)[:, 2:5],
    "transposed": RANGE.float().view(4, 6).t(),
    "alone": torch.tensor([7, 8]),
    "channels_last": RANGE.view(1, 2, 3, 4),
    "dtypes": {"bool": torch.tensor([False, True, True]),
               **{name: torch.arange(3).to(getattr(torch, name)) for name in DTYPES if name != "bool"}},
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "texts": ["größe", ""],
    "integers": [0, 256, -1, -2**31, 2**40, -2**63],
    "keys": {0: "zero", -1: None, "flag": True},
    "tuple": (1, ()),
}


def check_reading(folder):
    subprocess.run([sys.argv[1], "write", folder], check=True)
    for name in ("sample.pt", "large.pt"):
        path = folder / name
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
        if name == "large.pt" and not IS_RECENT:
            continue
        for options in [{}] + ([{"mmap": True}] if IS_RECENT else []):
            data = torch.load(path, weights_only=True, **options)
            same(EXPECTED, data)
            storage, offset, stride = memory(data["view"])
            assert (storage, offset, stride) == (memory(data["base"])[0], 2, (6, 1))
            assert memory(data["transposed"]) == (storage, 0, (1, 6))
            assert memory(data["alone"])[1] == 0 and data["channels_last"].is_contiguous()
            data["base"].fill_(1)
            assert bool((data["view"] == 1).all())


def check_writing(folder):
    base = torch.arange(24.0)
    data = {
        "base": base, "view": base[3:9:2], "rows": base.view(4, 6)[1:3, 1:4], "twice": [base, base],
        "dtypes": collections.OrderedDict((n, torch.tensor([0, 1, 1]).to(getattr(torch, n))) for n in DTYPES),
        "expanded": torch.ones(1).expand(2, 3), "empty": torch.zeros(2, 0), "scalar": torch.tensor(-3),
        "parameter": torch.nn.Parameter(torch.ones(2)), "integers": [0, -1, 2**31, -2**63, True, None],
        "size": torch.Size([1, 2]), "nested": {1: {"a": ({},)}},
    }
    if IS_RECENT:
        data["floats"] = [0.1, float("inf"), -1e-310]
    torch.save(data, folder / "data.pt")
    subprocess.run([sys.argv[1], "copy", folder / "data.pt", folder / "copy.pt"], check=True)
    again = torch.load(folder / "copy.pt", weights_only=True)
    same(data, again)
    for shared in ("view", "rows"):
        assert memory(again[shared]) == (memory(again["base"])[0], *memory(data[shared])[1:]), shared


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        check_reading(pathlib.Path(name))
        check_writing(pathlib.Path(name))
    print(f"PyTorch {torch.__version__} reads what we write, and the other way round")
