#!/usr/bin/env python3
"""Writes layers.json: what PyTorch's layers, losses and initialisers give for fixed seeds.

Run with a Python that has torch (Debian: python3-torch): python3 generate_layers.py
Deterministic: the file changes only when PyTorch's results do. Each case seeds the generator, builds
its layer, draws the input and then the weights of a sum over the output, and records output and
gradients in double precision. tests/layers/golden_test.cpp does the same in the same order.
"""
import json
import pathlib
import zlib

import torch
from torch import nn


def bits(tensor):
    """The float32 elements' bit patterns, in row-major order."""
    return tensor.detach().contiguous().view(torch.int32).flatten().tolist()


def flat(tensor):
    return tensor.detach().double().flatten().tolist()


def layer_case(name, make, input_shape):
    torch.manual_seed(7)
    layer = make().double()
    x = (torch.rand(input_shape) - 0.5).double().requires_grad_()
    y = layer(x)
    weighting = torch.rand(y.shape).double()
    (y * weighting).sum().backward()
    return {
        "name": name,
        "printed": str(layer),
        "input_shape": list(input_shape),
        "output_shape": list(y.shape),
        "output": flat(y),
        "input_grad": flat(x.grad),
        "parameter_grads": {n: flat(p.grad) for n, p in layer.named_parameters()},
    }


def loss_case(name, loss):
    torch.manual_seed(8)
    loss = loss.double()
    x = (4 * torch.rand(6, 4) - 2).double().requires_grad_()
    target = torch.tensor([0, 3, 1, 2, 1, 3])
    y = loss(x, target)
    y.sum().backward()
    return {"name": name, "output": flat(y), "input_grad": flat(x.grad)}


class TrainModule(nn.Module):
    def __init__(self):
        super().__init__()
        self.model1 = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))

    def forward(self, x):
        return self.model1(x)


def tutorial_network():
    torch.manual_seed(0)
    model = TrainModule()
    x = torch.rand(4, 3, 32, 32)
    weights = [{"name": n, "shape": list(p.shape), "first_bits": bits(p)[:8],
                "crc32": zlib.crc32(p.detach().numpy().tobytes())}
               for n, p in model.named_parameters()]
    loss = nn.CrossEntropyLoss()(model(x), torch.tensor([3, 1, 4, 1]))
    loss.backward()
    return {"printed": str(model), "parameters": weights, "loss": loss.item(),
            "grad_norms": [p.grad.double().norm().item() for p in model.parameters()]}


def initialisers():
    def drawn(init, shape, dtype=torch.float32):
        tensor = torch.empty(shape, dtype=dtype)
        torch.manual_seed(9)
        init(tensor)
        return flat(tensor)

    return {
        "uniform": drawn(lambda t: nn.init.uniform_(t, -2, 3), (2, 5)),
        "uniform_double": drawn(lambda t: nn.init.uniform_(t, -2, 3), (2, 5), torch.float64),
        "normal_5": drawn(lambda t: nn.init.normal_(t, 1, 2), (5,)),
        "normal_20": drawn(lambda t: nn.init.normal_(t, 1, 2), (4, 5)),
        "kaiming_uniform": drawn(lambda t: nn.init.kaiming_uniform_(t), (3, 2, 2, 1)),
        "kaiming_uniform_fan_out_relu": drawn(
            lambda t: nn.init.kaiming_uniform_(t, mode="fan_out", nonlinearity="relu"), (3, 4)),
    }


def main():
    weight = torch.tensor([0.5, 2.0, 1.0, 0.25])
    golden = {
        "made_by": "tests/golden/generate_layers.py, PyTorch " + torch.__version__,
        "tutorial": tutorial_network(),
        "initialisers": initialisers(),
        "layers": [
            layer_case("conv2d", lambda: nn.Conv2d(3, 4, 3, padding=1), (2, 3, 5, 4)),
            layer_case("conv2d_options",
                       lambda: nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0),
                                         dilation=(1, 2), groups=2, bias=False), (2, 4, 6, 5)),
            layer_case("linear", lambda: nn.Linear(7, 3), (5, 7)),
            layer_case("linear_no_bias", lambda: nn.Linear(3, 2, bias=False), (2, 2, 3)),
            layer_case("max_pool2d", lambda: nn.MaxPool2d(2), (2, 3, 5, 4)),
            layer_case("max_pool2d_options",
                       lambda: nn.MaxPool2d(3, 2, 1, ceil_mode=True), (1, 2, 6, 5)),
            layer_case("flatten", nn.Flatten, (2, 3, 2, 2)),
            layer_case("relu", nn.ReLU, (3, 11)),
            layer_case("sequential",
                       lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d((2, 1)),
                                             nn.Flatten(), nn.Linear(12, 3)), (2, 1, 6, 5)),
        ],
        "losses": [
            loss_case("mean", nn.CrossEntropyLoss()),
            loss_case("sum", nn.CrossEntropyLoss(reduction="sum")),
            loss_case("none", nn.CrossEntropyLoss(reduction="none")),
            loss_case("weight", nn.CrossEntropyLoss(weight)),
            loss_case("all_options",
                      nn.CrossEntropyLoss(weight, ignore_index=1, label_smoothing=0.1)),
        ],
    }
    path = pathlib.Path(__file__).with_name("layers.json")
    path.write_text(json.dumps(golden, indent=None, separators=(",", ":"))
                    .replace('},{"name"', '},\n{"name"') + "\n")


if __name__ == "__main__":
    main()
