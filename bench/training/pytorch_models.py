#!/usr/bin/env python3
"""PyTorch's side of compare_models.py: the models of model_worker.cpp, and the same answers to the same
requests.

    pytorch_models.py MODEL DEVICE [channels_last]
"""
import contextlib
import dataclasses
import sys
import time
import typing


@dataclasses.dataclass
class Model:
    make: typing.Callable      # () -> (module, x, targets)
    optimizer: typing.Callable  # (parameters) -> optimizer
    loss: str = "CrossEntropyLoss"
    clips: bool = False
    pictures: bool = False
    bfloat16: bool = False


def version():
    import torch

    return torch.__version__


def sgd(parameters):
    import torch

    return torch.optim.SGD(parameters, lr=0.01)


def recurrent(name):
    """Two recurrent layers over 64 steps of 32 sequences, and a class from the last state."""
    import torch
    from torch import nn

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = getattr(nn, name)(64, 128, 2)
            self.head = nn.Linear(128, 10)

        def forward(self, x):
            return self.head(self.recurrent(x)[0][-1])

    return Classifier(), torch.rand(64, 32, 64), torch.randint(0, 10, (32,))


def transformer():
    """Two encoder layers over 64 steps of 32 sequences, and a class from the mean."""
    import torch
    from torch import nn

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.TransformerEncoder(
                nn.TransformerEncoderLayer(128, 4, 256, dropout=0.0, batch_first=True), 2)
            self.head = nn.Linear(128, 10)

        def forward(self, x):
            return self.head(self.encoder(x).mean(1))

    return Classifier(), torch.rand(32, 64, 128), torch.randint(0, 10, (32,))


def adding():
    """examples/recurrent: 64 sequences of 30 pairs."""
    import torch
    from torch import nn

    class Adder(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 64, batch_first=True)
            self.head = nn.Linear(64, 1)

        def forward(self, x):
            return self.head(self.lstm(x)[0][:, -1]).squeeze(-1)

    return Adder(), torch.rand(64, 30, 2), torch.rand(64)


def vision_transformer():
    """examples/vision_transformer: 64 pictures."""
    import torch
    from torch import nn

    class VisionTransformer(nn.Module):
        def __init__(self, width=64, patch=4):
            super().__init__()
            places = 1 + (32 // patch) ** 2
            self.to_patches = nn.Conv2d(3, width, patch, stride=patch)
            self.token = nn.Parameter(torch.zeros(1, 1, width))
            self.places = nn.Parameter(0.02 * torch.randn(1, places, width))
            layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=0.0, activation="gelu",
                                               batch_first=True, norm_first=True)
            self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, 10)

        def forward(self, x):
            patches = self.to_patches(x).flatten(2).transpose(1, 2)
            everything = torch.cat([self.token.expand(len(x), -1, -1), patches], 1) + self.places
            return self.head(self.norm(self.encoder(everything)[:, 0]))

    return VisionTransformer(), torch.rand(64, 3, 32, 32), torch.randint(0, 10, (64,))


def resnet18():
    """examples/resnet at full width: 32 pictures."""
    import torch
    from torch import nn

    class BasicBlock(nn.Module):
        def __init__(self, width_in, width, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(width_in, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width),
                nn.ReLU(), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
            self.around = nn.Sequential()
            if stride != 1 or width_in != width:
                self.around = nn.Sequential(nn.Conv2d(width_in, width, 1, stride, bias=False),
                                            nn.BatchNorm2d(width))

        def forward(self, x):
            return (self.body(x) + self.around(x)).relu()

    blocks = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1),
              (256, 512, 2), (512, 512, 1)]
    model = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
                          *(BasicBlock(*block) for block in blocks), nn.AdaptiveAvgPool2d(1),
                          nn.Flatten(), nn.Linear(512, 10))
    return model, torch.rand(32, 3, 32, 32), torch.randint(0, 10, (32,))


def tutorial():
    """The tutorial network of examples/cifar10: 64 pictures."""
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2),
        nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(1024, 64), nn.Linear(64, 10))
    return model, torch.rand(64, 3, 32, 32), torch.randint(0, 10, (64,))


def momentum(parameters):
    import torch

    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)


def adam(parameters):
    import torch

    return torch.optim.Adam(parameters, lr=5e-3)


def adamw(parameters):
    import torch

    return torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.05)


MODELS = {
    "resnet18": Model(resnet18, momentum, pictures=True),
    "vit": Model(vision_transformer, adamw, clips=True, pictures=True),
    "adding": Model(adding, adam, "MSELoss", clips=True),
    "lstm": Model(lambda: recurrent("LSTM"), sgd),
    "gru": Model(lambda: recurrent("GRU"), sgd),
    "transformer": Model(transformer, sgd),
    "tutorial": Model(tutorial, sgd, pictures=True),
    "tutorial_bf16": Model(tutorial, sgd, pictures=True, bfloat16=True),
    "resnet18_bf16": Model(resnet18, momentum, pictures=True, bfloat16=True),
}


def main():
    import torch

    name, device, *options = sys.argv[1:]
    made = MODELS[name]
    print("ready", flush=True)
    torch.manual_seed(0)
    steps = input()
    model, x, targets = made.make()
    model, x, targets = model.to(device), x.to(device), targets.to(device)
    if "channels_last" in options:
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    loss_fn = getattr(torch.nn, made.loss)()
    optimizer = made.optimizer(model.parameters())

    def step():
        cast = torch.autocast(device.split(":")[0], torch.bfloat16)
        with cast if made.bfloat16 else contextlib.nullcontext():
            loss = loss_fn(model(x), targets)
        optimizer.zero_grad()
        loss.backward()
        if made.clips:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        return loss.item()

    while True:
        times = []
        for _ in range(int(steps)):
            start = time.perf_counter()
            step()
            times.append(f"{1e3 * (time.perf_counter() - start):.4f}")
        print(*times, flush=True)
        try:
            steps = input()
        except EOFError:
            return


if __name__ == "__main__":
    main()
