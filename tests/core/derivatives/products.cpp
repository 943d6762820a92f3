// Derivatives of products of matrices, vectors and anything einsum can say.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/core/ops/products.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"bmm", [](const Inputs& x) { return x[0].bmm(x[1]); }, {{2, 2, 3}, {2, 3, 2}}},
    {"mv", [](const Inputs& x) { return x[0].mv(x[1]); }, {{3, 2}, {2}}},
    {"addmm",
     [](const Inputs& x) { return x[0].addmm(x[1], x[2], 2, 0.5); },
     {{3}, {2, 2}, {2, 3}}},
    {"baddbmm",
     [](const Inputs& x) { return x[0].baddbmm(x[1], x[2], 2, 0.5); },
     {{2, 2, 2}, {2, 2, 3}, {2, 3, 2}}},
    {"addbmm",
     [](const Inputs& x) { return x[0].addbmm(x[1], x[2]); },
     {{2, 2}, {3, 2, 2}, {3, 2, 2}}},
    {"addmv and addr",
     [](const Inputs& x) { return x[0].addmv(x[1], x[2]).sum() * x[1].addr(x[0], x[2]); },
     {{2}, {2, 3}, {3}}},
    {"outer and dot",
     [](const Inputs& x) { return x[0].outer(x[1]) * x[0].dot(x[0]); },
     {{2}, {3}}},
    {"inner and kron",
     [](const Inputs& x) { return x[0].inner(x[1]).sum() * x[0].kron(x[1]); },
     {{2, 2}, {1, 2}}},
    {"cross", [](const Inputs& x) { return x[0].cross(x[1]); }, {{2, 3}, {2, 3}}},
    {"tensordot", [](const Inputs& x) { return tensordot(x[0], x[1], 1); }, {{2, 3}, {3, 2}}},
    {"einsum",
     [](const Inputs& x) {
       return einsum("bij,jk,ik->bk", {x[0], x[1], x[2]});
     },
     {{2, 2, 3}, {3, 2}, {2, 2}}},
    {"einsum of a diagonal",
     [](const Inputs& x) {
       return einsum("ii,i->i", {x[0], x[1]});
     },
     {{3, 3}, {3}}},
});

}  // namespace
}  // namespace cuttle::test
