#!/usr/bin/env python3
"""Writes random.json: PyTorch's random functions on the CPU, and Philox as Python computes it.

Run with a Python that has torch (Debian: python3-torch): python3 generate_random.py
Deterministic. tests/core/random_golden_test.cpp draws the same numbers. The second half knows nothing
of PyTorch: it is Philox 4x32-10 and the conversions of kernels/distributions.h, written anew.
"""
import json
import math
import pathlib

import torch

DTYPES = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64,
          "int32": torch.int32, "int16": torch.int16, "int8": torch.int8, "uint8": torch.uint8,
          "bool": torch.bool}


def drawn(draw, seed=21):
    torch.manual_seed(seed)
    return draw().double().flatten().tolist()


def twister():
    p = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0] * 6)
    weights = torch.tensor([[0.1, 0.2, 0.3, 0.4], [4, 1, 2, 0], [0, 0, 1, 1e-3]])
    mean, std = torch.arange(20.0), torch.arange(20.0) / 4
    real = {"float32": torch.float32, "float64": torch.float64}
    return {
        "exponential": [[n, drawn(lambda: torch.empty(7, dtype=d).exponential_(2.5))]
                        for n, d in real.items()],
        "geometric": [[n, drawn(lambda: torch.empty(30, dtype=d).geometric_(0.3))]
                      for n, d in DTYPES.items() if n != "bool"],
        # In 53 bits 2^53 + 1 numbers, of which doubles and JSON keep each.
        "random": [[n, drawn(lambda: torch.empty(8, dtype=d).random_())]
                   for n, d in DTYPES.items() if n != "int64"],
        "random_to": [[n, drawn(lambda: torch.empty(8, dtype=d).random_(100))]
                      for n, d in DTYPES.items() if n != "bool"],
        "random_from_to": [[n, drawn(lambda: torch.empty(8, dtype=d).random_(-7, 90))]
                           for n, d in DTYPES.items() if n not in ("bool", "uint8")],
        "bernoulli_number": [[n, drawn(lambda: torch.empty(40, dtype=d).bernoulli_(0.3))]
                             for n, d in DTYPES.items()],
        "bernoulli_tensor": [[n, drawn(lambda: p.to(d).bernoulli())] for n, d in real.items()],
        "bernoulli_into": [[n, drawn(lambda: torch.empty(30, dtype=d).bernoulli_(p))]
                           for n, d in DTYPES.items()],
        "normal_tensors": drawn(lambda: torch.normal(mean, std)),
        "normal_mean": drawn(lambda: torch.normal(mean, 2.0)),
        "normal_std": drawn(lambda: torch.normal(1.5, std)),
        "normal_numbers": drawn(lambda: torch.normal(1.5, 2.0, (5, 4))),
        "weights": weights.flatten().tolist(),
        "with_replacement": drawn(lambda: torch.multinomial(weights, 12, replacement=True)),
        "with_replacement_row": drawn(lambda: torch.multinomial(weights[0].double(), 12, True)),
        "one": [drawn(lambda: torch.multinomial(weights, 1), s) for s in range(6)],
        "without_replacement": [drawn(lambda: torch.multinomial(weights[:2], 3), s) for s in range(6)],
        "uniform": [[n, drawn(lambda: torch.empty(9, dtype=d).uniform_(-2, 5))]
                    for n, d in dict(real, float16=torch.float16, bfloat16=torch.bfloat16).items()],
    }


MASK = 2**32 - 1


def block(seed, offset, index):
    c = [index & MASK, index >> 32, offset & MASK, offset >> 32]
    k = [seed & MASK, seed >> 32]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & MASK, (p0 >> 32) ^ c[3] ^ k[1], p0 & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


def words(seed, offset, count):
    return [w for i in range((count + 3) // 4) for w in block(seed, offset, i)][:count]


def wide(seed, offset, count):
    narrow = words(seed, offset, 2 * count)
    return [narrow[2 * i] << 32 | narrow[2 * i + 1] for i in range(count)]


def normals(pairs, bits, used):
    out = []
    for a, b in pairs:
        radius = math.sqrt(-2 * math.log(((a >> (bits - used)) + 1) * 2.0**-used))
        out += [radius * math.cos(2 * math.pi * b / 2**bits), radius * math.sin(2 * math.pi * b / 2**bits)]
    return out


def philox():
    seed, n = 0x123456789ABCDEF, 21
    w, d = words(seed, 0, n + 1), wide(seed, 0, n + 1)
    quads = [block(seed, 0, i) for i in range(n)]
    whole = [(q[0] << 96) | (q[1] << 64) | (q[2] << 32) | q[3] for q in quads]
    keys = [(x >> 64) - (2**64 if x >> 127 else 0) for x in whole]
    narrow = {}
    for dtype, below_one in ((torch.float16, 1 - 2.0**-11), (torch.bfloat16, 1 - 2.0**-8)):
        u = torch.tensor([(x >> 8) * 2.0**-24 for x in w[:n]]).to(dtype).double().tolist()
        narrow["uniform_" + str(dtype)[6:]] = [min(v, below_one) for v in u]
    return {
        **narrow,
        "seed": seed,
        "uniform_float32": [(x >> 8) * 2.0**-24 for x in w[:n]],
        "uniform_float64": [(x >> 11) * 2.0**-53 for x in d[:n]],
        "normal_float32": normals(zip(w[::2], w[1::2]), 32, 32)[:n],
        "normal_float64": normals(zip(d[::2], d[1::2]), 64, 53)[:n],
        "exponential": [-math.log(((x >> 11) + 1) * 2.0**-53) / 2.5 for x in d[:n]],
        "integers": [[lo, hi, [(x * (hi - lo) >> 128) + lo for x in whole]]
                     for lo, hi in ((0, 10), (-5, 1000), (-2**62, 2**62), (7, 8))],
        "bernoulli": [int(x < 0.3 * 2**32) for x in w[:n]],
        "geometric": [max(1, math.ceil(math.log(((x >> 11) + 1) * 2.0**-53) / math.log(0.7))) for x in d[:n]],
        "randperm": sorted(range(n), key=lambda i: keys[i]),
        # The second call of the generator.
        "next_uniform_float32": [(x >> 8) * 2.0**-24 for x in words(seed, 1, n)],
    }


def main():
    golden = {"made_by": "tests/golden/generate_random.py, PyTorch " + torch.__version__,
              "twister": twister(), "philox": philox()}
    path = pathlib.Path(__file__).with_name("random.json")
    text = json.dumps(golden, separators=(",", ":"), allow_nan=False)
    path.write_text(text.replace('],"', '],\n"') + "\n")


if __name__ == "__main__":
    main()
