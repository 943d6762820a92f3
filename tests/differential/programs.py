#!/usr/bin/env python3
"""Writes random programs of tensor operations, and what PyTorch computes in each of them.

    python3 programs.py --count 1000 --seed 1 > programs.jsonl     (needs torch; Debian: python3-torch)

One program a line, as JSON: inputs; ten to fifty steps, each with an operation, the values that it reads
(inputs first, then the steps' results) and its result in PyTorch; the gradients of all inputs; and for
every third program in float64 those of the gradients. The same count and seed give the same programs. The
operations are in operations.py. differential.cpp runs the programs in Cuttle.

A step is thrown away where its result says nothing about Cuttle: infinite, huge, or within rounding of a
jump (an operation says where it jumps).
"""
import argparse
import json
import math
import random
import sys
import warnings

import torch

from operations import OPERATIONS

LARGEST = 1e3       # of a value; steps beyond are thrown away
MOST_ELEMENTS = 400
LAYOUTS = ("contiguous", "transposed", "sliced", "expanded")


def listed(tensor):
    if not tensor.is_floating_point():
        return [int(v) for v in tensor.flatten().tolist()]
    # The sum gives memory to a gradient that PyTorch knows to be zero.
    return (tensor.detach() + torch.zeros(1, dtype=tensor.dtype)).flatten().tolist()


def described(tensor):
    return {"dtype": str(tensor.dtype)[6:], "shape": list(tensor.shape), "values": listed(tensor)}


def weights(tensor):
    """What an output's gradient is: (7 i mod 11 − 5) / 5 of the i-th element."""
    i = torch.arange(tensor.numel(), dtype=torch.int64)
    return (((7 * i) % 11 - 5).to(tensor.dtype) / 5).reshape(tensor.shape)


