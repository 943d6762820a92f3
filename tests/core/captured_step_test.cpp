// CapturedStep: the same bits as calling the function, on every device, whatever comes in between.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/max_pool2d.h>

#include <optional>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

/// A network of one convolution, trained by SGD with momentum.
struct Training {
  explicit Training(const Device& device) {
    for (const auto& [shape, seed] :
         {std::pair<Shape, uint64_t>{{4, 2, 3, 3}, 1}, {{4}, 2}, {{5, 36}, 3}, {{5}, 4}})
      parameters.push_back(sample(shape, device, float32, -0.3, 0.3, seed).requires_grad_());
    momenta.resize(parameters.size());
  }

  Tensor loss_of(const Tensor& images, const Tensor& targets) const {
    const Tensor h =
        max_pool2d(conv2d(images, parameters[0], parameters[1], {.padding = 1}).relu(), 2);
    return cross_entropy(linear(h.flatten(1), parameters[2], parameters[3]), targets);
  }

  Tensor operator()(const Tensor& images, const Tensor& targets) {
    const Tensor loss = loss_of(images, targets);
    for (Tensor& p : parameters) p.set_grad({});
    loss.backward();
    const NoGradGuard no_grad;
    for (size_t i = 0; i < parameters.size(); ++i) {
      Tensor& momentum = momenta[i];
      if (momentum.defined())
        momentum.mul_(0.9).add_(parameters[i].grad());
      else
        momentum = parameters[i].grad().clone();
      parameters[i].add_(momentum, -0.05);
    }
    ++calls;
    return loss;
  }

  std::vector<float> state() const {
    std::vector<float> all;
    for (const Tensor& p : parameters)
      for (const Tensor& t : {p.detach(), p.grad()})
        for (const float value : t.to_vector<float>()) all.push_back(value);
    return all;
  }

  std::vector<Tensor> parameters, momenta;
  int calls = 0;
};

class CapturedSteps : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped() && !device().is_cpu()) deferred_.emplace();
  }
  Tensor images(int64_t n, int round, const Device& on) const {
    return sample({n, 2, 6, 6}, on, float32, -1, 1, static_cast<uint64_t>(round) + 7);
  }
  Tensor targets(int64_t n, int round, const Device& on) const {
    std::vector<int64_t> values;
    for (int64_t i = 0; i < n; ++i) values.push_back((i + round) % 5);
    return tensor(values, {n}).to(on);
  }

 private:
  std::optional<DeferredStreams> deferred_;
};
CUTTLE_INSTANTIATE_DEVICES(CapturedSteps);

TEST_P(CapturedSteps, AHundredGiveTheBitsOfAHundredEagerOnes) {
  Training eager(device()), captured(device());
  CapturedStep step([&](const Tensor& x, const Tensor& y) { return captured(x, y); });
  for (int round = 0; round < 100; ++round) {
    const int64_t n = round % 10 == 9 ? 3 : 4;  // a smaller batch at the end of an epoch
    const Tensor x = images(n, round, device()), y = targets(n, round, device());
    const Tensor loss = step(x, y);
    ASSERT_EQ(loss.item<float>(), eager(x, y).item<float>()) << round;
  }
  EXPECT_EQ(captured.state(), eager.state());
  EXPECT_EQ(captured.calls, device().is_cpu() ? 100 : 2 * 3);
}

TEST_P(CapturedSteps, TakeBatchesFromTheHost) {
  Training eager(device()), captured(device());
  CapturedStep step([&](const Tensor& x, const Tensor& y) { return captured(x, y); },
                    {.device = device(), .warmup = 1});
  for (int round = 0; round < 6; ++round) {
    const Tensor x = images(4, round, Device()), y = targets(4, round, Device());
    const Tensor loss = step(x.contiguous(MemoryFormat::channels_last), y);
    ASSERT_EQ(loss.item<float>(),
              eager(x.to(device()).contiguous(MemoryFormat::channels_last), y.to(device()))
                  .item<float>());
  }
  EXPECT_EQ(captured.state(), eager.state());
}

