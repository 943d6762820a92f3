// SGD beyond the golden trajectories: options that are refused, sizes, layouts, several dtypes, and
// parameters that move after the optimizer was made.
#include <cuttle/core/allocators.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/tensor_impl.h>
#include <cuttle/optim/sgd.h>

#include <cmath>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST(SgdOptions, Refused) {
  const auto error = [](const SGDOptions& options) {
    return error_of([&] { SGD({ones({1}, {.requires_grad = true})}, options); });
  };
  EXPECT_EQ(error({.lr = -0.1}), "SGD: lr must be 0 or more, got -0.1");
  EXPECT_EQ(error({.lr = std::nan("")}), "SGD: lr must be 0 or more, got nan");
  EXPECT_EQ(error({.momentum = -1}), "SGD: momentum must be 0 or more, got -1");
  EXPECT_EQ(error({.weight_decay = -1}), "SGD: weight_decay must be 0 or more, got -1");
  EXPECT_EQ(error({.nesterov = true}),
            "SGD: nesterov needs a momentum above 0 and a dampening of 0, got momentum 0 and "
            "dampening 0");
  EXPECT_EQ(error({.momentum = 0.9, .dampening = 0.1, .nesterov = true}),
            "SGD: nesterov needs a momentum above 0 and a dampening of 0, got momentum 0.9 and "
            "dampening 0.1");
}

TEST(SgdOptions, ChangedOnesAreCheckedByTheNextStep) {
  Tensor x = ones({1}, {.requires_grad = true});
  SGD optimizer({x}, {.lr = 0.1});
  x.set_grad(ones({1}));
  optimizer.options().nesterov = true;
  EXPECT_THROW(optimizer.step(), Error);
  EXPECT_EQ(x.item(), 1);
  optimizer.options().momentum = 0.5;
  optimizer.step();
  EXPECT_NEAR(x.item(), 1 - 0.1 * 1.5, 1e-7);
}

class Sgd : public DeviceTest {
 protected:
  Tensor random_leaf(const Shape& shape, DType dtype = float64) {
    Tensor x = rand(shape, {.dtype = dtype}).to(device()).detach();
    return x.requires_grad_();
  }
  Tensor random(const Shape& shape, DType dtype = float64) {
    return rand(shape, {.dtype = dtype}).to(device());
  }
};
CUTTLE_INSTANTIATE_DEVICES(Sgd);

TEST_P(Sgd, SizesAndDTypesTogetherAgainstALoop) {
  std::vector<Tensor> params;
  for (const int64_t n : {0, 1, 31, 33, 1025})
    for (const DType dtype : {float32, float64}) params.push_back(random_leaf({n}, dtype));
  const SGDOptions o{.lr = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true};
  SGD optimizer(params, o);
  std::vector<std::vector<double>> value, buffer(params.size());
  for (const Tensor& param : params) value.push_back(param.to_vector<double>());
  for (int step = 0; step < 3; ++step) {
    for (size_t p = 0; p < params.size(); ++p) {
      params[p].set_grad(random(params[p].shape(), params[p].dtype()));
      const auto gradient = params[p].grad().to_vector<double>();
      buffer[p].resize(gradient.size());
      for (size_t i = 0; i < gradient.size(); ++i) {
        const double g = gradient[i] + o.weight_decay * value[p][i];
        buffer[p][i] = step == 0 ? g : o.momentum * buffer[p][i] + g;
        value[p][i] -= o.lr * (g + o.momentum * buffer[p][i]);
      }
    }
    optimizer.step();
    for (size_t p = 0; p < params.size(); ++p)
      expect_near(params[p], value[p], params[p].dtype() == float32 ? 1e-6 : 1e-14, 0, "values");
  }
}

TEST_P(Sgd, GradientInAnotherLayoutThanTheParameter) {
  const Shape shape{3, 2, 5, 4};
  Tensor row_major = random_leaf(shape);
  Tensor channels_last =
      row_major.detach().contiguous(MemoryFormat::channels_last).requires_grad_();
  Tensor gapped = empty({3, 2, 5, 8}, {.dtype = float64, .device = device()}).slice(3, 0, 8, 2);
  gapped.copy_(row_major.detach());
  gapped.requires_grad_();
  SGD optimizer({row_major, channels_last, gapped}, {.lr = 0.5, .momentum = 0.5});
  for (int step = 0; step < 2; ++step) {
    const Tensor gradient = random(shape);
    row_major.set_grad(gradient);
    channels_last.set_grad(gradient);
    gapped.set_grad(gradient.contiguous(MemoryFormat::channels_last));
    optimizer.step();
  }
  EXPECT_TRUE(channels_last.is_contiguous(MemoryFormat::channels_last));
  EXPECT_EQ(channels_last.to_vector<double>(), row_major.to_vector<double>());
  EXPECT_EQ(gapped.to_vector<double>(), row_major.to_vector<double>());
}

TEST_P(Sgd, DoesNotWriteTheGradientAndCountsItsWrite) {
  Tensor x = random_leaf({31});
  SGD optimizer({x}, {.lr = 0.5, .momentum = 0.9, .weight_decay = 0.1, .maximize = true});
  x.set_grad(random({31}));
  const auto gradient = x.grad().to_vector<double>();
  const uint64_t version = x.version();
  optimizer.step();
  optimizer.step();
  EXPECT_EQ(x.grad().to_vector<double>(), gradient);
  EXPECT_EQ(x.version(), version + 2);
  EXPECT_TRUE(x.is_leaf() && x.requires_grad());
}

