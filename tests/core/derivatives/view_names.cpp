// Derivatives of views by their other names, of views cut into parts, and of copies.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

Tensor constant(const Tensor& x, const Shape& shape) {
  return zeros(shape, {.dtype = x.dtype(), .device = x.device()});
}

const DerivativeCases shapes({
    {"reshape", [](const Inputs& x) { return x[0].reshape(3, 2); }, {{2, 3}}},
    {"transpose", [](const Inputs& x) { return x[0].transpose(0, 2); }, {{2, 1, 3}}},
    {"t", [](const Inputs& x) { return x[0].t(); }, {{2, 3}}},
    {"T", [](const Inputs& x) { return x[0].T(); }, {{2, 3}}},
    {"mT", [](const Inputs& x) { return x[0].mT(); }, {{2, 1, 3}}},
    {"movedim", [](const Inputs& x) { return x[0].movedim(0, 2); }, {{2, 1, 3}}},
    {"swapaxes", [](const Inputs& x) { return x[0].swapaxes(0, 1); }, {{2, 3}}},
    {"swapdims", [](const Inputs& x) { return x[0].swapdims(0, 1); }, {{2, 3}}},
    {"broadcast_to",
     [](const Inputs& x) {
       return x[0].broadcast_to({2, 2, 3});
     },
     {{2, 1}}},
    {"view_as",
     [](const Inputs& x) {
       return x[0].view_as(constant(x[0], {3, 2}));
     },
     {{2, 3}}},
    {"reshape_as",
     [](const Inputs& x) {
       return x[0].reshape_as(constant(x[0], {3, 2}));
     },
     {{2, 3}}},
    {"expand_as",
     [](const Inputs& x) {
       return x[0].expand_as(constant(x[0], {2, 3}));
     },
     {{3}}},
    {"ravel", [](const Inputs& x) { return x[0].ravel(); }, {{2, 3}}},
    {"unflatten",
     [](const Inputs& x) {
       return x[0].unflatten(1, {2, -1});
     },
     {{2, 4}}},
    {"atleast_1d", [](const Inputs& x) { return x[0].atleast_1d(); }, {{}}},
    {"atleast_2d", [](const Inputs& x) { return x[0].atleast_2d(); }, {{3}}},
    {"atleast_3d", [](const Inputs& x) { return x[0].atleast_3d(); }, {{2, 3}}},
    {"diag", [](const Inputs& x) { return x[0].diag(1); }, {{3}}},
    {"broadcast_tensors", [](const Inputs& x) { return broadcast_tensors(x); }, {{2, 1}, {3}}},
});

const DerivativeCases parts({
    {"split", [](const Inputs& x) { return x[0].split(2); }, {{5, 2}}},
    {"chunk", [](const Inputs& x) { return x[0].chunk(2, 1); }, {{2, 3}}},
    {"tensor_split", [](const Inputs& x) { return x[0].tensor_split(2); }, {{3, 2}}},
    {"unbind", [](const Inputs& x) { return x[0].unbind(1); }, {{2, 3}}},
});

const DerivativeCases copies({
    {"to",
     [](const Inputs& x) { return x[0].to(x[0].dtype() == float64 ? float32 : float64); },
     {{3}},
     0.5,
     2,
     {.step = 1e-2, .atol = 1e-3}},  // float32 sees steps of 1e-7 only
    {"cpu", [](const Inputs& x) { return x[0].clone().cpu().to(x[0].device()); }, {{3}}},
});

}  // namespace
}  // namespace cuttle::test
