"""What bench/gpu/compare.py measures of PyTorch: the cases of the C++ files beside this one, by the same names.

A case is a list of variants, of which the fastest counts: memory layouts, say. A variant has a label and a
function that makes its tensors and returns the call; `in_graph` calls are captured into one CUDA graph (0:
launched one by one). Without a GPU, in a dry run, graphs are loops and sizes are tiny.
"""
import collections
import contextlib
import time

import torch
from torch import nn
from torch.nn import functional

Variant = collections.namedtuple("Variant", "label prepare")
Case = collections.namedtuple("Case", "variants precision in_graph")
LAYOUTS = {"NCHW": torch.contiguous_format, "NHWC": torch.channels_last}
PRECISIONS = ("float32", "tf32", "bf16")


def training_step(device, small, layout, precision, captured):
    def prepare():
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)).to(device).to(memory_format=LAYOUTS[layout])
        batch = 2 if small else 64
        images = torch.rand(batch, 3, 32, 32, device=device).contiguous(memory_format=LAYOUTS[layout])
        targets = torch.randint(0, 10, (batch,), device=device)
        loss_fn = nn.CrossEntropyLoss()
        options = {"fused": True} if captured and device == "cuda" else {}
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, **options)

        def call(_):
            optimizer.zero_grad(set_to_none=True)
            with autocast(device, precision):
                loss = loss_fn(model(images), targets)
            loss.backward()
            optimizer.step()
        return call
    return prepare


def autocast(device, precision):
    if precision != "bf16":
        return contextlib.nullcontext()
    # The cache of converted weights would outlive the capture of a graph.
    return torch.autocast(device, dtype=torch.bfloat16, cache_enabled=False)


def convolution(device, small, number, layout, precision, what):
    """One pass of a layer: `what` alone, or with what stands around it, bias and pooling."""
    def prepare():
        channels, size = (3, 32, 32, 64), (8 if small else 32) >> (number - 1)
        batch = 1 if small else 64
        options = {"device": device, "dtype": torch.bfloat16 if precision == "bf16" else torch.float32}
        form = {"memory_format": LAYOUTS[layout]}
        x = torch.rand(batch, channels[number - 1], size, size, **options).contiguous(**form)
        weight = torch.rand(channels[number], channels[number - 1], 5, 5, **options).contiguous(**form)
        bias = torch.rand(channels[number], **options)
        with torch.no_grad():
            whole = functional.conv2d(x, weight, bias, padding=2).contiguous(**form)
            pooled, index = functional.max_pool2d(whole, 2, return_indices=True)
        dy, dpooled = torch.rand_like(whole), torch.rand_like(pooled)

        def gradients(dy, mask):
            return torch.ops.aten.convolution_backward(dy, x, weight, [channels[number]], [1, 1], [2, 2], [1, 1],
                                                       False, [0, 0], 1, mask)

        def backward(_):
            dwhole = torch.ops.aten.max_pool2d_with_indices_backward(dpooled, whole, [2, 2], [2, 2], [0, 0], [1, 1],
                                                                     False, index)
            gradients(dwhole, [number > 1, True, True])
        return {
            "forward": lambda _: functional.max_pool2d(functional.conv2d(x, weight, bias, padding=2), 2),
            "forward alone": lambda _: functional.conv2d(x, weight, None, padding=2),
            "input gradient": lambda _: gradients(dy, [True, False, False]),
            "weight gradient": lambda _: gradients(dy, [False, True, False]),
            "backward": backward,
        }[what]
    return prepare


