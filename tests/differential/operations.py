"""The operations of random programs: how arguments are drawn, and what PyTorch calls them.

An Operation has a name (differential_operations.cpp has the same), arguments(program) → (values' numbers,
options) or None where nothing fits, run(*tensors, **options) in PyTorch, and, where it jumps, gaps: how
far the arguments are from jumps.
"""
from dataclasses import dataclass
from typing import Callable, Optional

import torch
import torch.nn.functional as F


@dataclass
class Operation:
    name: str
    arguments: Callable
    run: Callable
    gaps: Optional[Callable] = None


OPERATIONS = []


def add(name, arguments, run=None, gaps=None):
    OPERATIONS.append(Operation(name, arguments, run or getattr(torch, name), gaps))


# How arguments are drawn: a float value, and options.
def pick(program, at_least=0):
    fitting = [i for i in program.floats() if program.values[i].dim() >= at_least]
    if not fitting:
        return None
    recent = fitting[-6:]
    return program.rng.choice(recent if program.rng.random() < 0.7 else fitting)


def one(at_least=0, **options):
    """A value, and options: functions of (program, the value) or constants."""
    def draw(program):
        i = pick(program, at_least)
        if i is None:
            return None
        x = program.values[i]
        return [i], {k: f(program, x) if callable(f) else f for k, f in options.items()}
    return draw


def two(program):
    i, j = pick(program), pick(program)
    return None if i is None else ([i, j], {})


def three(program):
    picked = [pick(program) for _ in range(3)]
    return None if picked[0] is None else (picked, {})


def dim(program, x):
    return program.rng.randint(-x.dim(), x.dim() - 1) if x.dim() else 0


def dims(program, x):
    return sorted(program.rng.sample(range(x.dim()), program.rng.randint(0, x.dim())))


def flag(program, _):
    return program.rng.random() < 0.5


def number(low, high):
    return lambda program, _: round(program.rng.uniform(low, high), 3)


def whole(low, high):
    return lambda program, _: program.rng.randint(low, high)


# Gaps.
def from_whole(x, **_):
    return x - x.round()


def from_half(x, **_):
    return x - x.floor() - 0.5


def from_zero(x, **_):
    return x


def between(a, b, **_):
    return a - b


def neighbours(x, dim=None, **_):
    if x.dim() == 0:
        return x.new_ones(1)
    flat = x.flatten() if dim is None else x
    return flat.sort(-1 if dim is None else dim)[0].diff(dim=-1 if dim is None else dim)


def neighbours_over(x, dims=(), **_):
    rest = [d for d in range(x.dim()) if dims and d not in dims]
    inner = [d for d in range(x.dim()) if d not in rest]
    moved = x.permute(rest + inner).reshape([x.shape[d] for d in rest] + [-1])
    return moved.sort(-1)[0].diff(dim=-1)


# Element by element.
for _name in ("neg", "exp", "exp2", "log", "log2", "log10", "log1p", "expm1", "sqrt", "rsqrt",
              "reciprocal", "square", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
              "tanh", "asinh", "acosh", "atanh", "sigmoid", "erf"):
    add(_name, one())
# PyTorch 1.13's has eleven digits near ±1.
add("erfinv", one(), gaps=lambda x: (0.9 - x.abs()).clamp(min=0))
for _name in ("abs", "relu", "sign"):
    add(_name, one(), gaps=from_zero)
for _name in ("floor", "ceil", "trunc", "frac"):
    add(_name, one(), gaps=from_whole)
add("round", one(), gaps=from_half)
add("softplus", one(), F.softplus, gaps=lambda x: x - 20)
for _name in ("add", "sub", "mul", "div", "atan2"):
    add(_name, two)
    if _name != "atan2":
        add(_name, two)
add("remainder", two, gaps=lambda a, b: from_whole(a / b))
add("maximum", two, gaps=between)
add("minimum", two, gaps=between)
add("pow_scalar", one(exponent=number(-2, 3)), lambda x, exponent: x.abs().add(0.1).pow(exponent))
add("pow", two, lambda a, b: torch.pow(a.abs() + 0.1, b))
add("add_scalar", one(value=number(-2, 2)), lambda x, value: x + value)
add("mul_scalar", one(value=number(-2, 2)), lambda x, value: x * value)
add("scalar_div", one(value=number(-2, 2)), lambda x, value: value / x)
add("clamp", one(low=number(-1, 0), high=number(0, 1)), lambda x, low, high: x.clamp(low, high),
    gaps=lambda x, low, high: torch.cat([(x - low).flatten(), (x - high).flatten()]))
