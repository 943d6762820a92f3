// Derivatives of what rearranges elements.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/rearrange.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"flip", [](const Inputs& x) { return x[0].flip(0, 2); }, {{2, 3, 2}}},
    {"roll",
     [](const Inputs& x) {
       return x[0].roll({1, -2}, {0, 1});
     },
     {{3, 4}}},
    {"roll all", [](const Inputs& x) { return x[0].roll(2).exp() * x[0]; }, {{2, 3}}},
    {"rot90", [](const Inputs& x) { return x[0].rot90(); }, {{2, 3}}},
    {"tril", [](const Inputs& x) { return x[0].tril(-1); }, {{2, 3, 3}}},
    {"triu", [](const Inputs& x) { return x[0].triu(1); }, {{3, 4}}},
    {"triu of exp", [](const Inputs& x) { return x[0].exp().triu(1) * x[0]; }, {{3, 4}}},
    {"fliplr", [](const Inputs& x) { return x[0].fliplr(); }, {{2, 3}}},
    {"flipud", [](const Inputs& x) { return x[0].flipud(); }, {{2, 3}}},
    {"repeat", [](const Inputs& x) { return x[0].repeat(2, 1, 3); }, {{2, 2}}},
    {"repeat by dimension",
     [](const Inputs& x) { return x[0].repeat(2, 1, 2, 2, 1, 2).exp(); },
     {{1, 1, 2, 1, 1, 2}}},
    {"tile", [](const Inputs& x) { return x[0].tile(2); }, {{2, 2}}},
    {"repeat_interleave", [](const Inputs& x) { return x[0].repeat_interleave(2, 1); }, {{2, 2}}},
    {"repeat_interleave each",
     [](const Inputs& x) {
       const Tensor repeats = tensor<int64_t>({2, 0, 1}).to(x[0].device());
       return x[0].repeat_interleave(repeats, 0).exp();
     },
     {{3, 2}}},
    {"hstack", [](const Inputs& x) { return hstack(x); }, {{2, 2}, {2, 1}}},
    {"vstack", [](const Inputs& x) { return vstack(x); }, {{2, 2}, {1, 2}}},
    {"dstack", [](const Inputs& x) { return dstack(x); }, {{2, 2}, {2, 2}}},
    {"hstack, vstack, dstack",
     [](const Inputs& x) {
       return hstack({x[0], x[1]}).exp().sum() * vstack({x[0], x[1]}) + dstack({x[1], x[0]}).sum();
     },
     {{2, 2}, {2, 2}}},
    {"meshgrid", [](const Inputs& x) { return meshgrid(x); }, {{2}, {3}}},
    {"meshgrid xy",
     [](const Inputs& x) {
       const auto grid = meshgrid({x[0], x[1]}, "xy");
       return grid[0].exp() * grid[1];
     },
     {{2}, {3}}},
    {"pad",
     [](const Inputs& x) {
       return pad(x[0], {1, 2, 0, 1}, "constant", 2);
     },
     {{2, 3}}},
    {"pad and crop",
     [](const Inputs& x) {
       return pad(x[0], {-1, 2, 1, -1}).exp();
     },
     {{2, 3}}},
    {"pad reflect",
     [](const Inputs& x) {
       return pad(x[0], {2, 1, 1, 0}, "reflect").exp();
     },
     {{2, 3}}},
    {"pad replicate",
     [](const Inputs& x) {
       return pad(x[0], {2, 3, 1, -1}, "replicate").exp();
     },
     {{2, 3}}},
    {"pad circular",
     [](const Inputs& x) {
       return pad(x[0], {2, 3, -1, 1}, "circular").exp();
     },
     {{2, 3}}},
});

}  // namespace
}  // namespace cuttle::test
