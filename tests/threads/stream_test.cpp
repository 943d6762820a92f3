// Threads that train models of their own on one GPU, each on a stream of its own: as alone, to the
// bit, eager and captured.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/cuda_stream.h>
#include <cuttle/core/generator.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/flatten.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/losses/classification.h>
#include <cuttle/layers/pooling/max_pool.h>
#include <cuttle/layers/relu.h>
#include <cuttle/layers/sequential.h>
#include <cuttle/optim/sgd.h>

#include <optional>

#include "support/devices.h"
#include "support/expect.h"
#include "team.h"

namespace cuttle::test {
namespace {

constexpr int kSteps = 8;

struct Trainee {
  explicit Trainee(uint64_t seed) {
    manual_seed(seed);
    model = Sequential{Conv2d(2, 4, 3, {.padding = 1}), ReLU(), MaxPool2d(2), Flatten(),
                       Linear(4 * 3 * 3, 3)};
    images = rand({kSteps, 4, 2, 6, 6});
    targets = randint(0, 3, {kSteps, 4});
  }

  /// The weights after some steps.
  std::vector<float> train(bool captured) {
    CrossEntropyLoss loss_fn;
    model->to("cuda");
    SGD optimizer(model->parameters(), {.lr = 0.1, .momentum = 0.9});
    const auto eager = [&](const Tensor& x, const Tensor& y) {
      const Tensor loss = loss_fn((*model)(x), y);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    CapturedStep step(eager, {.device = Device("cuda")});
    for (int i = 0; i < kSteps; ++i) {
      const Tensor x = images[i], y = targets[i];
      (void)(captured ? step(x, y) : eager(x.to("cuda"), y.to("cuda")));
    }
    std::vector<float> weights;
    for (const Tensor& parameter : model->parameters())
      for (const float weight : parameter.to_vector<float>()) weights.push_back(weight);
    return weights;
  }

  std::optional<Sequential> model;
  Tensor images, targets;
};

class TrainingOnStreams : public ::testing::TestWithParam<bool> {};  // captured
INSTANTIATE_TEST_SUITE_P(Steps, TrainingOnStreams, ::testing::Bool(), [](const auto& test) {
  return std::string(test.param ? "captured" : "eager");
});

TEST_P(TrainingOnStreams, GivesEachThreadTheBitsItGetsAlone) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  const Float32Convolutions in_float32;
  const DeferredStreams deferred;
  std::vector<Trainee> alone, together;
  for (uint64_t t = 0; t < kThreads; ++t) {
    alone.emplace_back(t);
    together.emplace_back(t);
  }
  std::vector<std::vector<float>> expected, actual(kThreads);
  for (Trainee& trainee : alone) expected.push_back(trainee.train(false));
  run_together(1, [&](int thread, int) {
    const cuda::StreamGuard guard{cuda::Stream()};
    actual[thread] = together[thread].train(GetParam());
  });
  EXPECT_NE(expected[0], expected[1]);
  for (int t = 0; t < kThreads; ++t) EXPECT_EQ(actual[t], expected[t]) << "thread " << t;
}

}  // namespace
}  // namespace cuttle::test