add("lerp", one(weight=number(-1, 2)), lambda x, weight: torch.lerp(x, x * 2 + 1, weight))
add("addcmul", three, lambda a, b, c: torch.addcmul(a, b, c, value=0.5))
add("where_less", three, lambda a, b, c: torch.where(a < b, b, c), gaps=lambda a, b, c: a - b)
add("isfinite_sum", one(), lambda x: torch.isfinite(x).sum())

# Views and shapes.
add("transpose", one(2, dim0=dim, dim1=dim), lambda x, dim0, dim1: x.transpose(dim0, dim1))
add("flatten", one(), torch.flatten)
add("unsqueeze", one(dim=lambda p, x: p.rng.randint(-x.dim() - 1, x.dim())))
add("squeeze", one(), torch.squeeze)
add("slice", one(1, dim=dim, start=whole(0, 2), step=whole(1, 2)),
    lambda x, dim, start, step: x[(slice(None),) * (dim % x.dim()) + (slice(start, None, step),)])
add("select", one(1, dim=dim, index=0), lambda x, dim, index: x.select(dim, index))
add("narrow", one(1, dim=dim, start=0, length=1),
    lambda x, dim, start, length: x.narrow(dim, start, length))
add("expand_front", one(size=whole(1, 3)), lambda x, size: x.expand([size] + list(x.shape)))
add("diagonal", one(2, offset=whole(-1, 1)), lambda x, offset: x.diagonal(offset))
add("unfold", one(1, dim=dim, size=whole(1, 2), step=1),
    lambda x, dim, size, step: x.unfold(dim, size, step))
add("movedim", one(2, source=dim, destination=dim),
    lambda x, source, destination: x.movedim(source, destination))
add("split_last", one(1, dim=dim, size=2), lambda x, dim, size: x.split(size, dim)[-1])
add("chunk_first", one(1, dim=dim, chunks=2), lambda x, dim, chunks: x.chunk(chunks, dim)[0])

# Over dimensions.
for _name in ("sum", "mean", "amax", "amin"):
    add(_name, one(dims=dims, keepdim=flag),
        lambda x, dims, keepdim, name=_name: getattr(x, name)(dims or tuple(range(x.dim())), keepdim),
        gaps=neighbours_over if _name.startswith("am") else None)
add("prod", one(1, dim=dim, keepdim=flag), lambda x, dim, keepdim: x.prod(dim, keepdim))
for _name in ("var", "std"):
    add(_name, one(1, dim=dim, correction=whole(0, 1), keepdim=flag),
        lambda x, dim, correction, keepdim, name=_name:
        getattr(x, name)(dim=dim, correction=correction, keepdim=keepdim))
# PyTorch rounds p to float32, also for float64; these are not rounded.
add("norm", one(1, p=lambda program, _: program.rng.choice((1.25, 1.5, 2.5, 3.0)), dim=dim),
    lambda x, p, dim: x.norm(p, dim), gaps=lambda x, p, dim: x)
add("logsumexp", one(1, dim=dim), lambda x, dim: x.logsumexp(dim))
add("softmax", one(1, dim=dim), lambda x, dim: x.softmax(dim))
add("log_softmax", one(1, dim=dim), lambda x, dim: x.log_softmax(dim))
add("cumsum", one(1, dim=dim), lambda x, dim: x.cumsum(dim))
add("cumprod", one(1, dim=dim), lambda x, dim: x.cumprod(dim))
add("max_values", one(1, dim=dim), lambda x, dim: x.max(dim)[0], gaps=neighbours)
add("min_values", one(1, dim=dim), lambda x, dim: x.min(dim)[0], gaps=neighbours)
add("argmax", one(1, dim=dim), lambda x, dim: x.argmax(dim), gaps=neighbours)
add("sort_values", one(1, dim=dim, descending=flag),
    lambda x, dim, descending: x.sort(dim, descending)[0], gaps=neighbours)
add("argsort", one(1, dim=dim), lambda x, dim: x.argsort(dim), gaps=neighbours)
add("topk_values", one(1, k=1, dim=dim), lambda x, k, dim: x.topk(k, dim)[0], gaps=neighbours)
add("median", one(1, dim=dim), lambda x, dim: x.median(dim)[0], gaps=neighbours)
add("count_nonzero", one(), torch.count_nonzero, gaps=from_zero)

# Products.
add("matmul", two)
add("matmul", lambda p: (lambda i: None if i is None else ([i, i], {}))(pick(p, 2)),
    lambda a, b: torch.matmul(a, b.transpose(-1, -2)) if a is b else torch.matmul(a, b))
OPERATIONS[-1].name = "matmul_transposed"
add("outer", lambda p: (lambda i: None if i is None else ([i], {}))(pick(p)),
    lambda x: torch.outer(x.flatten(), x.flatten()))
add("dot", lambda p: (lambda i: None if i is None else ([i], {}))(pick(p)),
    lambda x: torch.dot(x.flatten(), x.flatten().exp()))