TEST_P(Sgd, OptionsChangedBetweenStepsCountAndNothingWaits) {
  // Each operation rounded to float32, which every device promises.
  float x = 0.75f, buffer = 0;
  Tensor param = full({33}, x, {.dtype = float32, .device = device()}).requires_grad_();
  const Tensor gradient = full({33}, 0.3f, {.dtype = float32, .device = device()});
  SGD optimizer({param}, {.lr = 0.1, .momentum = 0.9, .dampening = 0.2});
  param.set_grad(gradient);
  const uint64_t waits = allocator_of(device()).stats().synchronizations;
  for (int step = 0; step < 20; ++step) {
    if (step % 3 == 1) optimizer.set_lr(0.1 / step);
    if (step == 10) optimizer.options().momentum = 0.7;
    optimizer.step();
    const SGDOptions& o = optimizer.options();
    volatile float kept = static_cast<float>(o.momentum) * buffer;
    volatile float added = static_cast<float>(1 - o.dampening) * 0.3f;
    buffer = step == 0 ? 0.3f : kept + added;
    volatile float change = static_cast<float>(o.lr) * buffer;
    x = x - change;
  }
  EXPECT_EQ(allocator_of(device()).stats().synchronizations, waits);
  EXPECT_EQ(param.to_vector<float>(), std::vector<float>(33, x));
}

TEST_P(Sgd, ParametersThatJoinLateTakeTheirFirstStepThen) {
  Tensor early = full({3}, 1.0, {.device = device(), .requires_grad = true});
  Tensor late = full({2}, 1.0, {.device = device(), .requires_grad = true});
  SGD optimizer({early, late}, {.lr = 1, .momentum = 0.5, .dampening = 0.5});
  early.set_grad(full({3}, 0.25, {.device = device()}));
  optimizer.step();  // buffer 0.25
  late.set_grad(full({2}, 0.25, {.device = device()}));
  optimizer.step();  // early: 0.25 · 0.5 + 0.25 · 0.5 = 0.25 again; late: 0.25
  optimizer.step();
  EXPECT_EQ(early.to_vector<float>(), std::vector<float>(3, 0.25f));
  EXPECT_EQ(late.to_vector<float>(), std::vector<float>(2, 0.5f));
}

TEST_P(Sgd, ASumOfLossesAndHitsStaysOnTheDevice) {
  const Tensor logits = random({5, 3}, float32), targets = logits.argmax(1);
  Tensor total = zeros({}, {.device = device()});
  Tensor hits = zeros({}, {.dtype = int64, .device = device()});
  Tensor scale = full({}, 1.0, {.device = device(), .requires_grad = true});
  SGD optimizer({scale}, {.lr = 0});
  const uint64_t waits = allocator_of(device()).stats().synchronizations;
  for (int step = 0; step < 4; ++step) {
    const Tensor loss = (logits * scale).sum();
    loss.backward();
    optimizer.step();
    optimizer.zero_grad();
    total += loss.detach();
    hits += (logits.argmax(1) == targets).sum();
  }
  EXPECT_EQ(allocator_of(device()).stats().synchronizations, waits);
  float expected = 0;
  for (int step = 0; step < 4; ++step) expected += static_cast<float>(logits.sum().item());
  EXPECT_EQ(total.item(), expected);
  EXPECT_EQ(hits.item<int64_t>(), 20);
  EXPECT_FALSE(total.requires_grad());
}

TEST_P(Sgd, BackwardThroughAParameterThatAStepChangedIsRefused) {
  Tensor x = random_leaf({3});
  SGD optimizer({x}, {.lr = 0.5});
  const Tensor y = (x * x).sum();
  x.set_grad(random({3}));
  optimizer.step();
  EXPECT_THROW(y.backward(), Error);
}

TEST_P(Sgd, FollowsParametersThatMoveAndConvert) {
  Tensor moving = rand({33});
  Tensor staying = moving.to(float64).detach();
  moving.requires_grad_();
  staying.requires_grad_();
  SGD optimizer({moving}, {.lr = 0.1, .momentum = 0.9});
  SGD reference({staying}, {.lr = 0.1, .momentum = 0.9});
  const auto step = [&] {
    const Tensor gradient = rand({33});
    moving.set_grad(gradient.to(moving.device(), moving.dtype()));
    staying.set_grad(gradient.to(float64));
    optimizer.step();
    reference.step();
    expect_near(moving, staying.to_vector<double>(), 1e-6, 1e-6, "after a step");
  };
  step();
  // What Module::to does to a parameter: the same tensor, other memory.
  moving.impl().set_data(moving.detach().to(device()).impl());
  step();
  moving.impl().set_data(moving.detach().to(float64).impl());
  step();
  EXPECT_EQ(moving.device(), device());
  EXPECT_EQ(moving.dtype(), float64);
}

TEST_P(Sgd, GradientThatStayedBehindIsAnError) {
  Tensor x = rand({2}, {.device = device(), .requires_grad = true});
  SGD optimizer({x}, {.lr = 0.1});
  x.set_grad(ones({2}, {.device = device()}));
  x.impl().set_data(x.detach().to(float64).impl());
  const std::string place = " [2] on " + device().str();
  EXPECT_EQ(error_of([&] { optimizer.step(); }),
            "SGD: the gradient of parameter 0 is float32" + place + ", the parameter float64" +
                place + "; call zero_grad() after the change and backward() again");
}

}  // namespace
}  // namespace cuttle::test
