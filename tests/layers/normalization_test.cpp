// Normalisation layers: fusion with ReLU, memory layouts, dtypes, statistics, graphs.
#include <cuttle/core/autocast.h>
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/captured_step.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/normalization/group_norm.h>
#include <cuttle/core/ops/normalization/layer_norm.h>
#include <cuttle/core/ops/reduce.h>
#include <cuttle/layers/normalization/batch_norm.h>
#include <cuttle/layers/normalization/group_norm.h>
#include <cuttle/layers/normalization/instance_norm.h>
#include <cuttle/layers/normalization/layer_norm.h>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Normalization : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    manual_seed(3);
  }
  void TearDown() override { set_layer_fusion(fusion_before_); }

  Tensor random(const Shape& shape, DType dtype = float32) const {
    return (4 * rand(shape) - 1).to(device(), dtype).detach();
  }

 private:
  const bool fusion_before_ = layer_fusion();
};
CUTTLE_INSTANTIATE_DEVICES(Normalization);

using Values = std::vector<std::vector<double>>;

/// y, dx, the gradients of all parameters, and the state.
Values results(Sequential& model, const Tensor& input) {
  model.zero_grad();
  Tensor x = input.detach().requires_grad_();
  const Tensor y = model(x);
  (y * y).sum().backward();
  Values all = {y.to_vector<double>(), x.grad().to_vector<double>()};
  for (const Tensor& parameter : model.parameters())
    all.push_back(parameter.grad().to_vector<double>());
  for (const Tensor& buffer : model.buffers()) all.push_back(buffer.to_vector<double>());
  return all;
}

TEST_P(Normalization, BatchNormAndReluFuseToTheSameBits) {
  const auto compare = [&](auto make, const Tensor& x) {
    for (const bool training : {true, false}) {
      Sequential fused = make(), apart = make();
      fused.to(device()).train(training);
      apart.to(device()).train(training);
      set_layer_fusion(true);
      EXPECT_EQ(fused(x.detach().requires_grad_()).grad_fn(), "batch_norm_relu");
      const Values expected = results(fused, x);
      set_layer_fusion(false);
      EXPECT_EQ(apart(x.detach().requires_grad_()).grad_fn(), "relu");
      EXPECT_EQ(results(apart, x), expected);
    }
  };
  const auto images = [] { return Sequential{BatchNorm2d(4), ReLU()}; };
  compare(images, random({3, 4, 3, 3}));
  compare(images, random({3, 4, 3, 3}).contiguous(MemoryFormat::channels_last));
  compare([] { return Sequential{BatchNorm1d(5, {.affine = false}), ReLU()}; }, random({4, 5}));
}

TEST_P(Normalization, WatchedAndDerivedLayersRunByThemselves) {
  class Doubled : public BatchNorm2d {
   public:
    using BatchNorm2d::BatchNorm2d;
    Tensor forward(const Tensor& x) override { return BatchNorm2d::forward(x) * 2; }
  };
  const Tensor x = random({2, 2, 2, 2}).requires_grad_();
  Sequential derived{Doubled(2), ReLU()};
  EXPECT_EQ(derived.to(device())(x).grad_fn(), "relu");
  Sequential watched{BatchNorm2d(2), ReLU()};
  int calls = 0;
  watched[0].register_forward_hook(
      [&](Module&, const std::vector<Tensor>&, const Tensor&) { ++calls; });
  EXPECT_EQ(watched.to(device())(x).grad_fn(), "relu");
  EXPECT_EQ(calls, 1);
}

TEST_P(Normalization, ChannelsLastStaysSo) {
  const Tensor x = random({2, 3, 4, 5}), last = x.contiguous(MemoryFormat::channels_last);
  BatchNorm2d norm(3), other(3);
  norm.to(device()), other.to(device());
  Tensor a = x.detach().requires_grad_(), b = last.detach().requires_grad_();
  const Tensor ya = norm(a), yb = other(b);
  EXPECT_TRUE(ya.is_contiguous());
  EXPECT_TRUE(yb.is_contiguous(MemoryFormat::channels_last));
  expect_near(yb, ya.to_vector<double>(), 1e-6, 1e-6, "y");
  (ya * ya * ya).sum().backward();
  (yb * yb * yb).sum().backward();
  EXPECT_TRUE(b.grad().is_contiguous(MemoryFormat::channels_last));
  expect_near(b.grad(), a.grad().to_vector<double>(), 1e-5, 1e-5, "dx");
  // Lines whose channels are innermost.
  BatchNorm1d lines(3);
  lines.to(device());
  EXPECT_TRUE(lines(random({2, 5, 3}).transpose(1, 2)).transpose(1, 2).is_contiguous());
}

TEST_P(Normalization, OtherLayoutsGiveTheSame) {
  const Tensor wide = random({6, 4, 3, 5}, float64);
  const Tensor x = wide.slice(0, 1, 6, 2).transpose(2, 3), dense = x.contiguous();
  const auto same = [&](const auto& f) {
    expect_near(f(x), f(dense).template to_vector<double>(), 1e-12, 1e-12, "another layout");
  };
  same([](const Tensor& t) { return batch_norm(t, {}, {}, {}, {}, true); });
  same([](const Tensor& t) { return layer_norm(t, {5, 3}); });
  same([](const Tensor& t) { return group_norm(t, 2); });
  same([](const Tensor& t) { return instance_norm(t); });
}

