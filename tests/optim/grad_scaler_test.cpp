// GradScaler: what it does to gradients, steps and its scale, eagerly and in a captured step, and
// what torch.cuda.amp.GradScaler's documentation says of each.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/optim/adam.h>
#include <cuttle/optim/clip_grad.h>
#include <cuttle/optim/grad_scaler.h>
#include <cuttle/optim/sgd.h>

#include <limits>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

class GradScalerTest : public DeviceTest {
 protected:
  Tensor parameter() const {
    return full({3}, 1, {.dtype = float32, .device = device(), .requires_grad = true});
  }
  /// One step on loss = factor · Σ w.
  static void step(GradScaler& scaler, Optimizer& optimizer, const Tensor& w,
                   const Tensor& factor) {
    optimizer.zero_grad();
    scaler.scale((w * factor).sum()).backward();
    scaler.step(optimizer);
    scaler.update();
  }
  Tensor number(float value) const { return full({}, value, {.device = device()}); }
  static std::vector<double> list(const Tensor& x) { return x.detach().to_vector<double>(); }
};
CUTTLE_INSTANTIATE_DEVICES(GradScalerTest);

TEST_P(GradScalerTest, StepsAsWithoutIt) {
  const Tensor w = parameter(), v = parameter();
  SGD scaled({w}, {.lr = 0.5, .momentum = 0.9}), plain({v}, {.lr = 0.5, .momentum = 0.9});
  GradScaler scaler({.init_scale = 1024}), off({.enabled = false});
  for (int i = 0; i < 3; ++i) {
    step(scaler, scaled, w, number(0.25));
    step(off, plain, v, number(0.25));
  }
  EXPECT_EQ(list(w), list(v));
  EXPECT_EQ(scaler.get_scale(), 1024);
  EXPECT_EQ(off.get_scale(), 1);
}

TEST_P(GradScalerTest, LeavesStepsOutAndAdaptsTheScale) {
  const Tensor w = parameter();
  Adam optimizer({w}, {.lr = 0.5});
  GradScaler scaler(
      {.init_scale = 64, .growth_factor = 4, .backoff_factor = 0.25, .growth_interval = 2});
  step(scaler, optimizer, w, number(kInfinity));
  EXPECT_EQ(list(w), std::vector<double>(3, 1));
  EXPECT_EQ(scaler.get_scale(), 16);
  EXPECT_EQ(optimizer.state_dict().at("state.0.step").item(), 0);  // Adam has not counted it
  step(scaler, optimizer, w, number(1));
  EXPECT_NEAR(list(w)[0], 0.5, 1e-6);  // Adam's first step: lr in the gradient's direction
  EXPECT_EQ(scaler.get_scale(), 16);
  step(scaler, optimizer, w, number(1));
  EXPECT_EQ(scaler.get_scale(), 64);  // two in a row
  step(scaler, optimizer, w, number(1));
  step(scaler, optimizer, w, number(-kInfinity));
  EXPECT_EQ(scaler.get_scale(), 16);
  step(scaler, optimizer, w, number(1));
  EXPECT_EQ(scaler.get_scale(), 16);  // counted anew
  EXPECT_EQ(optimizer.state_dict().at("state.0.step").item(), 4);
}

TEST_P(GradScalerTest, UnscalesForClipping) {
  const Tensor w = parameter();
  SGD optimizer({w}, {.lr = 1});
  GradScaler scaler({.init_scale = 4096});
  scaler.scale((w * 3).sum()).backward();
  EXPECT_EQ(list(w.grad()), std::vector<double>(3, 3 * 4096));
  scaler.unscale_(optimizer);
  EXPECT_EQ(list(w.grad()), std::vector<double>(3, 3));
  clip_grad_value_({w}, 2);
  scaler.step(optimizer);
  EXPECT_EQ(list(w), std::vector<double>(3, -1));
}

TEST_P(GradScalerTest, NeverGrowsToInfinity) {
  const Tensor w = parameter();
  SGD optimizer({w}, {.lr = 0.5});
  GradScaler scaler({.init_scale = 3e38, .growth_interval = 1});
  step(scaler, optimizer, w, number(1e-30f));
  EXPECT_FLOAT_EQ(static_cast<float>(scaler.get_scale()), 3e38f);
}

