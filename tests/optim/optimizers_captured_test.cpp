// Every optimizer in a CUDA graph: replays under a changing learning rate, from the first step on,
// give the bits of steps that were not captured, and the same state.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/optim/adam.h>
#include <cuttle/optim/adaptive.h>
#include <cuttle/optim/sgd.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class CapturedOptimizers : public DeviceTest {
 protected:
  /// Two parameters and their optimizer.
  template <class O>
  struct Training {
    Training(const Device& device, const typename O::Options& options)
        : parameters{leaf({37}, device), leaf({5, 7}, device)}, optimizer(parameters, options) {}
    static Tensor leaf(const Shape& shape, const Device& device) {
      return full(shape, 0.5, {.device = device, .requires_grad = true});
    }
    void step(const Tensor& x) {
      const Tensor loss = (parameters[0].square() * x).sum() - (parameters[1] * x.sum()).sum();
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
    }
    std::vector<double> values() const {
      std::vector<double> all;
      for (const Tensor& each : parameters)
        for (const double value : each.detach().template to_vector<double>()) all.push_back(value);
      return all;
    }
    std::vector<Tensor> parameters;
    O optimizer;
  };

  template <class O>
  void check(const typename O::Options& options) {
    Training<O> eager(device(), options), captured(device(), options);
    CapturedStep step([&](const Tensor& x) { captured.step(x); });
    for (int i = 0; i < 8; ++i) {
      if (i == 5) eager.optimizer.set_lr(0.02), captured.optimizer.set_lr(0.02);
      const Tensor x = (rand({37}) - 0.5).to(device());
      step(x);
      eager.step(x);
      ASSERT_EQ(captured.values(), eager.values())
          << eager.optimizer.state_dict().size() << " " << i;
    }
    for (const auto& [name, value] : eager.optimizer.state_dict())
      EXPECT_EQ(captured.optimizer.state_dict().at(name).template to_vector<double>(),
                value.template to_vector<double>())
          << name;
  }
};
CUTTLE_INSTANTIATE_DEVICES(CapturedOptimizers);

TEST_P(CapturedOptimizers, StepAsEagerOnes) {
  check<SGD>({.lr = 0.1, .momentum = 0.9, .nesterov = true});
  check<Lion>({.lr = 0.1, .weight_decay = 0.1});
  check<Adam>({.lr = 0.1, .amsgrad = true});
  check<AdamW>({.lr = 0.1});
  check<NAdam>({.lr = 0.1});
  check<RAdam>({.lr = 0.1, .betas = {0.8, 0.9}});
  check<Adamax>({.lr = 0.1});
  check<RMSprop>({.lr = 0.1, .momentum = 0.5, .centered = true});
  check<Adagrad>({.lr = 0.1, .lr_decay = 0.1, .initial_accumulator_value = 0.1});
  check<Adadelta>({.lr = 0.5});
}

TEST_P(CapturedOptimizers, SayWhatOptionsMayBe) {
  const std::vector<Tensor> w = {zeros({2}, {.device = device(), .requires_grad = true})};
  EXPECT_EQ(error_of([&] {
              Adam wrong(w, {.betas = {0.9, 1}});
            }),
            "Adam: both betas must be 0 or more and below 1, got 1");
  EXPECT_EQ(error_of([&] { AdamW wrong(w, {.eps = -1}); }), "AdamW: eps must be 0 or more, got -1");
  EXPECT_EQ(error_of([&] { Adadelta wrong(w, {.rho = 2}); }),
            "Adadelta: rho must be from 0 to 1, got 2");
  EXPECT_EQ(error_of([&] { RMSprop wrong(w, -0.5); }), "RMSprop: lr must be 0 or more, got -0.5");
}

}  // namespace
}  // namespace cuttle::test