add("einsum", one(2, equation=lambda p, _: p.rng.choice(("...ij->...ji", "...ij->...j", "...ij->...i"))),
    lambda x, equation: torch.einsum(equation, x))
add("einsum_pair", one(2), lambda x: torch.einsum("...ij,...kj->...ik", x, x))
add("addmm", one(2), lambda x: torch.addmm(x.reshape(-1, x.shape[-1]), x.reshape(-1, x.shape[-1]),
                                            x.new_ones(x.shape[-1], x.shape[-1]), beta=0.5, alpha=2))

# Elements in other places.
add("cat", lambda p: (lambda i: None if i is None else ([i, i], {"dim": dim(p, p.values[i])}))(pick(p, 1)),
    lambda a, b, dim: torch.cat([a, b * 2], dim))
add("stack", lambda p: (lambda i: None if i is None else ([i, i], {"dim": 0}))(pick(p)),
    lambda a, b, dim: torch.stack([a, b.sin()], dim))
add("pad", one(1, left=whole(0, 2), right=whole(0, 2), value=number(-1, 1)),
    lambda x, left, right, value: F.pad(x, [left, right], value=value))
for _mode in ("reflect", "replicate", "circular"):
    add("pad_" + _mode, one(3, left=1, right=1),
        lambda x, left, right, mode=_mode: F.pad(x, [left, right], mode=mode))
add("flip", one(1, dim=dim), lambda x, dim: x.flip(dim))
add("roll", one(1, shift=whole(-3, 3), dim=dim), lambda x, shift, dim: x.roll(shift, dim))
add("rot90", one(2, k=whole(-1, 3)), lambda x, k: x.rot90(k, (0, 1)))
add("tril", one(2, diagonal=whole(-1, 1)), lambda x, diagonal: x.tril(diagonal))
add("triu", one(2, diagonal=whole(-1, 1)), lambda x, diagonal: x.triu(diagonal))
add("repeat", one(count=whole(1, 2)), lambda x, count: x.repeat([count] * max(1, x.dim())))
add("repeat_interleave", one(1, count=whole(1, 3), dim=dim),
    lambda x, count, dim: x.repeat_interleave(count, dim))


def with_indices(name, run, full_shape):
    """A value of ≥ 1 dimension and int64 indices along one of its dimensions."""
    def draw(program):
        i = pick(program, 1)
        if i is None:
            return None
        x, d = program.values[i], dim(program, program.values[i])
        shape = list(x.shape) if full_shape else [program.rng.randint(1, 4)]
        count = 1
        for size in shape:
            count *= size
        indices = [program.rng.randrange(x.shape[d]) for _ in range(count)]
        j = program.constant(torch.tensor(indices, dtype=torch.int64).reshape(shape))
        return [i, j], {"dim": d}
    add(name, draw, run)


with_indices("gather", lambda x, index, dim: x.gather(dim, index), True)
with_indices("scatter_add", lambda x, index, dim: x.scatter_add(dim, index, x.sin()), True)
with_indices("take_along_dim", lambda x, index, dim: torch.take_along_dim(x, index, dim), True)
with_indices("index_select", lambda x, index, dim: x.index_select(dim, index), False)
with_indices("index_add", lambda x, index, dim:
             x.index_add(dim, index, x.index_select(dim, index).cos()), False)
with_indices("index_tensor", lambda x, index, dim: x[(slice(None),) * (dim % x.dim()) + (index,)], False)
add("masked_fill", one(value=number(-1, 1)), lambda x, value: x.masked_fill(x > 0, value), gaps=from_zero)
# PyTorch 1.13 orders this gradient by memory where x is transposed.
add("masked_select", one(), lambda x: x.contiguous().masked_select(x.contiguous() > 0), gaps=from_zero)
add("index_mask", one(1), lambda x: x[x > 0], gaps=from_zero)


# In place, on a copy of an earlier value, through a view of it where `through` says so.
def in_place(name, change):
    def run(x, **options):
        y = x.clone()
        change(y, **options)
        return y
    add(name, one(1, **IN_PLACE[name]), run)


IN_PLACE = {"write_slice": {"value": number(-1, 1)}, "write_first": {"factor": number(-2, 2)},
            "add_to_column": {"dim": dim}, "exp_of_view": {"dim": dim}}


def write_first(y, factor):
    y[0] = y[-1] * factor


def write_slice(y, value):
    y[..., ::2] = value


def add_to_column(y, dim):
    y.select(dim, 0).add_(y.select(dim, -1) * 2)


def exp_of_view(y, dim):
    y.narrow(dim, 0, 1).sin_()


in_place("write_slice", write_slice)
in_place("write_first", write_first)
in_place("add_to_column", add_to_column)
in_place("exp_of_view", exp_of_view)
