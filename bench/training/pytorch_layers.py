#!/usr/bin/env python3
"""PyTorch's side of compare_layers.py: the cases of layer_worker.cpp, and the same answers to the same
requests.

    pytorch_layers.py CASE forward|both
"""
import sys
import time

CASES = [*(f"{kind}softmax_{cols}" for kind in ("", "log_") for cols in (10, 16, 33, 64, 256)),
         *(f"layer_norm_{features}" for features in (64, 128, 768)),
         "embedding_bag_sum", "embedding_bag_mean", "embedding_bag_max", "embedding_and_sum"]


def named(name):
    """(x, function)."""
    import torch
    from torch.nn import functional

    kind, size = name.rsplit("_", 1)
    if kind == "softmax":
        return torch.randn((1 << 20) // int(size), int(size)), lambda x: x.softmax(1)
    if kind == "log_softmax":
        return torch.randn((1 << 20) // int(size), int(size)), lambda x: x.log_softmax(1)
    if kind == "layer_norm":
        return torch.randn((1 << 19) // int(size), int(size)), torch.nn.LayerNorm(int(size))
    indices = torch.randint(10000, (512, 32))
    table = torch.randn(10000, 64)
    if name == "embedding_and_sum":
        return table, lambda table: functional.embedding(indices, table).sum(1)
    return table, lambda table: functional.embedding_bag(indices, table, mode=size)


def main():
    import torch

    name, what = sys.argv[1:]
    print("ready", flush=True)
    torch.manual_seed(0)
    x, function = named(name)
    x.requires_grad_(what == "both")
    gradient = torch.randn(function(x).shape)
    grad_mode = torch.enable_grad if what == "both" else torch.no_grad

    def call():
        with grad_mode():
            y = function(x)
        if what == "both":
            y.backward(gradient)

    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            x.grad = None
            start = time.perf_counter()
            call()
            times.append(f"{1e3 * (time.perf_counter() - start):.4f}")
        print(*times, flush=True)


if __name__ == "__main__":
    main()
