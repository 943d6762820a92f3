// Derivatives of reductions that are not sums, and of views that overlap or step.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/values_indices.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"prod", [](const Inputs& x) { return x[0].prod(1) * x[0].prod(); }, {{2, 3}}},
    {"prod with a zero",
     [](const Inputs& x) { return (x[0] * (x[0].detach() > 0.9).to(float64)).prod(); },
     {{4}}},
    {"var and std", [](const Inputs& x) { return x[0].var(1) * x[0].std(); }, {{2, 4}}},
    {"std of dims",
     [](const Inputs& x) {
       return x[0].std({0, 2}, 0, true);
     },
     {{2, 2, 3}}},
    {"amax and amin", [](const Inputs& x) { return x[0].amax(1) * x[0].amin(); }, {{2, 4}}},
    {"max with places", [](const Inputs& x) { return x[0].max(1).values * x[0].min(); }, {{2, 4}}},
    {"norm", [](const Inputs& x) { return x[0].norm(2, 1) * x[0].norm(1); }, {{2, 3}}},
    {"norm 3", [](const Inputs& x) { return x[0].norm(3); }, {{2, 3}}, -2, 2},
    {"logsumexp",
     [](const Inputs& x) {
       return x[0].logsumexp({0, 1}) * x[0];
     },
     {{2, 3}},
     -2,
     2},
    {"nansum", [](const Inputs& x) { return x[0].nansum(0); }, {{2, 3}}},
    {"diagonal", [](const Inputs& x) { return x[0].diagonal(1).exp(); }, {{3, 4}}},
    {"diag_embed", [](const Inputs& x) { return x[0].diag_embed(-1); }, {{2, 2}}},
    {"unfold", [](const Inputs& x) { return x[0].unfold(1, 3, 1).exp(); }, {{2, 5}}},
    {"as_strided",
     [](const Inputs& x) {
       return x[0].as_strided({2, 3}, {1, 2}).exp();
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
