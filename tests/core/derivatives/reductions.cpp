// Derivatives of reductions, softmax and matrix products.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/reduce.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"sum", [](const Inputs& x) { return x[0].sum(); }, {{2, 3, 4}}},
    {"sum dims",
     [](const Inputs& x) {
       return x[0].sum({0, -1});
     },
     {{2, 3, 4}}},
    {"sum keepdim", [](const Inputs& x) { return x[0].sum(1, true); }, {{2, 3, 4}}},
    {"mean", [](const Inputs& x) { return x[0].mean(1); }, {{2, 3}}},
    {"mean all", [](const Inputs& x) { return x[0].mean(); }, {{2, 3}}},
    {"nanmean", [](const Inputs& x) { return x[0].nanmean(1).exp(); }, {{2, 3}}},
    {"std_mean",
     [](const Inputs& x) {
       const auto [std, mean] = std_mean(x[0], 1);
       return std * mean;
     },
     {{2, 3}}},
    {"empty sum", [](const Inputs& x) { return x[0].sum(0); }, {{0, 3}}},
    {"softmax", [](const Inputs& x) { return x[0].softmax(-1); }, {{3, 5}}, -3, 3},
    {"softmax 0", [](const Inputs& x) { return x[0].softmax(0); }, {{3, 5}}, -3, 3},
    {"softmax rank 0", [](const Inputs& x) { return x[0].softmax(0); }, {{}}},
    {"log_softmax", [](const Inputs& x) { return x[0].log_softmax(1); }, {{2, 4, 3}}, -3, 3},
    {"matmul", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{3, 4}, {4, 2}}},
    {"matmul vectors", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{4}, {4}}},
    {"matmul matrix vector", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{3, 4}, {4}}},
    {"matmul vector matrix", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{4}, {4, 2}}},
    {"matmul batch", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{2, 1, 3, 2}, {3, 2, 2}}},
    {"matmul t", [](const Inputs& x) { return matmul(x[0].t(), x[1].t()); }, {{4, 3}, {2, 4}}},
    {"matmul self", [](const Inputs& x) { return matmul(x[0], x[0].t()); }, {{3, 2}}},
    {"linear", [](const Inputs& x) { return linear(x[0], x[1], x[2]); }, {{2, 3, 4}, {5, 4}, {5}}},
    {"linear no bias", [](const Inputs& x) { return linear(x[0], x[1]); }, {{4}, {5, 4}}},
    {"linear in 0",
     [](const Inputs& x) { return linear(x[0], x[1], x[2]); },
     {{2, 0}, {3, 0}, {3}}},
});

}  // namespace
}  // namespace cuttle::test