TEST_P(Normalization, LargeMeansCostNoDigits) {
  const Tensor small = random({64, 2, 8, 8}, float64), x = (small + 4096).to(float32);
  const Tensor exact = x.to(float64);
  const auto near = [&](const Tensor& y, const Tensor& expected) {
    // The inputs are equal, but their mean is a float32 near 4096, where those are 2^-11 apart: it
    // may be off by one and a half of that, seen against a deviation of 1.15.
    expect_near(y, expected.to_vector<double>(), 6.5e-4, 1e-4, "large mean");
  };
  near(batch_norm(x, {}, {}, {}, {}, true), batch_norm(exact, {}, {}, {}, {}, true));
  near(layer_norm(x, {8, 8}), layer_norm(exact, {8, 8}));
  Tensor mean = zeros({2}, {.device = device()}), var = ones({2}, {.device = device()});
  (void)batch_norm(x, mean, var, {}, {}, true, 1);
  // Σ x² − n · mean² would have no digit left: 4096² · 2^-24 is 1.
  expect_near(var, exact.var({0, 2, 3}).to_vector<double>(), 0, 1e-4, "running variance");
}

TEST_P(Normalization, HalvesAreComputedInFloat32) {
  for (const DType dtype : {float16, bfloat16}) {
    const Tensor x = random({4, 3, 2, 2}, dtype), wide = x.to(float32);
    const auto same = [&](const auto& f) {
      const Tensor y = f(x);
      EXPECT_EQ(y.dtype(), dtype);
      EXPECT_EQ(y.to_vector<double>(), f(wide).to(dtype).template to_vector<double>());
    };
    same([](const Tensor& t) { return batch_norm(t, {}, {}, {}, {}, true); });
    same([](const Tensor& t) { return layer_norm(t, {2, 2}); });
    same([](const Tensor& t) { return group_norm(t, 3); });
    same([](const Tensor& t) { return rms_norm(t, {2}, {}, 0.1); });
    BatchNorm2d norm(3), in_float(3);
    norm.to(device(), dtype);
    in_float.to(device());
    (void)in_float(wide);
    EXPECT_EQ(norm(x).dtype(), dtype);
    EXPECT_EQ(norm.running_mean.to_vector<double>(),
              in_float.running_mean.to(dtype).to_vector<double>());
    EXPECT_EQ(in_float(x).dtype(), dtype);  // statistics and parameters in float32
  }
}

TEST_P(Normalization, AutocastRaisesRowsToFloat32) {
  const Tensor x = random({2, 4, 3}, bfloat16), wide = x.to(float32);
  const Autocast autocast(bfloat16);
  EXPECT_EQ(layer_norm(x, {3}).to_vector<double>(), layer_norm(wide, {3}).to_vector<double>());
  EXPECT_EQ(rms_norm(x, {3}).to_vector<double>(), rms_norm(wide, {3}).to_vector<double>());
  EXPECT_EQ(group_norm(x, 2).dtype(), float32);
  EXPECT_EQ(batch_norm(x, {}, {}, {}, {}, true).dtype(), bfloat16);
}

TEST_P(Normalization, SizesZeroAndOne) {
  BatchNorm2d norm(3);
  norm.to(device());
  EXPECT_EQ(norm(random({0, 3, 2, 2})).shape(), (Shape{0, 3, 2, 2}));
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 1);
  EXPECT_EQ(norm.running_var.to_vector<double>(), (std::vector<double>{1, 1, 1}));
  Tensor none = random({0, 3, 2, 2}).requires_grad_();
  norm(none).sum().backward();
  EXPECT_EQ(norm.weight.grad().to_vector<double>(), (std::vector<double>{0, 0, 0}));
  norm.eval();
  expect_near(norm(ones({1, 3, 1, 1}, {.device = device()})),
              std::vector<double>(3, 1 / std::sqrt(1 + 1e-5)), 1e-6, 0, "one value");
  EXPECT_EQ(layer_norm(random({0, 3}), {3}).shape(), (Shape{0, 3}));
  EXPECT_EQ(layer_norm(random({3, 0}), {0}).shape(), (Shape{3, 0}));
  EXPECT_EQ(layer_norm(random({3, 1}), {1}).to_vector<double>(), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(group_norm(random({0, 4, 2}), 2).shape(), (Shape{0, 4, 2}));
}

TEST_P(Normalization, CapturedStepsKeepStatistics) {
  if (!device().is_cuda()) GTEST_SKIP() << "graphs are a GPU's";
  const auto run = [&](bool captured, std::optional<double> momentum) {
    manual_seed(5);
    Sequential model{BatchNorm2d(3, {.momentum = momentum}), ReLU()};
    model.to(device());
    const auto eager = [&](const Tensor& x) { return model(x).sum(); };
    CapturedStep step(eager);
    for (int i = 0; i < 5; ++i) {
      const Tensor x = (rand({2, 3, 2, 2}) * (i + 1)).to(device());
      (void)(captured ? step(x) : eager(x)).item();
    }
    std::vector<double> state;
    for (const Tensor& buffer : model.buffers())
      for (const double value : buffer.to_vector<double>()) state.push_back(value);
    return state;
  };
  for (const std::optional<double> momentum : {std::optional(0.1), std::optional<double>()})
    EXPECT_EQ(run(true, momentum), run(false, momentum));
}

TEST_P(Normalization, WritesToStatisticsAreCounted) {
  BatchNorm1d norm(2);
  norm.to(device()).eval();
  Tensor x = random({3, 2}).requires_grad_();
  const Tensor y = norm(x).sum();
  norm.train();
  (void)norm(x);
  EXPECT_NE(error_of([&] { y.backward(); }).find("in place"), std::string::npos);
}

}  // namespace
}  // namespace cuttle::test
