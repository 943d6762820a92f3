#!/usr/bin/env python3
"""Writes transforms.json: what torchvision makes of small images, as PIL's and as tensors.

    python3 generate_transforms.py     needs torchvision and Pillow

Deterministic: the file changes only when their results do. tests/data/image_transforms_test.cpp and
tests/data/color_transforms_test.cpp run the same cases. Bytes lie as (H, W, C), floats as (C, H, W).
"""
import json
import pathlib

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

HERE = pathlib.Path(__file__).parent
SHAPES = [(7, 9, 3), (12, 5, 3), (6, 8, 1), (1, 1, 3)]
SIZES = [[3], [4, 5], [13, 17]]
MODES = {"nearest": InterpolationMode.NEAREST, "nearest-exact": InterpolationMode.NEAREST_EXACT,
         "bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}
FACTORS = {"brightness": [0, 0.3, 1.7], "contrast": [0, 0.4, 1.6], "saturation": [0, 0.5, 1.8],
           "hue": [-0.5, -0.17, 0, 0.23, 0.5]}


def image_of(shape, seed):
    return np.random.RandomState(seed).randint(0, 256, shape, dtype=np.uint8)


def pil_of(array):
    return Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array)


def bytes_of(image):
    array = np.asarray(image)
    return {"shape": list(array.shape[:2]), "values": array.flatten().tolist()}


def floats_of(tensor):
    return {"shape": list(tensor.shape[1:]), "values": [float(f"{v:.7g}") for v in tensor.flatten().tolist()]}


def case(array, on_image, on_tensor, **what):
    as_tensor = torch.from_numpy(array).permute(2, 0, 1).float() / 255
    return {**what, "shape": list(array.shape), "image": array.flatten().tolist(),
            "bytes": bytes_of(on_image(pil_of(array))), "floats": floats_of(on_tensor(as_tensor))}


def resizes():
    for seed, shape in enumerate(SHAPES):
        array = image_of(shape, seed)
        for size in SIZES:
            for name, mode in MODES.items():
                def resize(image, size=size, mode=mode):
                    return F.resize(image, size, mode, antialias=True)
                # PIL has no two kinds of nearest.
                pil = resize if name != "nearest-exact" else (
                    lambda image, size=size: F.resize(image, size, InterpolationMode.NEAREST))
                yield case(array, pil, resize, size=size, interpolation=name)


def longest_edges():
    array = image_of((20, 5, 3), 11)
    for size, longest in [(4, 9), (4, 100), (4, 5)]:
        def resize(image, size=size, longest=longest):
            return F.resize(image, [size], InterpolationMode.BILINEAR, max_size=longest, antialias=True)
        yield case(array, resize, resize, size=[size], max_size=longest)


def center_crops():
    for seed, shape in enumerate(SHAPES):
        array = image_of(shape, seed + 20)
        for size in [[3, 4], [8, 8], [2, 11], [1, 1]]:
            def crop(image, size=size):
                return F.center_crop(image, size)
            yield case(array, crop, crop, size=size)


def pads():
    array = image_of((5, 6, 3), 31)
    for mode in ["constant", "edge", "reflect", "symmetric"]:
        for padding in [[2, 2, 2, 2], [1, 3, 4, 0]]:
            def pad(image, padding=padding, mode=mode):
                return F.pad(image, padding, fill=0, padding_mode=mode)
            yield case(array, pad, pad, mode=mode, padding=padding)


def colors():
    for seed, shape in enumerate([(7, 9, 3), (6, 8, 1), (1, 1, 3)]):
        array = image_of(shape, seed + 40)
        if shape == (7, 9, 3):
            array[0, :6] = [[0, 0, 0], [255, 255, 255], [7, 7, 7], [255, 0, 0], [0, 255, 0], [0, 0, 255]]
        for name, factors in FACTORS.items():
            for factor in factors:
                def adjust(image, name=name, factor=factor):
                    return getattr(F, f"adjust_{name}")(image, factor)
                yield case(array, adjust, adjust, name=name, factor=factor)


if __name__ == "__main__":
    cases = {"resize": resizes(), "max_size": longest_edges(), "center_crop": center_crops(), "pad": pads(),
             "color": colors()}
    text = json.dumps({name: list(each) for name, each in cases.items()}, separators=(",", ":"))
    (HERE / "transforms.json").write_text(text.replace('},{"', '},\n{"') + "\n")
