// A chain of layers in segments: the gradients of the whole chain, and less memory.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/checkpoint_sequential.h>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class CheckpointSequential : public DeviceTest {
 protected:
  size_t allocated() const {
    return device().is_cpu() ? cpu::memory_stats().allocated_bytes
                             : cuda::memory_stats().allocated_bytes;
  }
};
CUTTLE_INSTANTIATE_DEVICES(CheckpointSequential);

std::vector<double> gradients(Sequential& model) {
  std::vector<double> all;
  for (const Tensor& parameter : model.parameters())
    for (const double value : parameter.grad().to_vector<double>()) all.push_back(value);
  return all;
}

TEST_P(CheckpointSequential, GivesTheSameGradientsWithAnySegments) {
  Sequential model{Conv2d(3, 4, 3, {.padding = 1}),
                   MaxPool2d(2),
                   ReLU(),
                   Flatten(),
                   Linear(64, 8),
                   ReLU(),
                   Linear(8, 3)};
  model.to(device());
  const Tensor x = rand({2, 3, 8, 8}).to(device());
  const auto loss = [](const Tensor& y) { return (y * y).sum(); };
  loss(model(x)).backward();
  const std::vector<double> expected = gradients(model);
  for (const int64_t segments : {1, 2, 3, 7}) {
    model.zero_grad();
    loss(checkpoint_sequential(model, segments, x)).backward();
    expect_near(gradients(model), expected, 1e-5, 1e-4, std::to_string(segments) + " segments");
  }
}

TEST_P(CheckpointSequential, KeepsWhatSegmentsGive) {
  Sequential model;
  for (int i = 0; i < 12; ++i) model.append(ReLU());
  const Tensor x = rand({64, 64}).to(device()).requires_grad_();
  const size_t one = 64 * 64 * sizeof(float);
  size_t before = allocated();
  {
    const Tensor y = model(x);
    EXPECT_EQ(allocated() - before, 12 * one);
  }
  before = allocated();
  const Tensor y = checkpoint_sequential(model, 3, x, {.preserve_rng_state = false});
  // What the first checkpoint gave, for the second one, and the results of the last segment.
  EXPECT_EQ(allocated() - before, (1 + 4) * one);
}

TEST_P(CheckpointSequential, Refusals) {
  Sequential model{ReLU(), ReLU()};
  const Tensor x = rand({3}).to(device());
  for (const int64_t segments : {0, 3})
    EXPECT_EQ(error_of([&] { (void)checkpoint_sequential(model, segments, x); }),
              "checkpoint_sequential: 2 layers cannot be cut into " + std::to_string(segments) +
                  " segments");
}

}  // namespace
}  // namespace cuttle::test
