// Dropout: against the mask that the same generator draws, its gradients, modes, replays and
// errors.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/checkpoint.h>
#include <cuttle/core/captured_step.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/dropout.h>
#include <cuttle/core/ops/random.h>
#include <cuttle/layers/dropout.h>
#include <cuttle/optim/sgd.h>

#include <set>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Values = std::vector<double>;

class DropoutTest : public DeviceTest {
 protected:
  Tensor input(const Shape& shape, DType dtype = float64) {
    manual_seed(4);
    return (rand(shape) + 0.5).to(device(), dtype);
  }
  /// What bernoulli draws at the start of the same stream.
  Tensor mask(const Shape& shape, double keep) {
    Generator same(11, Engine::philox);
    return empty(shape, {.dtype = float64, .device = device()}).bernoulli_(keep, same);
  }
};
CUTTLE_INSTANTIATE_DEVICES(DropoutTest);

TEST_P(DropoutTest, IsAScaledMask) {
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{31}, Shape{33}, Shape{41, 25}})
    for (const DType dtype : {float64, float32, float16, bfloat16}) {
      const Tensor x = input(shape, dtype);
      const Tensor y = dropout(x, 0.25, true, Generator(11, Engine::philox));
      EXPECT_EQ(y.dtype(), dtype);
      const Values kept = mask(shape, 0.75).to_vector<double>(), in = x.to_vector<double>();
      Values expected;
      for (size_t i = 0; i < in.size(); ++i) expected.push_back(in[i] * kept[i] / 0.75);
      const double eps = dtype == float64   ? 1e-15
                         : dtype == float32 ? 1e-6
                         : dtype == float16 ? 1e-3
                                            : 8e-3;  // one rounding
      expect_near(y, expected, eps, eps, "dropout");
    }
}

TEST_P(DropoutTest, LayoutDoesNotMatter) {
  const Tensor x = input({5, 6, 7});
  const auto dropped = [](const Tensor& in) {
    return dropout(in, 0.5, true, Generator(2, Engine::philox)).to_vector<double>();
  };
  const Values expected = dropped(x);
  EXPECT_EQ(dropped(x.transpose(0, 2).contiguous().transpose(0, 2)), expected);
  const Tensor wide = empty({5, 6, 14}, {.dtype = float64, .device = device()});
  const Tensor strided = wide.slice(2, 0, 14, 2);
  Tensor(strided).copy_(x);
  EXPECT_EQ(dropped(strided), expected);
}

TEST_P(DropoutTest, DropsWholeChannels) {
  const auto check = [&](DropoutKind kind, const Shape& shape, const Shape& drawn) {
    const Tensor x = input(shape);
    const Tensor y = dropout(kind, x, 0.5, true, Generator(11, Engine::philox));
    expect_near(y, (x * mask(drawn, 0.5) * 2).to_vector<double>(), 0, 0, "channels");
  };
  check(DropoutKind::channels1d, {3, 5, 4}, {3, 5, 1});
  check(DropoutKind::channels1d, {5, 4}, {5, 1});
  check(DropoutKind::channels2d, {3, 5, 2, 2}, {3, 5, 1, 1});
  check(DropoutKind::channels2d, {3, 5, 4}, {3, 5, 1});
  check(DropoutKind::channels3d, {2, 5, 2, 1, 3}, {2, 5, 1, 1, 1});
  check(DropoutKind::channels3d, {5, 2, 1, 3}, {5, 1, 1, 1});
}

TEST_P(DropoutTest, AlphaDropoutKeepsMeanAndVariance) {
  const Tensor x = randn({200, 200}, {.dtype = float64}).to(device());
  const Tensor y = alpha_dropout(x, 0.3);
  // Five standard errors of 40,000 values, for a fixed seed.
  EXPECT_NEAR(y.mean().item<double>(), 0, 0.025);
  EXPECT_NEAR(y.square().mean().item<double>(), 1, 0.05);
  const Tensor dropped = mask({200, 200}, 0.7);
  const double alpha = 1.7580993408473766, a = 1 / std::sqrt((alpha * alpha * 0.3 + 1) * 0.7);
  const Tensor expected = (x * dropped - alpha * (1 - dropped)) * a + alpha * a * 0.3;
  expect_near(alpha_dropout(x, 0.3, true, Generator(11, Engine::philox)),
              expected.to_vector<double>(), 1e-13, 1e-13, "alpha");
}

TEST_P(DropoutTest, NothingAndEverything) {
  const Tensor x = input({6});
  EXPECT_TRUE(dropout(x, 0.0).is_same(x));
  EXPECT_TRUE(dropout(x, 0.5, false).is_same(x));
  Tensor leaf = input({6}).requires_grad_();
  for (const DropoutKind kind : {DropoutKind::elements, DropoutKind::alpha}) {
    const Tensor y = dropout(kind, leaf, 1, true);
    EXPECT_EQ(y.to_vector<double>(), Values(6, 0));
    EXPECT_EQ(grad(y.sum(), {leaf})[0].to_vector<double>(), Values(6, 0));
  }
}

