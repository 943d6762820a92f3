// Derivatives of reductions that are not sums, and of views that overlap or step.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/reduce.h>
#include <cuttle/core/values_indices.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"prod", [](const Inputs& x) { return x[0].prod(); }, {{2, 3}}},
    {"prod of rows", [](const Inputs& x) { return x[0].prod(1) * x[0].prod(); }, {{2, 3}}},
    {"prod with a zero",
     [](const Inputs& x) { return (x[0] * (x[0].detach() > 0.9).to(float64)).prod(); },
     {{4}}},
    {"var", [](const Inputs& x) { return x[0].var(1); }, {{2, 4}}},
    {"std", [](const Inputs& x) { return x[0].std(1); }, {{2, 4}}},
    {"var_mean",
     [](const Inputs& x) {
       const auto [var, mean] = var_mean(x[0], 1);
       return Inputs{var, mean};
     },
     {{2, 4}}},
    {"var and std", [](const Inputs& x) { return x[0].var(1) * x[0].std(); }, {{2, 4}}},
    {"std of dims",
     [](const Inputs& x) {
       return x[0].std({0, 2}, 0, true);
     },
     {{2, 2, 3}}},
    {"amax", [](const Inputs& x) { return x[0].amax(1); }, {{2, 4}}},
    {"amin", [](const Inputs& x) { return x[0].amin(1); }, {{2, 4}}},
    {"max", [](const Inputs& x) { return x[0].max(1).values; }, {{2, 4}}},
    {"min", [](const Inputs& x) { return x[0].min(1).values; }, {{2, 4}}},
    {"amax and amin", [](const Inputs& x) { return x[0].amax(1) * x[0].amin(); }, {{2, 4}}},
    {"max with places", [](const Inputs& x) { return x[0].max(1).values * x[0].min(); }, {{2, 4}}},
    {"norm", [](const Inputs& x) { return x[0].norm(2, 1); }, {{2, 3}}},
    {"norm 2 and 1", [](const Inputs& x) { return x[0].norm(2, 1) * x[0].norm(1); }, {{2, 3}}},
    {"norm 3", [](const Inputs& x) { return x[0].norm(3); }, {{2, 3}}, -2, 2},
    {"logsumexp", [](const Inputs& x) { return x[0].logsumexp(1); }, {{2, 3}}, -2, 2},
    {"logsumexp of all",
     [](const Inputs& x) {
       return x[0].logsumexp({0, 1}) * x[0];
     },
     {{2, 3}},
     -2,
     2},
    {"nansum", [](const Inputs& x) { return x[0].nansum(0); }, {{2, 3}}},
    {"diagonal", [](const Inputs& x) { return x[0].diagonal(1); }, {{3, 4}}},
    {"diag_embed", [](const Inputs& x) { return x[0].diag_embed(-1); }, {{2, 2}}},
    {"unfold", [](const Inputs& x) { return x[0].unfold(1, 3, 1); }, {{2, 5}}},
    {"as_strided",
     [](const Inputs& x) {
       return x[0].as_strided({2, 3}, {1, 2});
     },
     {{8}}},
    {"movedim and unflatten",
     [](const Inputs& x) {
       return x[0].movedim(0, 1).unflatten(0, {2, 2}).exp();
     },
     {{3, 4}}},
});

}  // namespace
}  // namespace cuttle::test
