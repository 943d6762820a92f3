#!/usr/bin/env python3
"""Writes normalization.json: what PyTorch's normalisation layers give in three training steps and in
evaluation, for fixed seeds.

Run with a Python that has torch (Debian: python3-torch): python3 generate_normalization.py
Deterministic: the file changes only when PyTorch's results do. tests/layers/normalization_golden_test.cpp
draws the same numbers in the same order. RMSNorm, which older versions of PyTorch lack, is written out
here by its formula.
"""
import json
import pathlib

import torch
from torch import nn


class RMSNorm(nn.Module):
    def __init__(self, size, eps=None):
        super().__init__()
        self.size, self.eps = (size,), eps
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        eps = torch.finfo(x.dtype).eps if self.eps is None else self.eps
        return x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * self.weight

    def extra_repr(self):
        return f"{self.size}, eps={self.eps}, elementwise_affine=True"


def layer_norm_without_bias():
    layer = nn.LayerNorm(3)
    layer.bias = None
    return layer


def flat(tensor):
    return [float(f"{v:.13g}") for v in tensor.detach().double().flatten().tolist()]


def step(layer, shape, layout):
    """Input, output and its sum with random weights, replayed."""
    x = (4 * torch.rand(shape) - 1).double()
    if layout == "channels_last":
        x = x.contiguous(memory_format=torch.channels_last)
    x.requires_grad_()
    layer.zero_grad()
    y = layer(x)
    (y * torch.rand(y.shape).double()).sum().backward()
    return {"output": flat(y), "input_grad": flat(x.grad),
            "parameter_grads": {n: flat(p.grad) for n, p in layer.named_parameters()}}


def case(name, make, shape, layout="contiguous"):
    torch.manual_seed(7)
    layer = make()
    printed = str(layer)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.rand(p.shape) + 0.5)
    layer.double()
    steps = [step(layer, shape, layout) for _ in range(3)]
    state = {n: flat(t) for n, t in layer.state_dict().items()}
    layer.eval()
    return {"name": name, "printed": printed, "shape": list(shape), "layout": layout,
            "training": steps[-1], "state": state, "eval": step(layer, shape, layout)}


def main():
    images, lines, rows = (2, 4, 2, 2), (2, 4, 3), (4, 3)
    cases = [
        case("batch_norm1d", lambda: nn.BatchNorm1d(3), rows),
        case("batch_norm1d_lines", lambda: nn.BatchNorm1d(4, eps=1e-3, momentum=0.25), lines),
        case("batch_norm2d", lambda: nn.BatchNorm2d(4), images),
        case("batch_norm3d", lambda: nn.BatchNorm3d(2), (2, 2, 1, 2, 3)),
        case("batch_norm2d_channels_last", lambda: nn.BatchNorm2d(4), images, "channels_last"),
        case("batch_norm2d_cumulative", lambda: nn.BatchNorm2d(4, momentum=None), images),
        case("batch_norm2d_no_affine", lambda: nn.BatchNorm2d(4, affine=False), images),
        case("batch_norm2d_no_tracking",
             lambda: nn.BatchNorm2d(4, track_running_stats=False), images),
        case("layer_norm", lambda: nn.LayerNorm(3), lines),
        case("layer_norm_two_dims", lambda: nn.LayerNorm((4, 3), eps=1e-3), lines),
        case("layer_norm_no_affine", lambda: nn.LayerNorm(3, elementwise_affine=False), rows),
        case("layer_norm_no_bias", layer_norm_without_bias, lines),
        case("rms_norm", lambda: RMSNorm(3), lines),
        case("rms_norm_eps", lambda: RMSNorm(3, eps=0.01), rows),
        case("group_norm", lambda: nn.GroupNorm(2, 4), images),
        case("group_norm_channels_last", lambda: nn.GroupNorm(2, 4), images, "channels_last"),
        case("group_norm_rows", lambda: nn.GroupNorm(1, 3, eps=0.1, affine=False), rows),
        case("instance_norm1d", lambda: nn.InstanceNorm1d(4), lines),
        case("instance_norm1d_unbatched", lambda: nn.InstanceNorm1d(4, affine=True), (4, 3)),
        case("instance_norm2d", lambda: nn.InstanceNorm2d(4, affine=True,
                                                          track_running_stats=True), images),
        case("instance_norm3d", lambda: nn.InstanceNorm3d(2, affine=True), (2, 2, 1, 2, 3)),
        case("local_response_norm", lambda: nn.LocalResponseNorm(3), images),
        case("local_response_norm_even",
             lambda: nn.LocalResponseNorm(2, alpha=0.5, beta=1.5, k=2.0), lines),
    ]
    path = pathlib.Path(__file__).with_name("normalization.json")
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
