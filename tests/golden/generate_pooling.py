#!/usr/bin/env python3
"""Writes pooling.json: what PyTorch's pooling and interpolation and their gradients give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_pooling.py
Deterministic: the file changes only when PyTorch's results do. tests/core/pooling_golden_test.cpp runs
the same cases.
"""
import warnings

import torch
import torch.nn.functional as F

from cases import Cases

warnings.filterwarnings("ignore")


def with_indices(function):
    return lambda x, a: function(x[0], **a, return_indices=True)


FUNCTIONS = {
    "avg_pool1d": lambda x, a: F.avg_pool1d(x[0], **a),
    "avg_pool2d": lambda x, a: F.avg_pool2d(x[0], **a),
    "adaptive_avg_pool1d": lambda x, a: F.adaptive_avg_pool1d(x[0], a["output_size"]),
    "adaptive_avg_pool2d": lambda x, a: F.adaptive_avg_pool2d(x[0], a["output_size"]),
    "max_pool1d": with_indices(F.max_pool1d),
    "max_pool2d": with_indices(F.max_pool2d),
    "adaptive_max_pool1d": with_indices(F.adaptive_max_pool1d),
    "adaptive_max_pool2d": with_indices(F.adaptive_max_pool2d),
    "max_unpool2d": lambda x, a: F.max_unpool2d(x[0], torch.tensor(a["indices"]), **{
        k: v for k, v in a.items() if k != "indices"}),
    "interpolate": lambda x, a: F.interpolate(x[0], **a),
}
PLANES = [2, 2, 4, 5]
LAST = (PLANES, "float64", "channels_last")


def windows(cases):
    for given in (PLANES, LAST, [2, 4, 5]):
        cases.add("avg_pool2d", [given], kernel_size=2)
    cases.add("avg_pool2d", [[3, 1, 6, 5]], kernel_size=[3, 2], stride=[2, 1], padding=[1, 0])
    cases.add("avg_pool2d", [([1, 2, 6, 5], "float32")], kernel_size=3, stride=2, padding=1)
    for count_include_pad in (True, False):
        for ceil_mode in (True, False):
            cases.add("avg_pool2d", [[1, 2, 5, 6]], kernel_size=3, stride=2, padding=1,
                      count_include_pad=count_include_pad, ceil_mode=ceil_mode)
            cases.add("avg_pool1d", [[2, 2, 7]], kernel_size=3, stride=2, padding=1,
                      count_include_pad=count_include_pad, ceil_mode=ceil_mode)
    for divisor in (3, -2):
        cases.add("avg_pool2d", [[1, 2, 4, 4]], kernel_size=2, padding=1, divisor_override=divisor)
    cases.add("avg_pool1d", [[2, 5]], kernel_size=2)
    for given in ([2, 2, 7], [2, 7]):
        cases.add("max_pool1d", [given], kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=True)
    cases.add("max_pool1d", [[1, 2, 7]], kernel_size=2, dilation=3, stride=1)
    for given in (PLANES, LAST, [2, 4, 5]):
        cases.add("max_pool2d", [given], kernel_size=2, stride=1, padding=1)
    cases.add("max_pool2d", [[1, 2, 6, 5]], kernel_size=[3, 2], dilation=[2, 1], stride=2)


def adaptive(cases):
    for op in ("adaptive_avg_pool", "adaptive_max_pool"):
        for size in ([1, 1], [3, 2], [4, 5], [7, 6], [None, 2], [2, None]):
            cases.add(op + "2d", [PLANES], output_size=size)
        cases.add(op + "2d", [LAST], output_size=[3, 2])
        cases.add(op + "2d", [LAST], output_size=[1, 1])
        cases.add(op + "2d", [[2, 4, 5]], output_size=[3, 3])
        for size in (1, 3, 10):
            cases.add(op + "1d", [[2, 2, 7]], output_size=size)
        cases.add(op + "1d", [[2, 5]], output_size=2)


def others(cases):
    indices = [[[[0, 3], [8, 11]], [[5, 6], [9, 10]]]]
    cases.add("max_unpool2d", [[1, 2, 2, 2]], kernel_size=2, indices=indices)
    cases.add("max_unpool2d", [[1, 2, 2, 2]], kernel_size=[3, 2], stride=2, padding=[1, 0],
              indices=indices)
    cases.add("max_unpool2d", [[2, 2, 2]], kernel_size=2, indices=indices[0], output_size=[5, 5])
    for mode in ("nearest", "nearest-exact"):
        for size in ([8, 10], [3, 7], [1, 1], [2, 3]):
            cases.add("interpolate", [[1, 2, 4, 5]], mode=mode, size=size)
        cases.add("interpolate", [[1, 1, 4, 5]], mode=mode, scale_factor=[1.7, 0.6])
        cases.add("interpolate", [[2, 2, 5]], mode=mode, size=[8])
    for mode in ("bilinear", "bicubic"):
        for align_corners in (True, False):
            for size in ([8, 10], [3, 7], [1, 1], [4, 5], [2, 3]):
                cases.add("interpolate", [[1, 1, 4, 5]], mode=mode, size=size,
                          align_corners=align_corners)
            for recompute in (True, False):
                cases.add("interpolate", [([1, 2, 3, 4], "float64", "channels_last")], mode=mode,
                          scale_factor=[1.7, 0.6], align_corners=align_corners,
                          recompute_scale_factor=recompute)
            cases.add("interpolate", [([1, 1, 4, 5], "float32")], mode=mode, size=[7, 3],
                      align_corners=align_corners)
            cases.add("interpolate", [[1, 1, 1, 2]], mode=mode, size=[3, 3],
                      align_corners=align_corners)
    for align_corners in (True, False):
        cases.add("interpolate", [[2, 2, 5]], mode="linear", size=[8], align_corners=align_corners)
        cases.add("interpolate", [[1, 2, 5]], mode="linear", scale_factor=[0.5],
                  align_corners=align_corners)


def main():
    cases = Cases(FUNCTIONS)
    windows(cases)
    adaptive(cases)
    others(cases)
    cases.write("pooling.json")


main()
