#!/usr/bin/env python3
"""Writes matrix.json: what PyTorch's products of matrices and tensors give.

Run with a Python that has torch (Debian: python3-torch): python3 generate_matrix.py
tests/core/matrix_golden_test.cpp runs the same cases.
"""
import itertools

import torch
import torch.nn.functional as F

from cases import Cases

FUNCTIONS = {
    "matmul": lambda x, a: torch.matmul(*x),
    "linear": lambda x, a: F.linear(*x),
    "mm": lambda x, a: torch.mm(*x),
    "bmm": lambda x, a: torch.bmm(*x),
    "mv": lambda x, a: torch.mv(*x),
    "addmm": lambda x, a: torch.addmm(*x, **a),
    "baddbmm": lambda x, a: torch.baddbmm(*x, **a),
    "addbmm": lambda x, a: torch.addbmm(*x, **a),
    "addmv": lambda x, a: torch.addmv(*x, **a),
    "addr": lambda x, a: torch.addr(*x, **a),
    "addmm_": lambda x, a: x[0].clone().addmm_(*x[1:], **a),
    "baddbmm_": lambda x, a: x[0].clone().baddbmm_(*x[1:], **a),
    "addbmm_": lambda x, a: x[0].clone().addbmm_(*x[1:], **a),
    "addmv_": lambda x, a: x[0].clone().addmv_(*x[1:], **a),
    "addr_": lambda x, a: x[0].clone().addr_(*x[1:], **a),
    "trace": lambda x, a: torch.trace(x[0]),
    "outer": lambda x, a: torch.outer(*x),
    "dot": lambda x, a: torch.dot(*x),
    "vdot": lambda x, a: torch.vdot(*x),
    "inner": lambda x, a: torch.inner(*x),
    "tensordot": lambda x, a: torch.tensordot(*x, a["dims"]),
    "kron": lambda x, a: torch.kron(*x),
    "cross": lambda x, a: torch.cross(*x, a.get("dim")),
    "einsum": lambda x, a: torch.einsum(a["equation"], *x),
}

LAYOUTS = ("contiguous", "transposed", "sliced", "expanded")


def products(c):
    for a, b in itertools.product(([3], [2, 3], [2, 2, 3], [2, 1, 2, 3], [1, 2, 3]),
                                  ([3], [3, 2], [2, 3, 2], [2, 3, 1], [2, 1, 3, 2])):
        c.add("matmul", [a, b])
    for a, b in itertools.product(LAYOUTS, LAYOUTS):
        c.add("matmul", [([2, 3], "float64", a), ([3, 2], "float64", b)])
        c.add("matmul", [([2, 2, 3], "float64", a), ([2, 3, 2], "float64", b)])
        c.add("bmm", [([3, 1, 2], "float64", a), ([3, 2, 2], "float64", b)])
    for a, b in (([0, 3], [3, 2]), ([2, 0], [0, 2]), ([2, 3], [3, 0]), ([0, 2, 3], [3, 2]),
                 ([0], [0]), ([2, 0, 3], [2, 3, 0]), ([3, 2, 0], [0]), ([3, 1, 2, 2], [0, 2, 2])):
        c.add("matmul", [a, b])
    c.add("matmul", [[9, 1, 1, 2], [2, 2, 1]])  # more products than are launched one by one
    c.add("matmul", [[3, 1, 3, 1, 2], [2, 1, 2, 1]])
    for dtype in ("float32", "int64", "int32", "int16", "int8", "uint8", "bfloat16"):
        c.add("mm", [([2, 3], dtype), ([3, 2], dtype)])
        c.add("bmm", [([2, 2, 3], dtype, "transposed"), ([2, 3, 2], dtype, "sliced")])
        c.add("addmm", [([2], dtype), ([2, 3], dtype), ([3, 2], dtype)], beta=2, alpha=3)
        c.add("dot", [([3], dtype), ([3], dtype)])
    c.add("mm", [[2, 3], [3, 4]])
    c.add("mv", [[2, 3], [3]])
    c.add("mv", [([2, 3], "float64", "transposed"), ([3], "float64", "sliced")])
    c.add("dot", [([3], "float64", "expanded"), ([3], "float64", "sliced")])
    c.add("vdot", [[4], [4]])
    c.add("dot", [[0], [0]])
    c.add("outer", [[2], [3]])
    c.add("outer", [[0], [3]])
    c.add("outer", [([2], "int64"), ([2], "float32")])
    for a, b in (([3], [3]), ([2, 3], [3]), ([2, 3], [2, 2, 3]), ([], [2, 3]), ([2, 0], [3, 0])):
        c.add("inner", [a, b])
    c.error("mm", [[2, 3], [2, 3]])
    c.error("mm", [[3], [3, 2]])
    c.error("bmm", [[2, 2, 3], [1, 3, 2]])
    c.error("mv", [[2, 3], [2]])
    c.error("dot", [[2], [3]])
    c.error("dot", [[2, 1], [2]])
    c.error("outer", [[2, 2], [2]])
    c.error("inner", [[2, 3], [2, 4]])
    c.error("matmul", [[2, 2, 3], [3, 3, 2]])