TEST_P(CapturedSteps, GraphsAreBounded) {
  Training eager(device()), captured(device());
  CapturedStep step([&](const Tensor& x, const Tensor& y) { return captured(x, y); },
                    {.warmup = 1, .max_graphs = 2});
  for (int round = 0; round < 12; ++round) {
    const int64_t n = 1 + round % 4;
    const Tensor x = images(n, round, device()), y = targets(n, round, device());
    const Tensor loss = step(x, y);
    ASSERT_EQ(loss.item<float>(), eager(x, y).item<float>());
  }
  EXPECT_EQ(captured.state(), eager.state());
  EXPECT_EQ(captured.calls, device().is_cpu() ? 12 : 2 * 2 + 2 * 3);
}

// Evaluation, reading and other tensors between the steps, on changing streams.
TEST_P(CapturedSteps, OtherWorkMayComeBetween) {
  Training eager(device()), captured(device());
  CapturedStep step([&](const Tensor& x, const Tensor& y) { return captured(x, y); });
  std::optional<cuda::Stream> other;
  if (!device().is_cpu()) other.emplace();
  Tensor sum = zeros({}, {.device = device()}), expected_sum = sum.clone();
  for (int round = 0; round < 12; ++round) {
    const Tensor x = images(4, round, device()), y = targets(4, round, device());
    std::optional<cuda::StreamGuard> guard;
    if (other && round % 3 == 2) {
      other->wait_stream(cuda::current_stream());
      guard.emplace(*other);
    }
    sum.add_(step(x, y));
    const NoGradGuard no_grad;
    const float evaluated = captured.loss_of(x, y).item<float>();
    if (guard) {
      guard.reset();
      cuda::current_stream().wait_stream(*other);
    }
    {
      const GradMode recording(true);
      expected_sum.add_(eager(x, y).detach());
    }
    ASSERT_EQ(evaluated, eager.loss_of(x, y).item<float>());
  }
  EXPECT_EQ(sum.item(), expected_sum.item());
  EXPECT_EQ(captured.state(), eager.state());
}

TEST_P(CapturedSteps, OneFollowsTheOtherOnWhateverStream) {
  if (device().is_cpu()) GTEST_SKIP() << "the CPU has no streams";
  Training eager(device()), captured(device());
  CapturedStep step([&](const Tensor& x, const Tensor& y) { return captured(x, y); });
  const cuda::Stream a, b;
  cuda::synchronize();
  std::vector<Tensor> losses;
  for (int round = 0; round < 16; ++round) {
    const cuda::StreamGuard guard(round % 2 == 0 ? a : b);
    const Tensor loss = step(images(4, round, device()), targets(4, round, device()));
    losses.push_back(loss.clone());
  }
  cuda::synchronize();
  for (int round = 0; round < 16; ++round)
    EXPECT_EQ(losses[static_cast<size_t>(round)].item<float>(),
              eager(images(4, round, device()), targets(4, round, device())).item<float>());
  EXPECT_EQ(captured.state(), eager.state());
}

TEST_P(CapturedSteps, ReturnWhatTheFunctionReturns) {
  const auto results = [&](const auto& function) {
    CapturedStep step(function);
    for (int round = 0; round < 3; ++round) (void)step(full({3}, 1, {.device = device()}));
    return step(full({3}, 2, {.device = device()}));
  };
  EXPECT_EQ(results([](const Tensor& x) { return x.sum(); }).item(), 6);
  const std::vector<Tensor> list = results([](const Tensor& x) {
    return std::vector<Tensor>{x.sum(), x + 1};
  });
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list[1].to_vector<float>(), std::vector<float>({3, 3, 3}));
  const auto [sum, product] = results([](const Tensor& x) { return std::pair(x.sum(), x * x); });
  EXPECT_EQ(sum.item(), 6);
  EXPECT_EQ(product.to_vector<float>(), std::vector<float>({4, 4, 4}));
  const auto three = results([](const Tensor& x) { return std::tuple(x, x + 1, x + 2); });
  EXPECT_EQ(std::get<2>(three).to_vector<float>(), std::vector<float>({4, 4, 4}));

  Tensor total = zeros({}, {.device = device()});
  CapturedStep silent([&](const Tensor& x) { total.add_(x.sum()); });
  for (int round = 0; round < 5; ++round) silent(full({3}, round, {.device = device()}));
  cuda::is_available() ? cuda::synchronize() : void();
  EXPECT_EQ(total.item(), 30);
}

