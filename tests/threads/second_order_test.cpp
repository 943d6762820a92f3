// Gradients of gradients, taken by several threads at once. All values are small integers, so that
// float32 sums are exact in any order.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d_pool.h>

#include "support/devices.h"
#include "team.h"

namespace cuttle::test {
namespace {

class SecondOrder : public DeviceTest {
 protected:
  int rounds(int on_cpu) const { return device().is_cpu() ? on_cpu : on_cpu / 10; }
  Tensor weight() const {
    return tensor({1.f, 2.f, 3.f, 4.f}, {1, 1, 2, 2}).to(device()).requires_grad_();
  }
  Tensor image() const { return ones({1, 1, 3, 3}, {.device = device()}); }
};
CUTTLE_INSTANTIATE_DEVICES(SecondOrder);

// d Σy² / dw = 2 Σ y x = 80 for each weight, and the penalty's is 2 · 4 · 80 · 2 · 4.
TEST_P(SecondOrder, PenaltiesOfSharedLeavesAreAllTaken) {
  const Tensor w = weight(), x = image();
  const int count = rounds(50);
  run_together(count, [&](int, int) {
    const Tensor y = conv2d(x, w);
    const Tensor g = grad((y * y).sum(), {w}, {}, {.create_graph = true})[0];
    (g * g).sum().backward();
  });
  EXPECT_EQ(w.grad().to_vector<double>(), std::vector<double>(4, 5120.0 * kThreads * count));
}

// One graph that all of them differentiate, and differentiate again.
TEST_P(SecondOrder, OneGraphIsDifferentiatedByAll) {
  const Tensor w = weight(), x = image();
  const Tensor y = conv2d_max_pool2d(x, w, {}, {.padding = 1});  // (2, 2)
  const Tensor loss = (y * y * y).sum();
  const auto second = [&] {
    const Tensor g = grad(loss, {w}, {}, {.create_graph = true})[0];
    return grad((g * g).sum(), {w}, {}, {.retain_graph = true})[0].to_vector<double>();
  };
  const std::vector<double> expected = second();
  run_together(rounds(50), [&](int, int) {
    if (second() != expected) throw std::runtime_error("another second derivative");
  });
  EXPECT_NE(expected[0], 0);
}

}  // namespace
}  // namespace cuttle::test
