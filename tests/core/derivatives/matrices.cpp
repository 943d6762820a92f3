// Derivatives of products of matrices and tensors. Each is squared, so that nothing is linear.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/core/ops/products.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

Tensor squared(const Tensor& x) {
  return x * x;
}

DerivativeCase einsum_case(const std::string& equation, const std::vector<Shape>& shapes) {
  return {"einsum " + equation,
          [equation](const Inputs& x) { return squared(einsum(equation, x)); }, shapes};
}

const DerivativeCases cases({
    {"mm", [](const Inputs& x) { return squared(mm(x[0], x[1].t())); }, {{2, 3}, {2, 3}}},
    {"bmm", [](const Inputs& x) { return squared(bmm(x[0], x[1])); }, {{2, 2, 1}, {2, 1, 2}}},
    {"mv", [](const Inputs& x) { return squared(mv(x[0], x[1])); }, {{2, 3}, {3}}},
    {"matmul rows",
     [](const Inputs& x) { return squared(matmul(x[0], x[1])); },
     {{2, 2, 2}, {2, 2}}},
    {"matmul broadcast",
     [](const Inputs& x) { return squared(matmul(x[0], x[1])); },
     {{2, 1, 1, 2}, {2, 2, 1}}},
    {"matmul slices",
     [](const Inputs& x) {
       return squared(matmul(x[0].narrow(1, 1, 2), x[0].narrow(1, 0, 2).t()));
     },
     {{2, 3}}},
    {"addmm",
     [](const Inputs& x) { return squared(addmm(x[0], x[1], x[2])); },
     {{2}, {2, 2}, {2, 2}}},
    {"addmm scaled",
     [](const Inputs& x) { return squared(addmm(x[0], x[1], x[2], 0.5, -2)); },
     {{2, 1}, {2, 2}, {2, 2}}},
    {"baddbmm",
     [](const Inputs& x) { return squared(baddbmm(x[0], x[1], x[2], 2, 3)); },
     {{1, 2}, {2, 2, 1}, {2, 1, 2}}},
    {"addbmm",
     [](const Inputs& x) { return squared(addbmm(x[0], x[1], x[2])); },
     {{2, 2}, {2, 2, 1}, {2, 1, 2}}},
    {"addmv",
     [](const Inputs& x) { return squared(addmv(x[0], x[1], x[2], 2)); },
     {{}, {2, 3}, {3}}},
    {"addr",
     [](const Inputs& x) { return squared(addr(x[0], x[1], x[2], 2, 3)); },
     {{2}, {2}, {2}}},
    {"outer", [](const Inputs& x) { return squared(outer(x[0], x[1])); }, {{2}, {3}}},
    {"dot", [](const Inputs& x) { return squared(dot(x[0], x[1])); }, {{3}, {3}}},
    {"vdot", [](const Inputs& x) { return squared(vdot(x[0], x[1])); }, {{3}, {3}}},
    {"inner", [](const Inputs& x) { return squared(inner(x[0], x[1])); }, {{2, 2}, {3, 2}}},
    {"tensordot",
     [](const Inputs& x) {
       return squared(tensordot(x[0], x[1], {0, 2}, {1, 0}));
     },
     {{2, 2, 1}, {1, 2, 2}}},
    {"kron", [](const Inputs& x) { return squared(kron(x[0], x[1])); }, {{2, 2}, {2}}},
    {"cross", [](const Inputs& x) { return squared(cross(x[0], x[1], 1)); }, {{1, 3}, {2, 3}}},
    einsum_case("ij,jk->ki", {{2, 2}, {2, 3}}),
    einsum_case("ii->i", {{3, 3}}),
    einsum_case("iij->j", {{2, 2, 2}}),
    einsum_case("bij,bjk->bik", {{1, 2, 2}, {2, 2, 1}}),
    einsum_case("i,j,ij->", {{2}, {2}, {2, 2}}),
    einsum_case("...i,...i->...", {{2, 2}, {2}}),
});

}  // namespace
}  // namespace cuttle::test
