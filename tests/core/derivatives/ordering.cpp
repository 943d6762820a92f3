// Derivatives of scans, sorts and selections. The values are distinct, and none is the median's
// neighbour within a step of finite differences.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/ordering.h>
#include <cuttle/core/ops/scan.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

// True at every third element.
Tensor every_third(const Tensor& like) {
  const Tensor number = arange(like.numel(), {.device = like.device()});
  const Tensor third = (number.to(float64) / 3).to(int64) * 3;
  return (number == third).view(like.shape());
}

const DerivativeCases scans({
    {"cumsum", [](const Inputs& x) { return x[0].cumsum(0); }, {{5}}},
    {"cumsum 1", [](const Inputs& x) { return x[0].cumsum(1); }, {{2, 3, 2}}},
    {"cumsum rank 0", [](const Inputs& x) { return x[0].cumsum(0); }, {{}}},
    {"cumprod", [](const Inputs& x) { return x[0].cumprod(-1); }, {{2, 4}}},
    {"cumprod 0", [](const Inputs& x) { return x[0].cumprod(0); }, {{4, 2}}, -2, 2},
    {"cumprod rank 0", [](const Inputs& x) { return x[0].cumprod(0); }, {{}}},
    {"cumprod of nothing", [](const Inputs& x) { return x[0].cumprod(1); }, {{2, 0}}},
    {"logcumsumexp", [](const Inputs& x) { return x[0].logcumsumexp(-1); }, {{2, 4}}, -3, 3},
    {"logcumsumexp 0", [](const Inputs& x) { return x[0].logcumsumexp(0); }, {{4, 2}}, -3, 3},
    {"cummax", [](const Inputs& x) { return x[0].cummax(1).values; }, {{2, 5}}},
    {"cummin", [](const Inputs& x) { return x[0].cummin(0).values; }, {{5, 2}}},
    {"cummax rank 0", [](const Inputs& x) { return x[0].cummax(0).values; }, {{}}},
});

const DerivativeCases sorts({
    {"sort", [](const Inputs& x) { return x[0].sort().values; }, {{3, 4}}},
    {"sort down 0", [](const Inputs& x) { return x[0].sort(0, true).values; }, {{4, 2, 2}}},
    {"sort rank 0", [](const Inputs& x) { return x[0].sort().values; }, {{}}},
    {"topk", [](const Inputs& x) { return x[0].topk(2, 0).values; }, {{4, 2}}},
    {"topk smallest", [](const Inputs& x) { return x[0].topk(3, 1, false).values; }, {{2, 4}}},
    {"kthvalue", [](const Inputs& x) { return x[0].kthvalue(2).values; }, {{2, 4}}},
    {"kthvalue keepdim",
     [](const Inputs& x) { return x[0].kthvalue(1, 0, true).values; },
     {{4, 2}}},
    {"median", [](const Inputs& x) { return x[0].median(); }, {{3, 3}}},
    {"median 1", [](const Inputs& x) { return x[0].median(1).values; }, {{2, 4}}},
    {"mode", [](const Inputs& x) { return x[0].mode(1).values; }, {{2, 4}}},
    {"diff", [](const Inputs& x) { return x[0].diff(2, 0, x[1], {}).exp(); }, {{3, 2}, {1, 2}}},
    {"nanmedian", [](const Inputs& x) { return x[0].nanmedian(); }, {{4}}},
    {"nanmedian 0", [](const Inputs& x) { return x[0].nanmedian(0, true).values; }, {{3, 2}}},
});

const DerivativeCases selections({
    {"masked_select",
     [](const Inputs& x) { return x[0].masked_select(every_third(x[0])); },
     {{3, 4}}},
    {"masked_select, broadcast",
     [](const Inputs& x) {
       return x[0].masked_select(every_third(zeros({3, 4}, {.device = x[0].device()})));
     },
     {{1, 4}}},
    {"masked_select, mask broadcast",
     [](const Inputs& x) {
       return x[0].masked_select(every_third(zeros({4}, {.device = x[0].device()})));
     },
     {{3, 4}}},
});

}  // namespace
}  // namespace cuttle::test
