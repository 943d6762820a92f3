#!/usr/bin/env python3
"""Writes losses.json: what PyTorch's losses and their gradients give, with every option.

Run with a Python that has torch (Debian: python3-torch): python3 generate_losses.py
Deterministic: the file changes only when PyTorch's results do. tests/core/losses_golden_test.cpp runs
the same cases; what it makes of the inputs (probabilities, signs) is what the functions here do.
"""
import warnings

import torch
import torch.nn.functional as F

from cases import Cases

warnings.filterwarnings("ignore")  # of sizes that broadcast
REDUCTIONS = ["mean", "sum", "none"]


def probability(x):
    return (x if x.is_floating_point() else x.double()) / 5 + 0.5


def signs(x):
    """Of whole numbers, which have no gradient."""
    return (x >= 0).double() * 2 - 1


def options(args, *names):
    return {n: args[n] for n in names if n in args}


def optional(x, k):
    """A weight, of whole numbers too."""
    return x[k].double() / 4 + 2.5 if len(x) > k else None


def classes(args):
    return torch.tensor(args["target"])


def ctc(x, args):
    return F.ctc_loss(x[0].log_softmax(-1), torch.tensor(args["target"]), torch.tensor(args["frames"]),
                      torch.tensor(args["lengths"]), **options(args, "blank", "reduction", "zero_infinity"))


FUNCTIONS = {
    "l1": lambda x, a: F.l1_loss(x[0], x[1], reduction=a["reduction"]),
    "mse": lambda x, a: F.mse_loss(x[0], x[1], reduction=a["reduction"]),
    "smooth_l1": lambda x, a: F.smooth_l1_loss(x[0], x[1], **a),
    "huber": lambda x, a: F.huber_loss(x[0], x[1], **a),
    "poisson_nll": lambda x, a: F.poisson_nll_loss(
        x[0] if a["log_input"] else x[0] + 2.5, x[1] + 2.5, log_input=a["log_input"], full=a["full"],
        eps=a["eps"], reduction=a["reduction"]),
    "gaussian_nll": lambda x, a: F.gaussian_nll_loss(x[0], x[1], x[2] + 2.25, **a),
    "bce": lambda x, a: F.binary_cross_entropy(probability(x[0]), probability(x[1]), optional(x, 2),
                                               reduction=a["reduction"]),
    "bce_bounds": lambda x, a: F.binary_cross_entropy((x[0] > 0).to(x[0].dtype), probability(x[1]),
                                                      reduction="none"),
    "bce_with_logits": lambda x, a: F.binary_cross_entropy_with_logits(
        x[0] * a.get("scale", 1), probability(x[1]),
        weight=optional(x, 2) if a.get("weighted") else None,
        pos_weight=optional(x, 2) if a.get("pos_weighted") else None, reduction=a["reduction"]),
    "kl_div": lambda x, a: F.kl_div(x[0], x[1] if a["log_target"] else (x[1].relu()), **a),
    "nll": lambda x, a: F.nll_loss(x[0], classes(a), optional(x, 1),
                                   **options(a, "reduction", "ignore_index")),
    "cross_entropy": lambda x, a: F.cross_entropy(
        x[0], classes(a), optional(x, 1), **options(a, "reduction", "ignore_index", "label_smoothing")),
    "cross_entropy_probabilities": lambda x, a: F.cross_entropy(
        x[0], probability(x[1]), optional(x, 2), **options(a, "reduction", "label_smoothing")),
    "multi_margin": lambda x, a: F.multi_margin_loss(
        x[0], classes(a), weight=optional(x, 1), **options(a, "p", "margin", "reduction")),
    "multilabel_margin": lambda x, a: F.multilabel_margin_loss(x[0], classes(a),
                                                               reduction=a["reduction"]),
    "multilabel_soft_margin": lambda x, a: F.multilabel_soft_margin_loss(
        x[0], probability(x[1]), weight=optional(x, 2), reduction=a["reduction"]),
    "margin_ranking": lambda x, a: F.margin_ranking_loss(x[0], x[1], signs(x[2]), **a),
    "hinge_embedding": lambda x, a: F.hinge_embedding_loss(x[0], signs(x[1]), **a),
    "soft_margin": lambda x, a: F.soft_margin_loss(x[0], signs(x[1]), reduction=a["reduction"]),
    "cosine_embedding": lambda x, a: F.cosine_embedding_loss(x[0], x[1], signs(x[2]), **a),
    "ctc": ctc,
    "triplet": lambda x, a: F.triplet_margin_loss(x[0], x[1], x[2], **a),
}


