// Lookahead against the paper's formula in double precision, its state, and what it refuses.
#include <cuttle/core/creation.h>
#include <cuttle/optim/lookahead.h>
#include <cuttle/optim/sgd.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class LookaheadTest : public DeviceTest {
 protected:
  Tensor leaf(const std::vector<double>& values) {
    return tensor(values, {static_cast<int64_t>(values.size())}, {.dtype = float64})
        .to(device())
        .requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(LookaheadTest);

TEST_P(LookaheadTest, FollowsTheFormulaAndItsState) {
  const double alpha = 0.3, lr = 0.25;
  const int64_t k = 3;
  Tensor x = leaf({1, -2}), resumed_x = leaf({0, 0});
  SGD sgd({x}, {.lr = lr}), resumed_sgd({resumed_x}, {.lr = 1});
  Lookahead optimizer(sgd, {.k = k, .alpha = alpha});
  Lookahead resumed(resumed_sgd, {.k = k, .alpha = alpha});
  std::vector<double> fast{1, -2}, slow = fast;
  for (int step = 1; step <= 11; ++step) {
    const bool goes_on = step > 5;
    if (step == 6) {
      resumed_x.detach().copy_(x.detach());
      resumed.load_state_dict(optimizer.state_dict());
    }
    Tensor& param = goes_on ? resumed_x : x;
    param.set_grad(full({2}, 0.5 * step, {.dtype = float64, .device = device()}));
    (goes_on ? resumed : optimizer).step();
    for (size_t i = 0; i < 2; ++i) {
      fast[i] -= lr * 0.5 * step;
      if (step % k == 0) fast[i] = slow[i] += alpha * (fast[i] - slow[i]);
    }
    expect_near(param, fast, 1e-14, 1e-14, "step " + std::to_string(step));
  }
  resumed.zero_grad();
  EXPECT_FALSE(resumed_x.grad().defined());
}

TEST_P(LookaheadTest, Refuses) {
  Tensor x = leaf({1}), y = leaf({1, 2});
  SGD sgd({x}, {.lr = 1}), other({y}, {.lr = 1});
  EXPECT_EQ(error_of([&] { Lookahead(sgd, {.k = 0}); }), "Lookahead: k must be 1 or more, got 0");
  EXPECT_EQ(error_of([&] { Lookahead(sgd, {.alpha = 0}); }),
            "Lookahead: alpha must be above 0 and at most 1, got 0");
  Lookahead a(sgd), b(other);
  EXPECT_EQ(error_of([&] { a.load_state_dict(b.state_dict()); }),
            "Lookahead: the state's \"slow.0\" has shape [2], the parameter has shape [1]; nothing "
            "was changed");
}

}  // namespace
}  // namespace cuttle::test