def laid_out(values, layout):
    """The same values with other strides. The test does the same (laid_out there)."""
    if layout == "transposed" and values.dim() > 1:
        return values.transpose(0, -1).contiguous().transpose(0, -1)
    if layout == "sliced" and values.dim() > 0:
        wide = torch.zeros(*values.shape[:-1], values.shape[-1] * 2, dtype=values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    return values


class Program:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.seed = seed
        torch.manual_seed(seed)
        self.dtype = torch.float32 if seed % 4 == 3 else torch.float64
        # In float32 terms of 1/x² that cancel leave too few digits to compare.
        self.second = seed % 3 == 0 and self.dtype == torch.float64
        self.gap = 1e-3 if self.dtype == torch.float32 else 1e-7  # from a jump
        # The same in float64 of slightly other inputs: the difference is the error that rounding makes.
        self.inputs, self.values, self.exact, self.steps = [], [], [], []
        for _ in range(self.rng.randint(1, 3)):
            self.add_input()

    # What operations.py asks for.
    def shape(self, low=0, high=4):
        return [self.rng.choice((1, 2, 3, 3, 4, 5)) for _ in range(self.rng.randint(low, high))]

    def floats(self):
        return [i for i, v in enumerate(self.values) if v.is_floating_point()]

    def constant(self, tensor):
        """A new value that is no result: an index, a mask."""
        self.steps.append({"op": "constant", "args": [], "options": {}, **described(tensor)})
        self.values.append(tensor)
        self.exact.append(tensor)
        return len(self.values) - 1

    def numbers(self, shape):
        return torch.tensor([self.rng.uniform(-2, 2) for _ in range(math.prod(shape))],
                            dtype=self.dtype).reshape(shape)

    def add_input(self):
        values, layout = self.numbers(self.shape(0, 3)), self.rng.choice(LAYOUTS[:3])
        self.inputs.append({**described(values), "layout": layout})
        leaf = laid_out(values, layout).requires_grad_()
        self.values.append(leaf)
        exact = leaf.detach().double()
        if self.dtype == torch.float64:  # what a change of the last digit does to the results
            exact = exact * (1 + 4e-16 * torch.sign(torch.rand_like(exact) - 0.5))
        self.exact.append(exact.requires_grad_())

    def jumps(self, operation, args, options):
        """True where a difference in rounding could change the result beyond rounding."""
        if operation.gaps is None:
            return False
        gaps = operation.gaps(*[self.values[a].detach() for a in args], **options)
        return gaps.numel() > 0 and bool((gaps.abs() < self.gap).any())

    def step(self):
        operation = self.rng.choice(OPERATIONS)
        mark = len(self.steps)
        made = operation.arguments(self)
        if made is not None:
            args, options = made
            try:
                if not self.jumps(operation, args, options):
                    outs = [operation.run(*[v[a] for a in args], **options)
                            for v in (self.values, self.exact)]
                    if self.take(operation, args, options, *outs):
                        return
            except (RuntimeError, IndexError, TypeError, ValueError):
                pass
        del self.steps[mark:]
        del self.values[len(self.inputs) + mark:]
        del self.exact[len(self.inputs) + mark:]

    def take(self, operation, args, options, out, exact):
        if not 0 < out.numel() <= MOST_ELEMENTS or out.dim() > 5:
            return False
        largest = float(out.detach().abs().max()) if out.dtype != torch.bool else 1
        if not largest < LARGEST:
            return False
        error = 0.0
        if out.is_floating_point():
            error = float((out.detach().double() - exact.detach()).abs().max())
            # Steps that lose digits would make every later one meaningless.
            if not error <= (1e-3 if self.dtype == torch.float32 else 1e-9) * (1 + largest):
                return False
        self.steps.append({"op": operation.name, "args": args, "options": options,
                           "error": error, **described(out)})
        self.values.append(out)
        self.exact.append(exact)
        return True

    def gradients(self, values):
        """Of the weighted sum of all results that no step reads, and of all that for every third program
        again; None where PyTorch refuses or where they are too large to compare."""
        read = {a for s in self.steps for a in s["args"]}
        outputs = [v for i, v in enumerate(values) if i not in read and v.requires_grad]
        leaves = values[:len(self.inputs)]
        if not outputs:
            return None
        loss = sum((weights(v).to(v.dtype) * v).sum() for v in outputs)
        first = torch.autograd.grad(loss, leaves, allow_unused=True, create_graph=self.second)
        second = [None] * len(leaves)
        again = [(weights(g).to(g.dtype) * g).sum() for g in first if g is not None and g.requires_grad]
        if self.second and again:
            second = torch.autograd.grad(sum(again), leaves, allow_unused=True)
        return [list(first), list(second)]

    def finished(self):
        try:
            got, exact = self.gradients(self.values), self.gradients(self.exact)
        except RuntimeError:  # a value that the backward needs was written over
            return None
        if got is None:
            return None
        result = {"seed": self.seed, "dtype": str(self.dtype)[6:], "inputs": self.inputs,
                  "steps": self.steps}
        for name, mine, other in zip(("first", "second"), got, exact):
            entries = []
            for g, e in zip(mine, other):
                if g is None:
                    entries.append(None)
                    continue
                error = float((g.detach().double() - e.detach()).abs().max()) if g.numel() else 0.0
                largest = float(g.detach().abs().max()) if g.numel() else 0.0
                if not largest < 1e6 or not error <= 1e-2 * (1 + largest):
                    return None
                entries.append({"error": error, "values": listed(g)})
            result[name] = entries
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    seed, written = options.seed * 1_000_000, 0
    while written < options.count:
        seed += 1
        program = Program(seed)
        length = program.rng.randint(10, 50)
        for _ in range(40 * length):
            if len(program.steps) >= length:
                break
            program.step()
        result = program.finished() if len(program.steps) >= 10 else None
        if result is not None:
            json.dump(result, sys.stdout)
            sys.stdout.write("\n")
            written += 1


if __name__ == "__main__":
    main()