def summed(c):
    for beta, alpha in ((1, 1), (2, 1), (1, -2), (0.5, 1.5), (0, 1), (0, 2)):
        o = dict(beta=beta, alpha=alpha)
        for shape in ([2, 4], [4], [1, 4], [2, 1], [1], [], ([2, 4], "float64", "transposed")):
            c.add("addmm", [shape, [2, 3], [3, 4]], **o)
        if beta != 0:  # else PyTorch 1.13 may give NaN, from memory that it did not set
            c.add("baddbmm", [[2, 2, 2], [2, 2, 3], [2, 3, 2]], **o)
            c.add("baddbmm", [[2], [2, 2, 3], ([2, 3, 2], "float64", "expanded")], **o)
        c.add("addbmm", [[2, 2], [3, 2, 3], [3, 3, 2]], **o)
        c.add("addmv", [[2], [2, 3], [3]], **o)
        c.add("addmv", [[], [2, 3], [3]], **o)
        c.add("addr", [[2, 3], [2], [3]], **o)
    c.add("addmm", [[2, 2], [2, 0], [0, 2]], beta=2, alpha=1)
    c.add("addmm", [[2, 0], [2, 3], [3, 0]], beta=1, alpha=1)
    c.add("baddbmm", [[1], [0, 2, 2], [0, 2, 2]], beta=1, alpha=1)
    c.error("addmm", [[3], [2, 3], [3, 4]], beta=1, alpha=1)
    c.error("addmm", [[1, 1, 4], [2, 3], [3, 4]], beta=1, alpha=1)
    c.error("baddbmm", [[3], [2, 2, 3], [2, 3, 2]], beta=1, alpha=1)
    c.error("addbmm", [[2, 2, 2], [2, 2, 3], [2, 3, 2]], beta=1, alpha=1)
    c.error("addmv", [[3], [2, 3], [3]], beta=1, alpha=1)


def in_place(c):
    for beta, alpha in ((1, 1), (0.5, -2)):
        o = dict(beta=beta, alpha=alpha)
        c.add("addmm_", [[2, 4], [2, 3], [3, 4]], **o)
        c.add("addmm_", [([2, 4], "float64", "transposed"), ([2, 3], "float64", "sliced"), [3, 4]], **o)
        c.add("baddbmm_", [[2, 2, 2], [2, 2, 3], [2, 3, 2]], **o)
        c.add("addbmm_", [[2, 2], [3, 2, 3], [3, 3, 2]], **o)
        c.add("addmv_", [[2], [2, 3], [3]], **o)
        c.add("addr_", [[2, 3], [2], [3]], **o)
    c.add("addmm_", [([2, 2], "int64"), ([2, 3], "int64"), ([3, 2], "int64")], beta=2, alpha=1)
    c.error("addmm_", [[4], [2, 3], [3, 4]], beta=1, alpha=1)
    c.error("addmv_", [[1], [2, 3], [3]], beta=1, alpha=1)


def tensors(c):
    # The gradient that PyTorch 1.13 gives of a tall matrix's trace goes on below the diagonal.
    for shape in ([3, 3], [2, 4], [0, 3], [1, 1], ([3, 3], "float64", "transposed"),
                  ([3, 3], "float64", "sliced"), ([3, 2], "int64"), ([2, 2], "uint8"), ([2, 3], "float32")):
        c.add("trace", [shape])
    c.error("trace", [[3]])
    c.error("trace", [[2, 2, 2]])
    for a, b, dims in (([2, 2], [3], 0), ([2, 3, 2], [2, 3], 1), ([2, 3, 2], [3, 2, 2], 2),
                       ([2, 3, 2], [3, 2], [[0], [1]]), ([2, 3, 2], [2, 2, 3], [[-1, 0], [0, 1]]),
                       ([2, 3, 2], [3, 2, 2], [[1, 2], [0, 2]]), ([2], [3], [[], []])):
        c.add("tensordot", [a, b], dims=dims)
    c.add("tensordot", [[2, 1], [3, 4]], dims=[[1], [0]])
    c.add("tensordot", [([2, 3], "float64", "transposed"), ([1, 4], "float64", "sliced")],
          dims=[[1], [0]])
    c.error("tensordot", [[2, 3], [2, 3]], dims=1)
    c.error("tensordot", [[2, 3], [2, 3]], dims=[[0, 1], [0]])
    c.error("tensordot", [[2, 3], [2, 3]], dims=[[0, 0], [0, 0]])
    c.error("tensordot", [[2, 3], [2, 3]], dims=3)
    for a, b in (([2], [3]), ([2, 2], [3]), ([2], [2, 3]), ([], [2]), ([2, 1, 2], [2, 3]),
                 ([2, 0], [1, 2])):
        c.add("kron", [a, b])
    c.add("cross", [[3], [3]])
    c.add("cross", [[2, 3], [2, 3]], dim=1)
    c.add("cross", [[3, 3], [3, 3]])
    c.add("cross", [([3, 2], "float64", "transposed"), [3, 1]], dim=-2)
    c.add("cross", [([1, 3], "int64"), ([2, 3], "int64")], dim=1)
    c.error("cross", [[2], [2]])
    c.error("cross", [[2, 3], [2, 3]], dim=0)


