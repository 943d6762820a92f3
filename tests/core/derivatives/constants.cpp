// Operations that give indices, numbers of elements or truth values: they have no derivative.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/closeness.h>
#include <cuttle/core/ops/ordering.h>
#include <cuttle/core/ops/rearrange.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

Tensor truth(bool value) {
  return scalar_tensor(value, {.dtype = boolean});
}
TensorOptions of(const Tensor& x) {
  return {.dtype = x.dtype(), .device = x.device()};
}

const ConstantCases comparisons({
    {"equal", [](const Inputs& x) { return truth(equal(x[0], x[1])); }, {{2, 3}, {2, 3}}},
    {"allclose", [](const Inputs& x) { return truth(allclose(x[0], x[1])); }, {{2, 3}, {2, 3}}},
    {"isclose", [](const Inputs& x) { return isclose(x[0], x[1]); }, {{2, 3}, {3}}},
    {"any", [](const Inputs& x) { return x[0].any(1); }, {{2, 3}}},
    {"all", [](const Inputs& x) { return x[0].all(1); }, {{2, 3}}},
});

const ConstantCases places({
    {"argmax", [](const Inputs& x) { return x[0].argmax(1); }, {{2, 3}}},
    {"argmin", [](const Inputs& x) { return x[0].argmin(1); }, {{2, 3}}},
    {"argsort", [](const Inputs& x) { return x[0].argsort(); }, {{2, 3}}},
    {"nonzero", [](const Inputs& x) { return x[0].nonzero(); }, {{2, 3}}},
    {"searchsorted",
     [](const Inputs& x) { return searchsorted(x[0].sort().values, x[1]); },
     {{4}, {3}}},
    {"bucketize", [](const Inputs& x) { return bucketize(x[0], x[1].sort().values); }, {{3}, {4}}},
    {"tril_indices", [](const Inputs& x) { return tril_indices(2, 3, 0, of(x[0])); }, {{1}}},
    {"triu_indices", [](const Inputs& x) { return triu_indices(2, 3, 0, of(x[0])); }, {{1}}},
});

const ConstantCases counts({
    {"count_nonzero", [](const Inputs& x) { return x[0].count_nonzero(1); }, {{2, 3}}},
    {"bincount", [](const Inputs& x) { return x[0].bincount(); }, {{4}}},
    {"histc", [](const Inputs& x) { return x[0].histc(3, 0, 3); }, {{4}}},
    {"unique", [](const Inputs& x) { return x[0].unique().values; }, {{4}}},
    {"unique_consecutive", [](const Inputs& x) { return x[0].unique_consecutive().values; }, {{4}}},
    {"one_hot", [](const Inputs& x) { return one_hot(x[0], 4); }, {{3}}},
});

}  // namespace
}  // namespace cuttle::test