def pointwise(cases):
    for reduction in REDUCTIONS:
        for op in ("l1", "mse"):
            cases.add(op, [[2, 3], [2, 3]], reduction=reduction)
            cases.add(op, [([2, 3, 2, 2], "float64", "channels_last"),
                           ([2, 3, 2, 2], "float64", "channels_last")], reduction=reduction)
            cases.add(op, [([4, 3], "float64", "transposed"), [3]], reduction=reduction)
            cases.add(op, [([40], "float32"), ([40], "float32")], reduction=reduction)
        for beta in (0.0, 0.5, 1.0):
            cases.add("smooth_l1", [[2, 3], [2, 3]], reduction=reduction, beta=beta)
        for delta in (0.5, 1.0):
            cases.add("huber", [[2, 3], ([2, 3], "float64", "sliced")], reduction=reduction, delta=delta)
        for log_input in (True, False):
            for full in (True, False):
                cases.add("poisson_nll", [[2, 3], [2, 3]], reduction=reduction, log_input=log_input,
                          full=full, eps=1e-3)
        for full in (True, False):
            for var in ([2, 3], [2, 1], [2]):
                cases.add("gaussian_nll", [[2, 3], [2, 3], var], reduction=reduction, full=full, eps=0.5)
        for scale in (1.0, 300.0):
            cases.add("bce_with_logits", [[2, 3], [2, 3]], reduction=reduction, scale=scale)
            cases.add("bce_with_logits", [[2, 3], [2, 3], ([3], "int64")],
                      reduction=reduction, scale=scale, pos_weighted=True)
        for log_target in (False, True):
            cases.add("kl_div", [[2, 3], [2, 3]], reduction=reduction, log_target=log_target)
        cases.add("bce", [[2, 3], [2, 3]], reduction=reduction)
        cases.add("soft_margin", [[2, 3], ([2, 3], "int64")], reduction=reduction)
        for margin in (0.0, 1.0):
            cases.add("margin_ranking", [[9], [9], ([9], "int64")], reduction=reduction,
                      margin=margin)
            cases.add("hinge_embedding", [[9], ([9], "int64")], reduction=reduction, margin=margin)
    cases.add("bce_bounds", [[6], [6]], gradient=False)
    cases.add("bce_with_logits", [([40], "float32"), ([40], "float32")], reduction="mean")
    for log_target in (False, True):
        cases.add("kl_div", [[2, 3], [2, 3]], reduction="batchmean", log_target=log_target)
    for op in ("l1", "mse"):
        cases.add(op, [[0], [0]], reduction="mean")
        cases.add(op, [[], []], reduction="sum")