TEST_P(CapturedSteps, ResultsHaveNoHistory) {
  Training training(device());
  CapturedStep step([&](const Tensor& x, const Tensor& y) { return training.loss_of(x, y); });
  for (int round = 0; round < 4; ++round) {
    const Tensor loss = step(images(4, 0, device()), targets(4, 0, device()));
    EXPECT_FALSE(loss.requires_grad());
  }
}

TEST_P(CapturedSteps, ErrorsPassThrough) {
  int calls = 0;
  CapturedStep step([&](const Tensor& x) {
    if (++calls == 2) fail("the second one fails");
    return x + 1;
  });
  const Tensor x = full({3}, 1.0, {.device = device()});
  (void)step(x);
  EXPECT_EQ(error_of([&] { (void)step(x); }), "the second one fails");
  for (int round = 0; round < 4; ++round)
    EXPECT_EQ(step(x).to_vector<float>(), std::vector<float>({2, 2, 2}));

  EXPECT_EQ(error_of([&] { (void)step(x.clone().requires_grad_()); }).substr(0, 56),
            "CapturedStep: an input of shape [3] requires a gradient,");
  EXPECT_NE(error_of([&] { (void)step(Tensor()); }).find("CapturedStep: got an undefined tensor"),
            std::string::npos);
  EXPECT_NE(error_of([] {
              CapturedStep([](const Tensor& t) { return t; }, {.warmup = 0});
            }).find("warmup must be 1 or more"),
            std::string::npos);
}

TEST_P(CapturedSteps, WhatCannotBeCapturedIsSaidAndTheProgramGoesOn) {
  if (device().is_cpu()) GTEST_SKIP() << "on the CPU nothing is captured";
  bool reads = true;
  double seen = 0;
  CapturedStep step([&](const Tensor& x) {
    const Tensor sum = x.sum();
    if (reads) seen = sum.item();
    return sum;
  });
  const Tensor x = full({3}, 1.0, {.device = device()});
  for (int round = 0; round < 2; ++round) EXPECT_EQ(step(x).item(), 3);
  EXPECT_EQ(seen, 3);
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(
        error_of([&] { (void)step(x); }),
        "item cannot be captured into a CUDA graph: it waits for the device; keep the tensor, "
        "and read it after replay()");
  EXPECT_EQ((x + 1).sum().item(), 6);
  reads = false;
  for (int round = 0; round < 2; ++round) EXPECT_EQ(step(x * 2).item(), 6);
}

TEST_P(CapturedSteps, AreNoPartOfAnotherGraph) {
  if (device().is_cpu()) GTEST_SKIP() << "on the CPU nothing is captured";
  CapturedStep step([](const Tensor& x) { return x + 1; });
  const Tensor x = full({3}, 1.0, {.device = device()});
  const cuda::StreamGuard guard{cuda::Stream()};
  cuda::CUDAGraph graph;
  cuda::CaptureGuard capturing(graph);
  EXPECT_EQ(error_of([&] { (void)step(x); }).find("CapturedStep cannot be captured"), 0);
}

TEST_P(CapturedSteps, StayOnOneDevice) {
  if (device().is_cpu()) GTEST_SKIP() << "on the CPU nothing is captured";
  if (cuda::device_count() < 2) GTEST_SKIP() << "needs two CUDA devices";
  CapturedStep step([](const Tensor& x) { return x + 1; });
  (void)step(ones({3}, {.device = "cuda:0"}));
  EXPECT_NE(error_of([&] {
              (void)step(ones({3}, {.device = "cuda:1"}));
            }).find("its first steps were on cuda:0, this one is on cuda:1"),
            std::string::npos);
}

TEST_P(CapturedSteps, InputsOnTwoDevicesAreRefused) {
  if (device().is_cpu()) GTEST_SKIP() << "needs two devices";
  CapturedStep step([](const Tensor& x, const Tensor& y) { return x + y.to(x.device()); });
  EXPECT_NE(error_of([&] {
              (void)step(ones({3}).to(device()), ones({3}));
            }).find("CapturedStep: all tensors must be on one device"),
            std::string::npos);
}

}  // namespace
}  // namespace cuttle::test
