// Hooks that come and go while other threads replay, and graphs that several threads replay at
// once.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/function.h>
#include <cuttle/core/autograd/saved_tensor_hooks.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <atomic>
#include <cmath>

#include "support/devices.h"
#include "team.h"

namespace cuttle::test {
namespace {

class SharedHooks : public DeviceTest {
 protected:
  /// Fewer where each kernel is interpreted.
  int rounds() const { return device().is_cpu() ? 200 : 20; }
};
CUTTLE_INSTANTIATE_DEVICES(SharedHooks);

TEST_P(SharedHooks, ComeAndGoDuringReplays) {
  const Tensor w = ones({3}, {.device = device(), .requires_grad = true});
  std::atomic<int> seen{0}, own{0};
  w.register_hook([&](const Tensor&) { ++seen; });
  run_together(rounds(), [&](int thread, int) {
    if (thread == 0) {
      RemovableHandle handle = w.register_hook([&](const Tensor&) { ++own; });
      handle.remove();
    } else {
      (void)grad((w * 2).sum(), {w});
    }
  });
  EXPECT_EQ(seen, (kThreads - 1) * rounds());
  own = 0;
  w.sum().backward();
  EXPECT_EQ(own, 0);
}

TEST_P(SharedHooks, AreMadeAtOnce) {
  for (int i = 0; i < rounds(); ++i) {
    const Tensor w = ones({1}, {.device = device(), .requires_grad = true});
    std::atomic<int> seen{0};
    run_together(1, [&](int, int) { w.register_hook([&](const Tensor&) { ++seen; }); });
    w.sum().backward();
    ASSERT_EQ(seen, kThreads);
  }
}

struct Twice : Function<Twice> {
  static std::vector<Tensor> forward(FunctionContext* ctx, const Tensor& x) {
    const Tensor y = x * x;
    ctx->save_for_backward({x, y});
    return {y, y * x};
  }
  static std::vector<Tensor> backward(FunctionContext* ctx, std::vector<Tensor> g) {
    const auto saved = ctx->get_saved_variables();
    return {g[0] * saved[0] * 2 + g[1] * saved[1] * 3};
  }
};

TEST_P(SharedHooks, OneGraphWithPackedTensorsIsReplayedByAll) {
  const Tensor x = full({2}, 2.0, {.device = device(), .requires_grad = true});
  Tensor y;
  {
    const SavedTensorHooks hooks([](const Tensor& saved) { return std::any(saved.clone()); },
                                 [](const std::any& p) { return std::any_cast<Tensor>(p); });
    const auto both = Twice::apply(x);
    y = (both[0] + both[1].exp().log()).sum();
  }
  run_together(rounds(), [&](int, int) {
    const Tensor g = grad(y, {x}, {}, {.retain_graph = true})[0];
    for (const double value : g.to_vector<double>())
      if (std::abs(value - 16) > 1e-4) throw std::runtime_error(g.str());
  });
}

}  // namespace
}  // namespace cuttle::test
