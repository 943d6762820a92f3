#!/usr/bin/env python3
"""Writes layer_families.json: activations, dropout in evaluation, embeddings, bilinear layers, shapes, initialisers.

Run with a Python that has torch (Debian: python3-torch): python3 generate_layer_families.py
Deterministic: the file changes only when PyTorch's results do. Each layer is made after seed 7, so that its
parameters are drawn, then its inputs, then the weights of a sum over the output; values, gradients and the
printed form are recorded. tests/layers/layer_families_golden_test.cpp does the same in the same order.
"""
import json
import pathlib

import torch
from torch import nn

X = (2, 4, 3)


def flat(tensor):
    return tensor.detach().double().flatten().tolist()


def finish(layer, y, leaves):
    (y * torch.rand(y.shape).double()).sum().backward()
    return {"printed": str(layer), "output_shape": list(y.shape), "output": flat(y),
            "input_grads": [flat(x.grad) for x in leaves],
            "state": {n: flat(p) for n, p in layer.state_dict().items()},
            "parameter_grads": {n: flat(p.grad) for n, p in layer.named_parameters()}}


def floats(make, *shapes):
    torch.manual_seed(7)
    layer = make().double()
    leaves = [(4 * torch.rand(s) - 2).double().requires_grad_() for s in shapes]
    return {"shapes": [list(s) for s in shapes]} | finish(layer, layer(*leaves), leaves)


def table(make, indices, *more, weights=None):
    torch.manual_seed(7)
    layer = make().double()
    more = [torch.tensor(m) for m in more]
    leaves = []
    if weights:
        leaves = [torch.tensor(weights, dtype=torch.float64).requires_grad_()]
        y = layer(torch.tensor(indices), *more, per_sample_weights=leaves[0])
    else:
        y = layer(torch.tensor(indices), *more)
    return {"shapes": []} | finish(layer, y, leaves)


def drawn(init, *shape):
    tensor = torch.empty(*shape)
    torch.manual_seed(9)
    init(tensor)
    return flat(tensor)


def main():
    rows, offsets = [1, 3, 3, 0, 2, 1, 4], [0, 2, 2, 5]
    matrix = [[1, 3, 0], [2, 2, 4]]
    layers = {
        "relu": floats(nn.ReLU, X), "relu6": floats(nn.ReLU6, X), "leaky_relu": floats(lambda: nn.LeakyReLU(0.2), X),
        "prelu": floats(nn.PReLU, X), "prelu_channels": floats(lambda: nn.PReLU(4, init=0.5), X),
        "elu": floats(lambda: nn.ELU(0.5), X), "selu": floats(nn.SELU, X), "celu": floats(lambda: nn.CELU(0.5), X),
        "gelu": floats(nn.GELU, X), "gelu_tanh": floats(lambda: nn.GELU(approximate="tanh"), X),
        "silu": floats(nn.SiLU, X), "mish": floats(nn.Mish, X), "hardswish": floats(nn.Hardswish, X),
        "hardtanh": floats(lambda: nn.Hardtanh(-0.5, 1.0), X),
        "softplus": floats(lambda: nn.Softplus(2.0, 3.0), X), "softsign": floats(nn.Softsign, X),
        "logsigmoid": floats(nn.LogSigmoid, X), "threshold": floats(lambda: nn.Threshold(0.1, 0.5), X),
        "sigmoid": floats(nn.Sigmoid, X), "tanh": floats(nn.Tanh, X), "softmax": floats(lambda: nn.Softmax(1), X),
        "log_softmax": floats(lambda: nn.LogSoftmax(dim=-1), X), "softmin": floats(lambda: nn.Softmin(dim=1), X),
        "glu": floats(lambda: nn.GLU(1), X), "dropout": floats(lambda: nn.Dropout(0.3).eval(), X),
        "identity": floats(nn.Identity, X), "unflatten": floats(lambda: nn.Unflatten(1, (2, 2)), X),
        "pixel_shuffle": floats(lambda: nn.PixelShuffle(2), (2, 8, 2, 3)),
        "pixel_unshuffle": floats(lambda: nn.PixelUnshuffle(2), (2, 2, 4, 6)),
        "bilinear": floats(lambda: nn.Bilinear(3, 2, 4), (2, 5, 3), (2, 5, 2)),
        "bilinear_no_bias": floats(lambda: nn.Bilinear(3, 2, 4, bias=False), (5, 3), (5, 2)),
        "cosine_similarity": floats(lambda: nn.CosineSimilarity(dim=1), X, X),
        "pairwise_distance": floats(lambda: nn.PairwiseDistance(2.0, keepdim=True), (4, 3), (4, 3)),
        "embedding": table(lambda: nn.Embedding(5, 3), matrix),
        "embedding_padding": table(lambda: nn.Embedding(5, 3, padding_idx=-3), matrix),
        "embedding_options": table(lambda: nn.Embedding(5, 3, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True),
                                   matrix),
        "bag_sum": table(lambda: nn.EmbeddingBag(5, 3, mode="sum"), rows, offsets),
        "bag_mean": table(lambda: nn.EmbeddingBag(5, 3), rows, offsets),
        "bag_mean_matrix": table(lambda: nn.EmbeddingBag(5, 3, padding_idx=2), matrix),
        "bag_max": table(lambda: nn.EmbeddingBag(5, 3, mode="max"), rows, offsets),
        "bag_max_padding": table(lambda: nn.EmbeddingBag(5, 3, mode="max", padding_idx=2), matrix),
        "bag_last_offset": table(lambda: nn.EmbeddingBag(5, 3, mode="sum", include_last_offset=True),
                                 rows, offsets + [7]),
        "bag_weights": table(lambda: nn.EmbeddingBag(5, 3, mode="sum", padding_idx=0), matrix,
                             weights=[[0.5, 1, 2], [3, -1, 0.25]]),
    }
    init = {
        "trunc_normal": drawn(lambda t: nn.init.trunc_normal_(t, 0.5, 2.0, -1.0, 1.5), 4, 5),
        "eye": drawn(nn.init.eye_, 3, 4), "dirac": drawn(lambda t: nn.init.dirac_(t, 2), 4, 3, 3, 2),
        "dirac_line": drawn(nn.init.dirac_, 2, 3, 3),
        "xavier_uniform": drawn(lambda t: nn.init.xavier_uniform_(t, 2.0), 3, 4),
        "xavier_normal": drawn(nn.init.xavier_normal_, 3, 2, 3),
        "kaiming_normal": drawn(lambda t: nn.init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"), 3, 4),
        "orthogonal": drawn(lambda t: nn.init.orthogonal_(t, 2.0), 6, 4),
        "orthogonal_wide": drawn(nn.init.orthogonal_, 3, 2, 4),
        "orthogonal_square": drawn(nn.init.orthogonal_, 5, 5),
        "sparse": drawn(lambda t: nn.init.sparse_(t, 0.3, 0.5), 5, 4),
    }
    content = {"made_by": "tests/golden/generate_layer_families.py, PyTorch " + torch.__version__,
               "layers": layers, "initialisers": init}
    path = pathlib.Path(__file__).with_name("layer_families.json")
    path.write_text(json.dumps(content, separators=(",", ":")).replace("},", "},\n") + "\n")


if __name__ == "__main__":
    main()
