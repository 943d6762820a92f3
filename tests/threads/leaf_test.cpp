// Leaves that several threads share: no gradient is lost, and nothing that is made at first use is
// made twice. All values are small integers, so that float32 sums are exact in any order.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include "support/devices.h"
#include "team.h"

namespace cuttle::test {
namespace {

using V = std::vector<double>;

class SharedLeaf : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device(), float32).requires_grad_();
  }
  /// Fewer where each kernel is interpreted.
  int rounds(int on_cpu) const { return device().is_cpu() ? on_cpu : on_cpu / 10; }
};
CUTTLE_INSTANTIATE_DEVICES(SharedLeaf);

TEST_P(SharedLeaf, TakesEveryGradient) {
  const Tensor w = leaf({1, 2, 3});
  const Tensor x = tensor({4.f, 5.f, 6.f}).to(device());
  const int count = rounds(300);
  run_together(count, [&](int, int) { (w * x).sum().backward(); });
  const double n = kThreads * count;
  EXPECT_EQ(w.grad().to_vector<double>(), (V{4 * n, 5 * n, 6 * n}));
}

// The first use of a leaf makes the node that stands for it, and the first gradient its grad.
TEST_P(SharedLeaf, IsFirstUsedByAllAtOnce) {
  const int count = rounds(300);
  std::vector<Tensor> leaves;
  for (int i = 0; i < count; ++i) leaves.push_back(leaf({1, 1}));
  run_together(count, [&](int thread, int round) {
    const Tensor& w = leaves[round];
    (w * (thread + 1)).sum().backward();
    w.sum().backward();
  });
  const double sum = 1 + 2 + 3 + 4 + kThreads;
  for (const Tensor& w : leaves) ASSERT_EQ(w.grad().to_vector<double>(), (V{sum, sum}));
}

TEST_P(SharedLeaf, TakesGradientsWithHistory) {
  const Tensor w = leaf({3});
  const int count = rounds(50);
  run_together(count, [&](int, int) { (w * w).sum().backward({}, false, /*create_graph=*/true); });
  EXPECT_EQ(w.grad().item(), 6.0 * kThreads * count);
  // Each of them is 2w, so their sum's derivative is 2 for each.
  EXPECT_EQ(grad(w.grad(), {w})[0].item(), 2.0 * kThreads * count);
  Tensor(w).set_grad({});  // its history leads back to w and would keep both
}

TEST_P(SharedLeaf, GivesEachThreadItsOwnGradients) {
  const Tensor w = leaf({1, 2});
  run_together(rounds(100), [&](int thread, int) {
    const Tensor gradient = grad((w * thread).sum(), {w})[0];
    if (gradient.to_vector<double>() != V(2, thread)) throw std::runtime_error(gradient.str());
  });
  EXPECT_FALSE(w.grad().defined());
}

// How many gradients arrive after the last removal is open, but each arrives whole.
TEST_P(SharedLeaf, MayLoseItsGradientMeanwhile) {
  const Tensor w = leaf({1, 1});
  const int count = rounds(300);
  run_together(count, [&](int thread, int) {
    if (thread == 0)
      Tensor(w).set_grad({});
    else
      (w * 2).sum().backward();
    if (const Tensor gradient = w.grad(); gradient.defined() && gradient.numel() != 2)
      throw std::runtime_error("a torn gradient");
  });
  w.sum().backward();
  const V values = w.grad().to_vector<double>();
  EXPECT_EQ(values[0], values[1]);
  EXPECT_EQ(static_cast<int>(values[0]) % 2, 1);
  EXPECT_LE(values[0], 1 + 2.0 * (kThreads - 1) * count);
}

}  // namespace
}  // namespace cuttle::test
