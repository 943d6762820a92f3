// Wrong uses of the layers' functions.
#include <cuttle/core/ops/conv2d.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "wrong_uses.h"

namespace cuttle::test {
namespace {

const WrongUses convolutions(
    "convolutions",
    {
        UNDEFINED("conv2d", conv2d(x.none, x.f({1, 1, 1, 1}))),
        MIXED("conv2d", conv2d(x.here({1, 1, 2, 2}), x.there({1, 1, 1, 1}))),
        WRONG("conv2d", "different dtypes", conv2d(x.f({1, 3, 8, 8}), x.d({4, 3, 3, 3})), "float32",
              "float64"),
        WRONG("conv2d", "wrong dtype", conv2d(x.i({1, 3, 8, 8}), x.i({4, 3, 3, 3})), "int64",
              "float32"),
        WRONG("conv2d", "another number of channels", conv2d(x.f({1, 1, 8, 8}), x.f({4, 3, 3, 3})),
              "3 input channels", "got 1", "[1, 1, 8, 8]", "[4, 3, 3, 3]"),
        WRONG("conv2d", "a single image", conv2d(x.f({3, 8, 8}), x.f({4, 3, 3, 3})), "[3, 8, 8]",
              "unsqueeze"),
        WRONG("conv2d", "a weight of three dimensions", conv2d(x.f({1, 3, 8, 8}), x.f({4, 3, 3})),
              "[4, 3, 3]"),
        WRONG("conv2d", "a kernel too large", conv2d(x.f({1, 3, 8, 8}), x.f({4, 3, 9, 3})),
              "(9, 3)", "[1, 3, 8, 8]"),
        WRONG("conv2d", "a bias of another size",
              conv2d(x.f({1, 3, 8, 8}), x.f({4, 3, 3, 3}), x.f({3})), "[4]", "[3]"),
        WRONG("conv2d", "groups that do not divide",
              conv2d(x.f({1, 3, 8, 8}), x.f({4, 1, 3, 3}), {}, {.groups = 3}), "4", "3 groups"),
        WRONG("conv2d", "no groups",
              conv2d(x.f({1, 3, 8, 8}), x.f({4, 3, 3, 3}), {}, {.groups = 0}), "got 0"),
        WRONG("conv2d", "a stride of 0",
              conv2d(x.f({1, 3, 8, 8}), x.f({4, 3, 3, 3}), {}, {.stride = {1, 0}}), "(1, 0)"),
        WRONG("conv2d", "a negative padding",
              conv2d(x.f({1, 3, 8, 8}), x.f({4, 3, 3, 3}), {}, {.padding = -1}), "(-1, -1)"),
        WRONG("conv2d", "a dilation of 0",
              conv2d(x.f({1, 3, 8, 8}), x.f({4, 3, 3, 3}), {}, {.dilation = 0}), "(0, 0)"),
    });

const WrongUses pooling(
    "pooling",
    {
        UNDEFINED("max_pool2d", max_pool2d(x.none, 2)),
        WRONG("max_pool2d", "wrong dtype", max_pool2d(x.i({1, 1, 2, 2}), 2), "int64", "float32"),
        WRONG("max_pool2d", "two dimensions", max_pool2d(x.f({2, 2}), 2), "[2, 2]"),
        UNDEFINED("max_pool1d", max_pool1d(x.none, 2)),
        WRONG("max_pool1d", "one dimension", max_pool1d(x.f({4}), 2), "[4]"),
        WRONG("max_pool2d", "two dimensions, with indices", max_pool2d_with_indices(x.f({2, 2}), 2),
              "[2, 2]"),
        WRONG("max_pool1d", "one dimension, with indices", max_pool1d_with_indices(x.f({4}), 2),
              "[4]"),
        UNDEFINED("max_unpool2d", max_unpool2d(x.none, x.i({1, 1, 2, 2}), 2)),
        WRONG("max_unpool2d", "indices of another shape",
              max_unpool2d(x.f({1, 1, 2, 2}), x.i({1, 1, 1, 1}), 2), "[1, 1, 1, 1]"),
        WRONG("max_pool2d", "a kernel too large", max_pool2d(x.f({1, 2, 4, 4}), {2, 5}), "(2, 5)",
              "[1, 2, 4, 4]"),
        WRONG("max_pool2d", "too much padding",
              max_pool2d(x.f({1, 2, 4, 4}), 2, MaxPool2dOptions{.padding = 2}), "(2, 2)"),
        WRONG("max_pool2d", "a kernel of 0", max_pool2d(x.f({1, 2, 4, 4}), 0), "(0, 0)"),
        WRONG("max_pool2d", "a stride of 0", max_pool2d(x.f({1, 2, 4, 4}), 2, 0), "(0, 0)"),
        WRONG("max_pool2d", "windows of padding alone",
              max_pool2d(x.f({1, 1, 2, 2}), 2, {.padding = 1, .dilation = 3}), "(1, 1)", "(3, 3)",
              "[1, 1, 2, 2]"),
    });

const WrongUses others(
    "linear and cross_entropy",
    {
        UNDEFINED("linear", linear(x.f({4, 3}), x.none)),
        MIXED("linear", linear(x.here({4, 2}), x.there({2, 2}))),
        WRONG("linear", "different dtypes", linear(x.f({4, 3}), x.d({2, 3})), "float32", "float64"),
        WRONG("linear", "wrong dtype", linear(x.i({2, 2}), x.i({2, 2})), "int64", "float32"),
        WRONG("linear", "another number of features", linear(x.f({4, 3}), x.f({2, 5})),
              "5 input features", "got 3", "[4, 3]", "[2, 5]"),
        WRONG("linear", "a weight of one dimension", linear(x.f({4, 3}), x.f({3})), "[3]"),
        WRONG("linear", "a number", linear(x.f({}), x.f({2, 3})), "[]"),
        WRONG("linear", "a bias of another size", linear(x.f({4, 3}), x.f({2, 3}), x.f({3})), "[2]",
              "[3]"),
        UNDEFINED("cross_entropy", cross_entropy(x.none, x.i({2}))),
        MIXED("cross_entropy", cross_entropy(x.here({2, 3}), x.there({2}, int64))),
        WRONG("cross_entropy", "wrong dtype", cross_entropy(x.i({2, 3}), x.i({2})), "int64",
              "float32"),
        WRONG("cross_entropy", "logits of three dimensions",
              cross_entropy(x.f({2, 3, 4}), x.i({2})), "[2, 3, 4]", "[2, 4]"),
        WRONG("cross_entropy", "probabilities of another shape",
              cross_entropy(x.f({2, 3}), x.f({2})), "[2, 3]", "[2]"),
        WRONG("cross_entropy", "floating targets", cross_entropy(x.f({2, 3}), x.d({2})), "float32",
              "float64"),
        WRONG("cross_entropy", "narrow targets", cross_entropy(x.f({2, 3}), x.i({2}).to(int32)),
              "int64", "int32"),
        WRONG("cross_entropy", "one-hot targets", cross_entropy(x.f({2, 3}), x.i({2, 3})), "[2]",
              "[2, 3]", "argmax"),
        WRONG("cross_entropy", "targets in a column", cross_entropy(x.f({2, 3}), x.i({2, 1})),
              "[2, 1]", "squeeze"),
        WRONG("cross_entropy", "another number of targets", cross_entropy(x.f({2, 3}), x.i({3})),
              "[2]", "[3]"),
        WRONG("cross_entropy", "weights of another size",
              cross_entropy(x.f({2, 3}), x.i({2}), x.f({2})), "3 classes", "[2]"),
        WRONG("cross_entropy", "too much smoothing",
              cross_entropy(x.f({2, 3}), x.i({2}), {}, {.label_smoothing = 1.5}), "[0, 1]", "1.5"),
        UNDEFINED("nll_loss", nll_loss(x.none, x.i({2}))),
        WRONG("nll_loss", "another number of targets", nll_loss(x.f({2, 3}), x.i({3})), "[2]",
              "[3]"),
        WRONG("cross_entropy", "no classes", cross_entropy(x.f({2, 0}), x.i({2})), "[2, 0]"),
        WRONG("cross_entropy", "a target out of range", cross_entropy(x.f({2, 3}), x.of({0, 3})),
              "3"),
    });

}  // namespace
}  // namespace cuttle::test
