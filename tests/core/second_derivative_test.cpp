// create_graph: second derivatives checked by gradcheck of the first, and a clear refusal where an
// operation has none.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/autograd/record.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class SecondDerivative : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(SecondDerivative);

using Inputs = std::vector<Tensor>;

TEST_P(SecondDerivative, OfRecordedOperations) {
  const std::vector<std::pair<std::string, TensorFunction>> functions = {
      {"mul", [](const Inputs& x) { return x[0] * x[1] * x[0]; }},
      {"div", [](const Inputs& x) { return x[0] / x[1]; }},
      {"broadcast", [](const Inputs& x) { return x[0] * x[1][0] * x[1]; }},
      {"pow", [](const Inputs& x) { return pow(x[0], 3) + pow(x[1], 0.5) + x[0].pow(1); }},
      {"scalar / x", [](const Inputs& x) { return 2 / x[0] + x[1] * x[1]; }},
      {"exp", [](const Inputs& x) { return (x[0] * x[1]).exp(); }},
      {"log", [](const Inputs& x) { return x[0].log() * x[1]; }},
      {"sqrt", [](const Inputs& x) { return (x[0] * x[1]).sqrt(); }},
      {"sigmoid", [](const Inputs& x) { return (x[0] * x[1]).sigmoid(); }},
      {"tanh", [](const Inputs& x) { return (x[0] * x[1]).tanh(); }},
      {"relu", [](const Inputs& x) { return (x[0] * x[1] - 1).relu() * x[0]; }},
      {"abs", [](const Inputs& x) { return (x[0] - x[1] * x[1]).abs() * x[0]; }},
      {"maximum", [](const Inputs& x) { return maximum(x[0], x[1]) * x[0] * x[1]; }},
      {"sum and mean", [](const Inputs& x) { return x[0].sum(0) * x[1].mean(1, true); }},
      {"softmax", [](const Inputs& x) { return (x[0] * x[1]).softmax(-1); }},
      {"softmax 0", [](const Inputs& x) { return (x[0] * x[1]).softmax(0); }},
      {"log_softmax", [](const Inputs& x) { return (x[0] * x[1]).log_softmax(1); }},
      {"matmul", [](const Inputs& x) { return matmul(matmul(x[0], x[1].t()), x[0]); }},
      {"linear", [](const Inputs& x) { return linear(x[0], x[1], x[1].sum(1)); }},
      {"views",
       [](const Inputs& x) {
         return x[0].t().reshape({-1})[1] * x[1].slice(1, 0, 3, 2) * x[0].narrow(1, 0, 2);
       }},
      {"cat",
       [](const Inputs& x) {
         return cat({x[0], x[1]}, 1) * stack({x[1], x[0]}, 0).sum(0).sum();
       }},
      {"in place",
       [](const Inputs& x) {
         Tensor y = x[0] * x[1];
         y *= x[0];
         y += x[1];
         return y;
       }},
      {"expand", [](const Inputs& x) { return x[0].sum().expand({3}) * x[1][0] * x[0][0]; }},
  };
  for (const auto& [name, function] : functions) {
    const Inputs inputs = {variable({2, 3}, device(), 0.5, 2, 1),
                           variable({2, 3}, device(), 0.5, 2, 2)};
    const auto first = [&f = function](const Inputs& x) {
      const Tensor y = f(x);
      const auto g = grad((y * y).sum(), x, {}, {.create_graph = true});
      return g[0].sum() + (g[1] * g[0]).sum();
    };
    // A gradient inside no_grad (finite differences) has to be recorded as well.
    const auto recorded = [&first](const Inputs& x) {
      const GradMode on(true);
      Inputs fresh;
      for (const Tensor& t : x)
        fresh.push_back(t.requires_grad() ? t : t.detach().requires_grad_());
      return first(fresh);
    };
    const auto result = gradcheck(recorded, inputs, {.step = 1e-5, .atol = 1e-4});
    EXPECT_TRUE(result) << name << ": " << result.message;
  }
}

// A user's operation whose backward is a kernel.
TEST_P(SecondDerivative, IsRefusedWhereThereIsNone) {
  const auto once = [](const Tensor& a, const Tensor& b) {
    return record_once("once", (a * b).detach(), {a, b},
                       [a = save(a), b = save(b)](const Tensor& gradient,
                                                  const NeededInputs&) -> std::vector<Tensor> {
                         const NoGradGuard as_a_kernel_would;
                         return {gradient * b.get(), gradient * a.get()};
                       });
  };
  const std::string sentence =
      "backward: 'once' cannot be differentiated twice: its backward is one kernel, not recorded "
      "operations";
  const Inputs x = {variable({8}, device()), variable({8}, device(), 0.5, 2, 2)};
  const Tensor y = once(x[0], x[1]);
  const auto first = grad((y * y).sum(), x, {}, {.create_graph = true});
  const Tensor penalty = (first[0] * first[0]).sum();
  EXPECT_EQ(error_of([&] { penalty.backward({}, true); }), sentence);
  EXPECT_EQ(error_of([&] { (void)grad(penalty, {x[0]}, {}, {.retain_graph = true}); }), sentence);
  EXPECT_EQ(error_of([&] { (void)grad(penalty, {x[1]}, {}, {.retain_graph = true}); }), sentence);
  EXPECT_EQ(
      error_of([&] { (void)gradgradcheck([&](const Inputs& i) { return once(i[0], i[1]); }, x); }),
      sentence);
}

TEST_P(SecondDerivative, GradientsOfDifferentLeavesShareNoMemory) {
  Tensor a = ones({2}, {.device = device()}).requires_grad_();
  Tensor b = ones({2}, {.device = device()}).requires_grad_();
  const Tensor seed = ones({2}, {.device = device()});
  (a + b).backward(seed, false, true);
  a.grad().zero_();
  EXPECT_EQ(b.grad().to_vector<float>(), (std::vector<float>{1, 1}));
  EXPECT_EQ(seed.to_vector<float>(), (std::vector<float>{1, 1}));
}

TEST_P(SecondDerivative, GradKeepsItsHistory) {
  Tensor x = tensor({2.0}).to(device()).requires_grad_();
  (x * x * x).sum().backward({}, false, true);
  const Tensor first = x.grad();
  EXPECT_EQ(first.item(), 12);
  EXPECT_EQ(grad(first.sum(), {x})[0].item(), 12);  // 6x
  x.set_grad({});
}

}  // namespace
}  // namespace cuttle::test
