#!/usr/bin/env python3
"""Writes narrow.safetensors: the types of one and two bytes, by the format's description alone.

    python3 generate_narrow_io.py

Needs nothing but Python; deterministic. tests/io/safetensors_narrow_test.cpp states the expected values
for itself.
"""
import json
import pathlib
import struct

HALVES = [0.0, -0.0, 1.0, -2.5, 65504.0, 2.0**-24, float("inf")]


def bfloat16(value):
    """The upper half of a float's bits; for numbers of which the lower half is 0."""
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    assert bits & 0xFFFF == 0
    return struct.pack("<H", bits >> 16)


def main():
    tensors = [
        ("half", "F16", [7], b"".join(struct.pack("<e", v) for v in HALVES)),
        ("brain", "BF16", [2, 3], b"".join(bfloat16(v) for v in (0.0, -1.0, 3.140625, 2.0**120, 2.0**-126, 1.5))),
        ("short", "I16", [4], struct.pack("<4h", -32768, -1, 0, 32767)),
        ("byte", "I8", [3], struct.pack("<3b", -128, 0, 127)),
        ("none", "I8", [0, 2], b""),
    ]
    header, place = {}, 0
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, place + len(data)]}
        place += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = pathlib.Path(__file__).with_name("narrow.safetensors")
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(t[3] for t in tensors))


if __name__ == "__main__":
    main()