TEST_P(GradScalerTest, WaitsForNothing) {
  if (device().is_cpu()) GTEST_SKIP() << "the CPU has nothing to wait for";
  const Tensor w = parameter(), factor = number(1);
  Adam optimizer({w}, {.lr = 0.5});
  GradScaler scaler;
  step(scaler, optimizer, w, factor);
  const uint64_t before = cuda::memory_stats().synchronizations;
  step(scaler, optimizer, w, factor);
  EXPECT_EQ(cuda::memory_stats().synchronizations, before);
}

TEST_P(GradScalerTest, IsCapturedWithTheStep) {
  const Tensor w = parameter(), v = parameter();
  Adam captured_adam({w}, {.lr = 0.5}), eager_adam({v}, {.lr = 0.5});
  const GradScalerOptions options = {.init_scale = 64, .growth_interval = 3};
  GradScaler captured_scaler(options), eager_scaler(options);
  CapturedStep captured(
      [&](const Tensor& factor) { step(captured_scaler, captured_adam, w, factor); });
  for (const float factor : {1.f, 2.f, kInfinity, 1.f, 1.f, 1.f, -1.f, kInfinity, 3.f, 1.f}) {
    captured(number(factor));
    step(eager_scaler, eager_adam, v, number(factor));
    EXPECT_EQ(list(w), list(v)) << factor;
    EXPECT_EQ(captured_scaler.get_scale(), eager_scaler.get_scale()) << factor;
  }
}

TEST_P(GradScalerTest, GivesAndTakesItsState) {
  const Tensor w = parameter();
  SGD optimizer({w}, {.lr = 0.5});
  GradScaler first({.init_scale = 64, .growth_interval = 2}), second;
  step(first, optimizer, w, number(1));
  second.load_state_dict(first.state_dict());
  EXPECT_EQ(second.get_scale(), 64);
  step(second, optimizer, w, number(1));
  EXPECT_EQ(second.get_scale(), 128);  // the counter came along
  const Value state = first.state_dict();
  EXPECT_EQ(state["scale"].to_double(), 64);
  EXPECT_EQ(state["growth_interval"].to_int(), 2);
  EXPECT_EQ(state["_growth_tracker"].to_int(), 1);
  EXPECT_TRUE(GradScaler({.enabled = false}).state_dict().empty());
}

TEST_P(GradScalerTest, RefusesStates) {
  GradScaler scaler;
  const auto refusal = [&](const Value& state) {
    return error_of([&] { scaler.load_state_dict(state); });
  };
  EXPECT_EQ(refusal(Dict{}),
            "GradScaler: the state is empty, as that of a disabled scaler; nothing was changed");
  Dict state = scaler.state_dict();
  state.set("_growth_tracker", -1);
  EXPECT_EQ(refusal(state),
            "GradScaler: _growth_tracker must be from 0 to growth_interval, 2000, got -1");
  state.set("growth_interval", 0.5);
  EXPECT_EQ(refusal(state), "expected a whole number, got a number");
  GradScaler disabled({.enabled = false});
  disabled.load_state_dict(Dict{});
}

TEST_P(GradScalerTest, SaysWhatIsWrong) {
  EXPECT_EQ(error_of([] { GradScaler wrong({.init_scale = 0}); }),
            "GradScaler: the scale must be above 0, got 0");
  EXPECT_EQ(error_of([] { GradScaler wrong({.growth_factor = 1}); }),
            "GradScaler: growth_factor must be above 1, got 1");
  EXPECT_EQ(error_of([] { GradScaler wrong({.backoff_factor = 1}); }),
            "GradScaler: backoff_factor must be between 0 and 1, got 1");
  const Tensor w = parameter();
  SGD optimizer({w}, {.lr = 0.5});
  GradScaler scaler;
  EXPECT_EQ(
      error_of([&] { scaler.update(); }),
      "GradScaler::update: no gradients were unscaled since the last one; call step(optimizer) "
      "first");
  scaler.scale(w.sum()).backward();
  scaler.step(optimizer);
  EXPECT_EQ(
      error_of([&] { scaler.step(optimizer); }),
      "GradScaler::step: this optimizer has stepped since the last update(); call update() behind "
      "it");
  EXPECT_EQ(error_of([&] { scaler.unscale_(optimizer); }),
            "GradScaler::unscale_: the gradients of this optimizer were unscaled since the last "
            "update()");
}

}  // namespace
}  // namespace cuttle::test
