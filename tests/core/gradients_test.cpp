// Gradients of operands in awkward layouts and of mixed dtypes, and of equals. (Every operation's
// are checked in derivatives/.)
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "samples.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

using Inputs = std::vector<Tensor>;

class Gradients : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Gradients);

// Every layout of the operand, not only dense leaves.
TEST_P(Gradients, OperandsInEveryLayout) {
  for (auto& [layout, x] : layouts({2, 3, 4, 3}, device(), float64, -2, 2)) {
    if (layout == "repeated") continue;  // a leaf must own its elements for finite differences
    Tensor leaf = x.detach().requires_grad_();
    for (const auto& f : std::vector<TensorFunction>{
             [](const Inputs& i) {
               return i[0].exp().sum({1, 3}) + i[0].mean();
             },
             [](const Inputs& i) { return i[0].softmax(1); },
             [](const Inputs& i) { return i[0].relu() * i[0].tanh(); },
             [](const Inputs& i) { return matmul(i[0], i[0].transpose(2, 3)); },
             [](const Inputs& i) { return max_pool2d(i[0], 2); }}) {
      const auto result = gradcheck(f, {leaf});
      EXPECT_TRUE(result) << layout << ": " << result.message;
    }
  }
}

TEST_P(Gradients, EqualsShareTheGradientOfAnExtremum) {
  Tensor a = ones({3}, {.device = device()}).requires_grad_();
  Tensor b = ones({3}, {.device = device()}).requires_grad_();
  (maximum(a, b) + minimum(a, b) * 3).sum().backward();
  EXPECT_EQ(a.grad().to_vector<float>(), (std::vector<float>{2, 2, 2}));
  EXPECT_EQ(b.grad().to_vector<float>(), (std::vector<float>{2, 2, 2}));
}

TEST_P(Gradients, OfMixedDtypesComeInTheInputsDtype) {
  Tensor a = ones({3}, {.device = device()}).requires_grad_();
  Tensor b = ones({3}, {.dtype = float64, .device = device()}).requires_grad_();
  (a * b * tensor<int64_t>({1, 2, 3}).to(device())).sum().backward();
  EXPECT_EQ(a.grad().dtype(), float32);
  EXPECT_EQ(b.grad().to_vector<double>(), (std::vector<double>{1, 2, 3}));
}

}  // namespace
}  // namespace cuttle::test
