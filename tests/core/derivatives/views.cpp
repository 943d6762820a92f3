// Derivatives of views, copies and writing in place.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

Tensor in_place(const Tensor& x, const std::function<void(Tensor&)>& change) {
  Tensor y = x.clone();
  change(y);
  return y;
}

const DerivativeCases cases({
    {"view",
     [](const Inputs& x) {
       return x[0].view({3, 2});
     },
     {{2, 3}}},
    {"reshape copy", [](const Inputs& x) { return x[0].t().reshape({6}) * 2; }, {{2, 3}}},
    {"permute",
     [](const Inputs& x) {
       return x[0].permute({2, 0, 1});
     },
     {{2, 3, 4}}},
    {"expand",
     [](const Inputs& x) {
       return x[0].expand({4, 2, 3});
     },
     {{2, 1}}},
    {"select", [](const Inputs& x) { return x[0].select(1, -1); }, {{2, 3}}},
    {"select and x[i]",
     [](const Inputs& x) { return x[0][1] * x[0].select(1, -1).sum(); },
     {{2, 3}}},
    {"slice", [](const Inputs& x) { return x[0].slice(0, 1, 7, 2); }, {{7, 2}}},
    {"narrow", [](const Inputs& x) { return x[0].narrow(1, 1, 2); }, {{2, 3}}},
    {"narrow twice",
     [](const Inputs& x) { return x[0].narrow(1, 1, 2) * x[0].narrow(1, 0, 2); },
     {{2, 3}}},
    {"squeeze", [](const Inputs& x) { return x[0].squeeze(); }, {{2, 1, 3}}},
    {"unsqueeze", [](const Inputs& x) { return x[0].unsqueeze(1); }, {{2, 3}}},
    {"flatten", [](const Inputs& x) { return x[0].flatten(1); }, {{2, 3, 2}}},
    {"contiguous", [](const Inputs& x) { return x[0].t().contiguous(); }, {{2, 3}}},
    {"channels last",
     [](const Inputs& x) { return x[0].contiguous(MemoryFormat::channels_last).exp(); },
     {{2, 3, 2, 2}}},
    {"clone", [](const Inputs& x) { return x[0].clone(); }, {{3}}},
    {"to float and back",
     [](const Inputs& x) { return x[0].to(float32).to(float64).exp(); },
     {{3}},
     0.5,
     2,
     {.step = 1e-2, .atol = 1e-3}},  // float32 sees steps of 1e-7 only
    {"cpu and back",
     [](const Inputs& x) { return x[0].cpu().exp().to(x[0].device()) * x[0]; },
     {{3}}},
    {"cat",
     [](const Inputs& x) {
       return cat({x[0], x[1], x[0]}, 1);
     },
     {{2, 3}, {2, 1}}},
    {"stack",
     [](const Inputs& x) {
       return stack({x[0], x[1]}, -1);
     },
     {{2, 3}, {2, 3}}},
    {"add_",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y.add_(x[1], 2.5); }); },
     {{2, 3}, {3}}},
    {"sub_",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y -= x[1]; }); },
     {{2, 3}, {3}}},
    {"mul_",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y *= x[1]; }); },
     {{2, 3}, {3}}},
    {"div_",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y /= x[1]; }); },
     {{2, 3}, {3}}},
    {"mul_ self",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y *= y; }); },
     {{3}}},
    {"div_ self",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y /= y; }); },
     {{3}}},
    {"scalars_",
     [](const Inputs& x) {
       return in_place(x[0], [&](Tensor& y) { ((y += 1) *= 3) -= 2, y /= 7; });
     },
     {{3}}},
    {"in place on a constant",
     [](const Inputs& x) {
       Tensor y = zeros_like(x[0].detach());
       y += x[0];
       y *= x[0];
       return y;
     },
     {{3}}},
    {"copy_",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y.copy_(x[1]); }); },
     {{2, 3}, {3}}},
    {"copy_ and add",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y.copy_(x[1].exp()); }) + x[0]; },
     {{2, 3}, {3}}},
    {"copy_ self",
     [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y.copy_(y); }); },
     {{3}}},
});

}  // namespace
}  // namespace cuttle::test
