#!/usr/bin/env python3
"""The tutorial training on CIFAR-10 in PyTorch, for the losses and accuracies that Cuttle is held to.

    cifar10_pytorch.py ROOT [--epochs 10] [--seed 0]

ROOT holds cifar-10-batches-bin (the binary layout). The same network, seed, order and step as
examples/cifar10; tensors are channels-last, which is faster on a CPU. Prints the first three losses
and the test accuracy after every epoch.
"""
import argparse
import pathlib

import numpy
import torch
from torch import nn

RECORD = 1 + 3 * 32 * 32  # bytes: the label, then the red, green and blue planes
BATCH = 64


def load(paths):
    records = numpy.concatenate(
        [numpy.fromfile(path, dtype=numpy.uint8).reshape(-1, RECORD) for path in paths])
    images = torch.from_numpy(records[:, 1:].copy()).reshape(-1, 3, 32, 32)
    return images, torch.from_numpy(records[:, 0].astype(numpy.int64))


def batches(data):
    for images, targets in zip(data[0].split(BATCH), data[1].split(BATCH)):
        yield (images.float() / 255).contiguous(memory_format=torch.channels_last), targets


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    folder = arguments.root / "cifar-10-batches-bin"
    train = load([folder / f"data_batch_{i}.bin" for i in range(1, 6)])
    test = load([folder / "test_batch.bin"])

    torch.manual_seed(arguments.seed)
    model = nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)).to(memory_format=torch.channels_last)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    print(f"PyTorch {torch.__version__}, seed {arguments.seed}")
    step = 0
    for epoch in range(1, arguments.epochs + 1):
        for images, targets in batches(train):
            loss = loss_fn(model(images), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step <= 3:
                print(f"step {step}, loss: {loss.item():.7f}", flush=True)
        with torch.no_grad():
            correct = sum((model(images).argmax(1) == targets).sum().item()
                          for images, targets in batches(test))
        print(f"epoch {epoch}, accuracy on the test set: {correct / len(test[1]):.4f}", flush=True)


if __name__ == "__main__":
    main()