def sets(shape, device, small):
    """Tensors used in turn, more of them than fit in the second-level cache."""
    first = torch.rand(shape, device=device)
    count = 1 if small else -(-(256 << 20) // (4 * first.numel()))
    return [first] + [first.clone() for _ in range(count - 1)]


def in_turn(shape, device, small, operation, dtype=torch.float32):
    def prepare():
        tensors = [x.to(dtype) for x in sets(shape, device, small)]

        def call(i):
            with torch.no_grad():
                operation(tensors[i % len(tensors)])
        return call
    return prepare


def cross_entropy(shape, device, small, backward):
    def prepare():
        target = torch.randint(0, shape[1], (shape[0],), device=device)
        tensors = [x.requires_grad_(backward) for x in sets(shape, device, small)]

        def call(i):
            logits = tensors[i % len(tensors)]
            logits.grad = None
            loss = functional.cross_entropy(logits, target)
            if backward:
                loss.backward()
        return call
    return prepare


def large_cases(device, small):
    side = 16 if small else 4096
    square, rows = (side, side), (side, 8 if small else 1024)
    images = (1, 3, 4, 4) if small else (64, 64, 64, 64)
    operations = {
        "copy": (square, lambda x: x.clone()),
        "x + 1": (square, lambda x: x + 1),
        "sum of all": (square, lambda x: x.sum()),
        "sum over rows": (square, lambda x: x.sum(0)),
        "sum over columns": (square, lambda x: x.sum(1)),
        "mean over columns": (square, lambda x: x.mean(1)),
        "argmax over columns": (square, lambda x: x.argmax(1)),
        "softmax": (rows, lambda x: x.softmax(1)),
        "log_softmax": (rows, lambda x: x.log_softmax(1)),
        "NCHW to NHWC": (images, lambda x: x.permute(0, 2, 3, 1).contiguous()),
    }
    cases = {f"large/{name}": Case([Variant("", in_turn(shape, device, small, operation))], "float32", 12)
             for name, (shape, operation) in operations.items()}
    for name, backward in (("cross-entropy", False), ("cross-entropy with gradient", True)):
        cases[f"large/{name}"] = Case([Variant("", cross_entropy(rows, device, small, backward))], "float32", 12)
    for n in (1024, 4096):
        for precision in PRECISIONS:
            dtype = torch.bfloat16 if precision == "bf16" else torch.float32
            product = in_turn(square if small else (n, n), device, small, lambda x: x @ x, dtype)
            cases[f"large/matrix product {n}/{precision}"] = Case([Variant("", product)], precision, 4)
    return cases


def all_cases(device, small):
    """{name: Case}."""
    cases = large_cases(device, small)
    for precision in PRECISIONS:
        for kind, in_graph in (("eager", 0), ("captured", 1)):
            cases[f"step/{kind}/{precision}"] = Case(
                [Variant(layout, training_step(device, small, layout, precision, in_graph > 0))
                 for layout in LAYOUTS], precision, in_graph)
        for number in (1, 2, 3):
            for what in ("forward", "forward alone", "input gradient", "weight gradient", "backward"):
                if what == "input gradient" and number == 1:
                    continue
                cases[f"convolution {number}/{what}/{precision}"] = Case(
                    [Variant(layout, convolution(device, small, number, layout, precision, what))
                     for layout in LAYOUTS], precision, 20)
    return cases


class Timed:
    """A prepared variant, captured where it is one that is replayed."""

    def __init__(self, case, variant, device):
        self.case, self.device = case, device
        self.set_precision()
        self.call = variant.prepare()
        self.graph = None
        if device == "cuda" and case.in_graph:
            self.capture()
        else:
            for i in range(3):
                self.call(i)

    def set_precision(self):
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = self.case.precision == "tf32"
        torch.backends.cuda.matmul.allow_tf32 = self.case.precision == "tf32"

    def capture(self):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for i in range(3):
                self.call(i)
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            for i in range(self.case.in_graph):
                self.call(i)
        self.graph.replay()

    def microseconds(self, calls):
        self.set_precision()
        at_once = max(self.case.in_graph, 1)
        turns = max(calls // at_once, 1)
        self.wait()
        start = time.perf_counter()
        for i in range(turns):
            if self.graph:
                self.graph.replay()
            else:
                for k in range(at_once):
                    self.call(i + k)
        self.wait()
        return 1e6 * (time.perf_counter() - start) / (turns * at_once)

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()


class PyTorch:
    """The peer that compare.py asks: has(name), microseconds(name, calls), label(name), drop()."""

    def __init__(self, device, small):
        self.device, self.cases = device, all_cases(device, small)
        self.chosen = {}

    def has(self, name):
        return name in self.cases

    def microseconds(self, name, calls):
        return self.fastest(name)[1].microseconds(calls)

    def label(self, name):
        return self.fastest(name)[0]

    def fastest(self, name):
        """The label and the Timed of the variant with the least of five times; the others are let go."""
        if name not in self.chosen:
            case, best = self.cases[name], None
            for variant in case.variants:
                timed = Timed(case, variant, self.device)
                calls = max(case.in_graph, 1)
                took = min(timed.microseconds(calls) for _ in range(5))
                if best is None or took < best[0]:
                    best = (took, variant.label, timed)
            self.chosen[name] = best[1:]
        return self.chosen[name]

    def drop(self):
        self.chosen.clear()
        if self.device == "cuda":
            torch.cuda.empty_cache()


def version():
    return f"PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version() or '-'}"
