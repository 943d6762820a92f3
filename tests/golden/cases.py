"""Cases of operations for the golden files: inputs from a formula that tests/core/golden_cases.h
repeats, so that only results are stored.

A case is {"op", "in": [input…], "args", "out": [{"shape", "dtype", "values"}…], "grads"}; an input is
[shape, dtype, layout, seed]. Values are quarters between -2 and 2, so that sums of their products are
exact in every floating type. The layout "edges" has NaN, infinities, both zeros and subnormal numbers,
or the extremes of an integer type, in their place.
"""
import json
import math
import pathlib

import torch

DTYPES = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64,
          "int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool,
          "int16": torch.int16, "int8": torch.int8, "float16": torch.float16,
          "bfloat16": torch.bfloat16}


def name(dtype):
    return str(dtype).replace("torch.", "")


def values(shape, dtype, seed):
    """Row-major: quarters between -2 and 2, or whole numbers of the same order."""
    n = math.prod(shape)
    k = (torch.arange(n, dtype=torch.int64) * 37 + seed * 11) % 17
    if dtype.is_floating_point:
        flat = (k - 8).double() / 4
    elif dtype in (torch.uint8, torch.bool):
        flat = k % (2 if dtype == torch.bool else 17)
    else:
        flat = k - 8
    return flat.reshape(shape).to(dtype)


def edges(shape, dtype, seed):
    """Row-major; of integers what a double holds as well."""
    if dtype.is_floating_point:
        all = [math.nan, 1.75, -math.inf, -0.0, 5e-324, -2.5, math.inf, 2.0**500]
    else:
        info = torch.iinfo(dtype)
        all = [info.max if info.bits < 64 else 2**62, info.min, 0, 1, 3]
    chosen = [all[(i + seed) % len(all)] for i in range(math.prod(shape))]
    return torch.tensor(chosen, dtype=torch.float64 if dtype.is_floating_point else torch.int64).reshape(shape).to(dtype)


def tensor(spec):
    shape, dtype, layout, seed = spec
    dtype = DTYPES[dtype]
    if layout == "transposed":
        x = values(shape[::-1], dtype, seed)
        return x.permute(*range(len(shape) - 1, -1, -1))
    if layout == "sliced":
        wide = shape[:-1] + [2 * shape[-1] + 1]
        return values(wide, dtype, seed)[..., 1::2]
    if layout == "expanded":
        return values([1] + shape[1:], dtype, seed).expand(shape)
    if layout == "edges":
        return edges(shape, dtype, seed)
    if layout == "channels_last":
        return values(shape, dtype, seed).contiguous(memory_format=torch.channels_last)
    return values(shape, dtype, seed)


def number(value):
    if isinstance(value, float):
        if not math.isfinite(value):
            return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        if value == int(value):
            return int(value)
    return value


def flat(x):
    if x.dtype == torch.bool:
        x = x.to(torch.int64)
    return [number(v) for v in (x.double() if x.dtype.is_floating_point else x).flatten().tolist()]


class Cases:
    def __init__(self, functions):
        self.functions = functions
        self.cases = []

    def add(self, op, inputs, gradient=None, **args):
        """inputs: shapes, or (shape, dtype, layout); float64 and contiguous where not said. Gradients
        of Σ out · weights are stored for float64 inputs."""
        specs = []
        for i, given in enumerate(inputs):
            full = given if isinstance(given, tuple) else (given,)
            shape, dtype, layout = (full + ("float64", "contiguous")[len(full) - 1:])[:3]
            specs.append([list(shape), dtype, layout, i + 1])
        x = [tensor(s).detach() for s in specs]
        if gradient is None:
            gradient = any(s[1] == "float64" for s in specs)
        leaves = [t.requires_grad_() if gradient and t.dtype == torch.float64 else t for t in x]
        out = self.functions[op](leaves, args)
        out = list(out) if isinstance(out, (list, tuple)) else [out]
        case = {"op": op, "in": specs, "args": args,
                "out": [{"shape": list(y.shape), "dtype": name(y.dtype), "values": flat(y.detach())}
                        for y in out]}
        if gradient:
            total = sum((y * values(list(y.shape), torch.float64, 5 + k).to(y.dtype)).sum()
                        for k, y in enumerate(out) if y.requires_grad)
            grads = torch.autograd.grad(total, [t for t in leaves if t.requires_grad])
            case["grads"] = [flat(g) for g in grads]
        self.cases.append(case)

    def error(self, op, inputs, **args):
        """PyTorch must refuse it as well."""
        specs = [[list(s), "float64", "contiguous", 1] for s in inputs]
        try:
            self.functions[op]([tensor(s) for s in specs], args)
        except (RuntimeError, IndexError, ValueError):
            self.cases.append({"op": op, "in": specs, "args": args, "error": True})
            return
        raise AssertionError(f"PyTorch takes {op} {inputs} {args}")

    def write(self, file):
        lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in self.cases)
        (pathlib.Path(__file__).parent / file).write_text("[\n" + lines + "\n]\n")