TEST_P(DropoutTest, Gradients) {
  for (const DropoutKind kind :
       {DropoutKind::elements, DropoutKind::channels1d, DropoutKind::alpha}) {
    const auto function = [&](const std::vector<Tensor>& in) -> std::vector<Tensor> {
      const Tensor y =
          dropout(kind, in[0].transpose(0, 1), 0.4, true, Generator(5, Engine::philox));
      return {y * y};
    };
    const std::vector<Tensor> leaves{input({3, 2, 4}).requires_grad_()};
    const auto first = gradcheck(function, leaves), second = gradgradcheck(function, leaves);
    EXPECT_TRUE(first) << first.message;
    EXPECT_TRUE(second) << second.message;
  }
}

TEST_P(DropoutTest, InPlace) {
  Tensor x = input({4, 5});
  const Tensor expected = dropout(x, 0.5, true, Generator(6, Engine::philox));
  Tensor leaf = x.clone().requires_grad_();
  Tensor y = leaf * 1;
  EXPECT_TRUE(dropout_(y, 0.5, true, Generator(6, Engine::philox)).is_same(y));
  EXPECT_EQ(y.to_vector<double>(), expected.to_vector<double>());
  y.sum().backward();
  expect_near(leaf.grad() * x, expected.to_vector<double>(), 1e-15, 1e-15, "gradient");
  EXPECT_THROW(dropout_(leaf), Error);
}

TEST_P(DropoutTest, SeedsAndCheckpoints) {
  const Tensor x = input({50});
  manual_seed(1);
  const Values first = dropout(x).to_vector<double>(), second = dropout(x).to_vector<double>();
  EXPECT_NE(first, second);
  manual_seed(1);
  EXPECT_EQ(dropout(x).to_vector<double>(), first);
  Tensor leaf = x.clone().requires_grad_();
  const Tensor y = checkpoint([](const Tensor& in) { return dropout(in) * 1; }, leaf);
  y.sum().backward();
  expect_near(leaf.grad() * x, y.to_vector<double>(), 1e-15, 1e-15, "recomputed");
}

TEST_P(DropoutTest, ReplaysDrawNewMasksAsEagerStepsDo) {
  const auto run = [&](bool captured) {
    manual_seed(8);
    Dropout layer(0.5);
    const Tensor x = ones({64}, {.device = device()});
    CapturedStep step([&](const Tensor& in) { return layer(in); });
    std::vector<Values> masks;
    for (int i = 0; i < 20; ++i)
      masks.push_back((captured ? step(x) : layer(x)).to_vector<double>());
    return masks;
  };
  const std::vector<Values> masks = run(/*captured=*/true);
  EXPECT_EQ(std::set<Values>(masks.begin(), masks.end()).size(), 20u);
  EXPECT_EQ(masks, run(/*captured=*/false));
}

TEST_P(DropoutTest, TwentyCapturedStepsGiveTheBitsOfTwentyEagerOnes) {
  const auto run = [&](bool captured) {
    manual_seed(8);
    Sequential model{Linear(6, 16), Dropout(0.5), ReLU(), AlphaDropout(0.25), Linear(16, 1)};
    model.to(device());
    SGD optimizer(model.parameters(), {.lr = 0.05, .momentum = 0.9});
    const auto eager = [&](const Tensor& x) {
      const Tensor y = model(x), loss = (y * y).mean();
      optimizer.zero_grad(), loss.backward(), optimizer.step();
      return loss.detach();
    };
    CapturedStep step(eager);
    std::vector<Values> found;
    for (int i = 0; i < 20; ++i) {
      const Tensor x = rand({4, 6}).to(device());
      found.push_back((captured ? step(x) : eager(x)).to_vector<double>());
    }
    for (const Tensor& parameter : model.parameters())
      found.push_back(parameter.to_vector<double>());
    return found;
  };
  EXPECT_EQ(run(/*captured=*/true), run(/*captured=*/false));
}

TEST(DropoutLayers, ModesAndPrintedForm) {
  Dropout layer(0.5);
  const Tensor x = ones({100});
  EXPECT_NE(layer(x).to_vector<double>(), x.to_vector<double>());
  layer.eval();
  EXPECT_TRUE(layer(x).is_same(x));
  EXPECT_EQ(layer.str(), "Dropout(p=0.5, inplace=False)");
  EXPECT_EQ(AlphaDropout(0.1, {.inplace = true}).str(), "AlphaDropout(p=0.1, inplace=True)");
  Dropout2d in_place(1.0, {.inplace = true});
  const Tensor image = ones({1, 2, 2, 2});
  (void)in_place(image);
  EXPECT_EQ(image.to_vector<double>(), Values(8, 0));
}

TEST(DropoutLayers, Errors) {
  EXPECT_EQ(error_of([] { Dropout(1.5); }), "Dropout: p must lie between 0 and 1, got 1.5");
  EXPECT_EQ(error_of([] { (void)dropout(ones({2}), -1); }),
            "dropout: p must lie between 0 and 1, got -1");
  EXPECT_EQ(error_of([] { (void)dropout(ones({2}, {.dtype = int64})); }),
            "dropout: expected a floating dtype, got int64; convert first, with .to(float32) for "
            "example");
  EXPECT_EQ(
      error_of([] {
        (void)dropout3d(ones({2, 2}));
      }),
      "dropout3d: expected 4 or 5 dimensions, got shape [2, 2]; dropout drops single elements "
      "of any shape");
  EXPECT_EQ(error_of([] { (void)dropout(Tensor()); }),
            "dropout: got an undefined tensor; was a default-constructed Tensor never assigned?");
}

}  // namespace
}  // namespace cuttle::test