def einsums(c):
    for equation, *shapes in (
            ("ij->ji", [2, 3]), ("ij", [2, 3]), ("ji", [2, 3]), ("ij->", [2, 3]), ("ij->j", [2, 3]),
            ("ii", [3, 3]), ("ii->i", [3, 3]), ("iij->ji", [2, 2, 3]), ("iii->i", [2, 2, 2]),
            ("iji->j", [2, 3, 2]), ("iijj->ij", [2, 2, 3, 3]), ("->", []), ("i->", [0]),
            ("i,i", [3], [3]), ("i,i->i", [3], [3]), ("i,j", [2], [3]), ("i,j->ji", [2], [3]),
            ("ij,jk", [2, 3], [3, 2]), ("ij,jk->ki", [2, 3], [3, 2]), ("ij,ij->", [2, 3], [2, 3]),
            ("ij,j", [2, 3], [3]), ("ij,kj->ik", [2, 3], [2, 3]), ("ij,jk->k", [2, 3], [3, 2]),
            ("bij,bjk->bik", [2, 2, 3], [2, 3, 2]), ("bij,bjk->ikb", [2, 2, 3], [2, 3, 2]),
            ("bhid,bhjd->bhij", [2, 2, 1, 3], [2, 2, 2, 3]), ("bihd,bjhd->bhij", [1, 2, 2, 2], [1, 3, 2, 2]),
            ("ij,jk,kl->il", [2, 3], [3, 2], [2, 2]), ("i,j,k->kji", [2], [3], [2]),
            ("ij,jk,ki->", [2, 3], [3, 2], [2, 2]), ("i,i,i->i", [3], [3], [3]),
            ("ijk,jil->kl", [2, 3, 2], [3, 2, 2]), ("bn,anm,bm->ba", [2, 3], [2, 3, 2], [2, 2]),
            ("...ij->...ji", [2, 1, 3]), ("...ij,...jk", [2, 2, 3], [3, 2]),
            ("...ij,...jk->...ik", [2, 1, 2, 3], [3, 3, 2]), ("i...,i...->...", [3, 2], [3, 2]),
            ("...,...->...", [2, 1], [3]), ("...i->i", [2, 3]), ("...i,i->...", [2, 2, 3], [3]),
            ("i...->...", [2]), ("a...b->b...a", [2, 3, 2]), ("...a,b...->ab", [2, 3], [3, 2]),
            ("ij,jk->ik", [2, 1], [3, 2]), ("ij,ij->ij", [1, 3], [2, 1]), ("i,i->", [1], [3]),
            ("bij,bjk->bik", [1, 2, 3], [2, 3, 2]), ("i,i,i->", [1], [3], [1]), ("ij,ik->jk", [1, 2], [3, 2]),
            ("Ab,bA->Ab", [2, 3], [3, 2]), ("Ba", [2, 3]), (" i j , j k -> i k ", [2, 3], [3, 2]),
            ("ij,jk->ik", [0, 3], [3, 2]), ("ij,jk->ik", [2, 0], [0, 3]), ("i...->i", [2, 3]),
            ("ii,i->i", [3, 3], [3]), ("ij,kl->jl", [2, 3], [2, 2]), ("abcdefgh->hgfedcba", [1] * 8)):
        c.add("einsum", shapes, equation=equation)
    c.add("einsum", [([2, 3], "float64", "transposed"), ([3, 2], "float64", "sliced")], equation="ij,jk")
    c.add("einsum", [([3, 3], "float64", "transposed"), ([3], "float64", "expanded")], equation="ii,i->i")
    for dtype in ("float32", "bfloat16", "int64"):
        c.add("einsum", [([2, 3], dtype), ([3, 2], dtype)], equation="ij,jk->ik")
    for equation, *shapes in (
            ("ij,jk->iz", [2, 2], [2, 2]), ("ij,jk->ii", [2, 2], [2, 2]), ("ii", [2, 1]), ("ii", [2, 3]),
            ("ij,jk", [2, 2]), ("ij1", [2, 2]), ("ij..", [2, 2]), ("i...j...", [2, 2]), ("ij", [2]),
            ("ijk", [2, 2]), ("...ijk", [2, 2]), ("ij,jk->ik", [2, 3], [4, 2]), ("ij->i->j", [2, 2]),
            ("ij,", [2, 2]), ("i,i", [2], [2], [2]), ("...i,...i", [2, 3], [4, 3])):
        c.error("einsum", shapes, equation=equation)