def of_classes(cases):
    indices = {(3,): 1, (4, 3): [0, 2, 1, 2], (2, 3, 2): [[0, 2], [1, 1]],
               (2, 3, 1, 2): [[[0, 2]], [[1, 0]]]}
    for shape, target in indices.items():
        for op in ("nll", "cross_entropy"):
            for reduction in REDUCTIONS:
                cases.add(op, [list(shape)], reduction=reduction, target=target)
            cases.add(op, [list(shape)], reduction="mean", target=target, ignore_index=1)
    for reduction in REDUCTIONS:
        cases.add("cross_entropy", [[2, 3, 2]], reduction=reduction, target=indices[(2, 3, 2)],
                  label_smoothing=0.25, ignore_index=2)
        for smoothing in (0.0, 0.25):
            for shape in ([3], [4, 3], [2, 3, 2]):
                cases.add("cross_entropy_probabilities", [shape, shape], reduction=reduction,
                          label_smoothing=smoothing)
        for p in (1, 2):
            for margin in (0.5, 1.0):
                cases.add("multi_margin", [[4, 3]], reduction=reduction, p=p, margin=margin,
                          target=[0, 2, 1, 2])
        cases.add("multi_margin", [[3]], reduction=reduction, target=1)
        cases.add("multilabel_margin", [[3, 4]], reduction=reduction,
                  target=[[3, 0, -1, 1], [-1, 0, 0, 0], [0, 1, 2, 3]])
        cases.add("multilabel_margin", [[4]], reduction=reduction, target=[2, -1, 1, 0])
        cases.add("multilabel_soft_margin", [[2, 3], ([2, 3], "int64")],
                  reduction=reduction)


def weighted(cases):
    for reduction in REDUCTIONS:
        for op in ("nll", "cross_entropy"):
            cases.add(op, [[4, 3], ([3], "int64")], reduction=reduction, target=[0, 2, 1, 2],
                      ignore_index=1)
            cases.add(op, [[2, 3, 2], ([3], "int64")], reduction=reduction,
                      target=[[0, 2], [1, 1]])
        cases.add("cross_entropy_probabilities", [[4, 3], [4, 3], ([3], "int64")],
                  reduction=reduction, label_smoothing=0.25)
        cases.add("multi_margin", [[4, 3], ([3], "int64")], reduction=reduction, p=2,
                  target=[0, 2, 1, 2])
        cases.add("multilabel_soft_margin", [[2, 3], ([2, 3], "int64"), ([3], "int64")],
                  reduction=reduction)
        cases.add("bce", [[2, 3], [2, 3], ([3], "int64")], reduction=reduction)
        cases.add("bce_with_logits", [[2, 3], [2, 3], ([3], "int64")], reduction=reduction,
                  weighted=True)


def of_embeddings(cases):
    for reduction in REDUCTIONS:
        for margin in (0.0, 0.5):
            cases.add("cosine_embedding", [[4, 3], [4, 3], ([4], "int64")], reduction=reduction,
                      margin=margin)
        cases.add("cosine_embedding", [[3], [3], ([], "int64")], reduction=reduction, margin=0.25)
        for p in (1.0, 2.0, 3.0):
            for swap in (False, True):
                cases.add("triplet", [[4, 3], [4, 3], [4, 3]], reduction=reduction, p=p, swap=swap,
                          margin=1.25)
        cases.add("triplet", [[3], [3], [3]], reduction=reduction, eps=1e-3)


def of_sequences(cases):
    padded = {"target": [[1, 2, 2], [3, 1, 0], [0, 0, 0]], "lengths": [3, 2, 0], "frames": [6, 5, 4]}
    joined = {"target": [1, 2, 2, 3, 1], "lengths": [3, 2, 0], "frames": [6, 5, 4]}
    for reduction in REDUCTIONS:
        for lists in (padded, joined):
            cases.add("ctc", [[6, 3, 4]], reduction=reduction, **lists)
        cases.add("ctc", [([6, 3, 4], "float64", "transposed")], reduction=reduction, blank=3,
                  target=[[0, 0], [1, 2], [2, 2]], lengths=[1, 2, 2], frames=[6, 6, 6])
        cases.add("ctc", [[3, 2, 4]], reduction=reduction, zero_infinity=True, target=[[1, 1], [1, 2]],
                  lengths=[2, 2], frames=[2, 3])
    cases.add("ctc", [[3, 2, 4]], gradient=False, reduction="none", target=[[1, 1], [1, 2]],
              lengths=[2, 2], frames=[2, 3])
    cases.add("ctc", [([6, 3, 4], "float32")], reduction="mean", **padded)


def main():
    cases = Cases(FUNCTIONS)
    pointwise(cases)
    of_classes(cases)
    weighted(cases)
    of_embeddings(cases)
    of_sequences(cases)
    cases.write("losses.json")


main()
