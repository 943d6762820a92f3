// Derivatives of scans, and of what picks elements by their order.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/ordering.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"cumsum", [](const Inputs& x) { return x[0].cumsum(1); }, {{2, 4}}},
    {"cumprod", [](const Inputs& x) { return x[0].cumprod(0); }, {{4, 2}}, -2, 2},
    {"cumprod with a zero",
     [](const Inputs& x) { return (x[0] * (x[0].detach() < 1).to(float64)).cumprod(0); },
     {{5}}},
    {"logcumsumexp", [](const Inputs& x) { return x[0].logcumsumexp(1); }, {{2, 4}}, -2, 2},
    {"cummax", [](const Inputs& x) { return x[0].cummax(1).values; }, {{2, 5}}, -2, 2},
    {"cummin", [](const Inputs& x) { return x[0].cummin(0).values; }, {{5, 2}}, -2, 2},
    {"sort", [](const Inputs& x) { return x[0].sort(1, true).values; }, {{2, 5}}, -2, 2},
    {"topk", [](const Inputs& x) { return x[0].topk(2, 0).values; }, {{5, 2}}, -2, 2},
    {"kthvalue", [](const Inputs& x) { return x[0].kthvalue(2, 1, true).values; }, {{2, 5}}, -2, 2},
    {"median", [](const Inputs& x) { return x[0].median() * x[0].median(1).values; }, {{3, 5}}},
    {"masked_select",
     [](const Inputs& x) { return x[0].masked_select(x[0].detach() > 1); },
     {{3, 4}}},
});

}  // namespace
}  // namespace cuttle::test