# op: (shapes, without elements, of one element each, arguments)
SUMS = dict(beta=2, alpha=3)
OPERANDS = {
    "matmul": ([[2, 2, 3], [3, 2]], None, [[1], [1]], {}),
    "mm": ([[2, 3], [3, 2]], [[2, 0], [0, 2]], [[1, 1], [1, 1]], {}),
    "bmm": ([[2, 2, 1], [2, 1, 2]], [[0, 2, 1], [0, 1, 2]], [[1, 1, 1], [1, 1, 1]], {}),
    "mv": ([[2, 3], [3]], [[2, 0], [0]], [[1, 1], [1]], {}),
    "addmm": ([[2, 2], [2, 3], [3, 2]], None, None, SUMS),
    "baddbmm": ([[2, 2, 2], [2, 2, 1], [2, 1, 2]], None, None, SUMS),
    "addbmm": ([[2, 2], [2, 2, 1], [2, 1, 2]], [[2, 2], [0, 2, 1], [0, 1, 2]], [[1, 1], [1, 1, 1], [1, 1, 1]], SUMS),
    "addmv": ([[2], [2, 3], [3]], [[2], [2, 0], [0]], None, SUMS),
    "addr": ([[2, 3], [2], [3]], [[0, 2], [0], [2]], [[1, 1], [1], [1]], SUMS),
    "outer": ([[2], [3]], None, [[1], [1]], {}),
    "dot": ([[3], [3]], None, [[1], [1]], {}),
    "vdot": ([[3], [3]], [[0], [0]], [[1], [1]], {}),
    "inner": ([[2, 3], [2, 3]], None, None, {}),
    "tensordot": ([[2, 3], [3, 2]], [[2, 0], [0, 3]], [[1], [1]], dict(dims=1)),
    "kron": ([[2, 2], [2, 1]], None, None, {}),
    "cross": ([[2, 3], [2, 3]], [[0, 3], [0, 3]], None, dict(dim=1)),
    "linear": ([[2, 3], [2, 3], [2]], [[2, 0], [3, 0], [3]], [[1], [1, 1], [1]], {}),
    "einsum": ([[2, 3], [3, 2]], None, None, dict(equation="ij,jk->ik")),
}


def every_kind(c):
    """Each operation in the layouts, sizes and dtypes that the cases above leave out, and at edges."""
    for op, (shapes, empty, single, args) in OPERANDS.items():
        for layout in LAYOUTS[1:] + ("edges",):
            c.add(op, [(s, "float64", layout) for s in shapes], **args)
        for sizes in filter(None, (empty, single)):
            c.add(op, sizes, **args)
        for dtype in ("float32", "bfloat16", "int64", "int16", "int8", "uint8"):
            if op == "linear" and "int" in dtype:
                continue
            try:
                c.add(op, [(s, dtype) for s in shapes], **args)
            except RuntimeError as error:
                print(op, dtype, error)
        for dtype in () if op == "linear" else ("int64", "int8", "uint8"):
            c.add(op, [(s, dtype, "edges") for s in shapes], **args)
    # A beta of 0 drops what would be NaN.
    c.add("addmm", [([2, 2], "float64", "edges"), [2, 3], [3, 2]], beta=0, alpha=1)
    c.add("addr", [([2, 2], "float64", "edges"), [2], [2]], beta=0, alpha=1)
    c.add("addmv", [([2], "float64", "edges"), [2, 3], [3]], beta=0, alpha=1)
    c.add("addbmm", [([2, 2], "float64", "edges"), [2, 2, 1], [2, 1, 2]], beta=0, alpha=1)
    c.add("linear", [[2, 2, 3], [2, 3], [2]])
    c.add("linear", [[2, 3], [2, 3]])
    c.add("linear", [[3], [2, 3], [2]])
    c.error("linear", [[2, 3], [2, 2]])


def main():
    c = Cases(FUNCTIONS)
    products(c)
    summed(c)
    in_place(c)
    tensors(c)
    einsums(c)
    every_kind(c)
    c.write("matrix.json")


if __name__ == "__main__":
    main()
