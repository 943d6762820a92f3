#!/usr/bin/env python3
"""Writes convolution.json: what PyTorch's convolution layers give for a fixed seed.

Run with a Python that has torch (Debian: python3-torch): python3 generate_convolution.py
Deterministic: the file changes only when PyTorch's results do. Each case seeds the generator, builds its
layer, draws the input and then the weights of a sum over the output, and records output and gradients
in double precision. tests/layers/convolution_golden_test.cpp does the same in the same order.
"""
import json
import pathlib

import torch
from torch import nn


def flat(tensor):
    return [float(f"{v:.14g}") for v in tensor.detach().double().flatten().tolist()]


def case(name, make, input_shape, output_size=None):
    torch.manual_seed(11)
    layer = make().double()
    x = (torch.rand(input_shape) - 0.5).double().requires_grad_()
    y = layer(x) if output_size is None else layer(x, output_size=output_size)
    (y * torch.rand(y.shape).double()).sum().backward()
    result = {
        "name": name,
        "printed": str(layer),
        "input_shape": list(input_shape),
        "output_shape": list(y.shape),
        "output": flat(y),
        "input_grad": flat(x.grad),
        "parameter_grads": {n: flat(p.grad) for n, p in layer.named_parameters()},
    }
    if output_size is not None:
        result["output_size"] = list(output_size)
    return result


def conv1d():
    return [
        case("conv1d", lambda: nn.Conv1d(3, 4, 3, padding=1), (2, 3, 6)),
        case("conv1d_options",
             lambda: nn.Conv1d(4, 6, 2, stride=2, padding=1, dilation=2, groups=2, bias=False),
             (1, 4, 7)),
        case("conv1d_same", lambda: nn.Conv1d(2, 2, 4, padding="same"), (1, 2, 5)),
        case("conv1d_circular",
             lambda: nn.Conv1d(2, 3, 3, padding=2, padding_mode="circular"), (1, 2, 5)),
    ]


def conv2d():
    return [
        case("conv2d_same", lambda: nn.Conv2d(2, 3, (2, 4), padding="same", dilation=(3, 1)),
             (1, 2, 4, 5)),
        case("conv2d_valid", lambda: nn.Conv2d(2, 2, 3, padding="valid"), (1, 2, 4, 3)),
        case("conv2d_reflect",
             lambda: nn.Conv2d(2, 2, 3, stride=2, padding=(1, 2), padding_mode="reflect"),
             (1, 2, 4, 5)),
        case("conv2d_replicate",
             lambda: nn.Conv2d(1, 2, 2, padding="same", padding_mode="replicate"), (2, 1, 3, 4)),
        case("conv2d_circular",
             lambda: nn.Conv2d(1, 2, (3, 2), padding="same", padding_mode="circular", bias=False),
             (1, 1, 3, 4)),
        case("conv2d_depthwise", lambda: nn.Conv2d(4, 4, 3, padding=1, groups=4), (1, 4, 3, 3)),
    ]


def conv3d():
    return [
        case("conv3d", lambda: nn.Conv3d(2, 3, 3, padding=1), (1, 2, 3, 2, 3)),
        case("conv3d_options",
             lambda: nn.Conv3d(4, 4, (2, 3, 2), stride=(2, 1, 2), padding=(1, 1, 0),
                               dilation=(2, 1, 1), groups=2, bias=False), (2, 4, 5, 2, 4)),
        case("conv3d_same", lambda: nn.Conv3d(1, 2, (2, 3, 2), padding="same"), (1, 1, 3, 3, 2)),
        case("conv3d_replicate",
             lambda: nn.Conv3d(1, 1, 3, padding=1, padding_mode="replicate"), (1, 1, 2, 3, 2)),
    ]


def conv_transpose():
    return [
        case("conv_transpose1d", lambda: nn.ConvTranspose1d(3, 2, 3, 2, 1, 1), (2, 3, 4)),
        case("conv_transpose1d_options",
             lambda: nn.ConvTranspose1d(2, 4, 2, stride=3, groups=2, dilation=2, bias=False),
             (1, 2, 3)),
        case("conv_transpose2d", lambda: nn.ConvTranspose2d(3, 4, 3), (1, 3, 2, 3)),
        case("conv_transpose2d_options",
             lambda: nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), padding=(1, 0),
                                        output_padding=(1, 2), groups=2, bias=False,
                                        dilation=(1, 2)), (1, 4, 2, 3)),
        case("conv_transpose2d_wide_output_padding",
             lambda: nn.ConvTranspose2d(2, 2, 2, padding=1, output_padding=2, dilation=3),
             (1, 2, 3, 3)),
        case("conv_transpose2d_output_size",
             lambda: nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), (1, 2, 4, 4), (8, 7)),
        case("conv_transpose3d", lambda: nn.ConvTranspose3d(2, 2, 2, stride=2), (1, 2, 2, 2, 2)),
        case("conv_transpose3d_options",
             lambda: nn.ConvTranspose3d(2, 4, (3, 2, 2), stride=(2, 1, 2), padding=(1, 0, 1),
                                        output_padding=(1, 0, 1), groups=2, dilation=(1, 2, 1)),
             (1, 2, 3, 2, 2)),
    ]


def main():
    golden = {
        "made_by": "tests/golden/generate_convolution.py, PyTorch " + torch.__version__,
        "layers": conv1d() + conv2d() + conv3d() + conv_transpose(),
    }
    path = pathlib.Path(__file__).with_name("convolution.json")
    path.write_text(json.dumps(golden, separators=(",", ":"))
                    .replace('},{"name"', '},\n{"name"') + "\n")


if __name__ == "__main__":
    main()
