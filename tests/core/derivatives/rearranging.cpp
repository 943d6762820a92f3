// Derivatives of what moves elements elsewhere, and repeats them.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/rearrange.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"flip",
     [](const Inputs& x) {
       return x[0].flip({0, 2});
     },
     {{2, 3, 2}}},
    {"roll",
     [](const Inputs& x) {
       return x[0].roll({1, -1}, {0, 1});
     },
     {{3, 4}}},
    {"roll of all", [](const Inputs& x) { return x[0].roll(2); }, {{3, 2}}},
    {"rot90", [](const Inputs& x) { return x[0].rot90(3); }, {{2, 3}}},
    {"tril and triu", [](const Inputs& x) { return x[0].tril(-1) + x[0].triu(1).exp(); }, {{3, 3}}},
    {"pad",
     [](const Inputs& x) {
       return pad(x[0], {1, 2, -1, 1});
     },
     {{3, 2}}},
    {"pad reflect",
     [](const Inputs& x) {
       return pad(x[0], {1, 2}, "reflect");
     },
     {{2, 3}}},
    {"pad replicate",
     [](const Inputs& x) {
       return pad(x[0], {2, 1}, "replicate");
     },
     {{2, 3}}},
    {"pad circular",
     [](const Inputs& x) {
       return pad(x[0], {1, 2}, "circular");
     },
     {{2, 3}}},
    {"repeat",
     [](const Inputs& x) {
       return x[0].repeat({2, 1, 2});
     },
     {{2, 2}}},
    {"tile", [](const Inputs& x) { return x[0].tile({3}); }, {{2, 2}}},
    {"repeat_interleave", [](const Inputs& x) { return x[0].repeat_interleave(2, 1); }, {{2, 3}}},
    {"stacks",
     [](const Inputs& x) {
       return hstack({x[0], x[1]}).sum() * vstack({x[0], x[1]}) * dstack({x[0], x[1]}).exp().sum();
     },
     {{2, 2}, {2, 2}}},
    {"meshgrid",
     [](const Inputs& x) {
       return meshgrid({x[0], x[1]});
     },
     {{2}, {3}}},
});

}  // namespace
}  // namespace cuttle::test
