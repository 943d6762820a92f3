// Several threads at one model: inference gives each the bits that one thread gets, and training
// loses no gradient.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/generator.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/flatten.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/losses/classification.h>
#include <cuttle/layers/pooling/max_pool.h>
#include <cuttle/layers/relu.h>
#include <cuttle/layers/sequential.h>

#include <cstring>

#include "support/devices.h"
#include "support/expect.h"
#include "team.h"

namespace cuttle::test {
namespace {

constexpr int64_t kBatch = 4;

class SharedModel : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped()) return;
    manual_seed(0);
    model_.to(device());
    loss_.to(device());
  }
  int rounds(int on_cpu) const { return device().is_cpu() ? on_cpu : 2; }
  Tensor images(double scale = 1) const { return (rand({kBatch, 3, 8, 8}) * scale).to(device()); }
  Tensor targets() const { return randint(0, 4, {kBatch}).to(device()); }

  Sequential model_{Conv2d(3, 8, 3, {.padding = 1}), ReLU(),    MaxPool2d(2),
                    Conv2d(8, 8, 3, {.padding = 1}), Flatten(), Linear(8 * 4 * 4, 4)};
  CrossEntropyLoss loss_;
};
CUTTLE_INSTANTIATE_DEVICES(SharedModel);

bool same_bits(const Tensor& a, const Tensor& b) {
  const std::vector<float> x = a.to_vector<float>(), y = b.to_vector<float>();
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

std::vector<Tensor> gradients_of(const Module& module) {
  std::vector<Tensor> gradients;
  for (const Tensor& parameter : module.parameters()) gradients.push_back(parameter.grad().clone());
  return gradients;
}

void expect_same_bits(const std::vector<Tensor>& actual, const std::vector<Tensor>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i)
    EXPECT_TRUE(same_bits(actual[i], expected[i])) << "parameter " << i;
}

TEST_P(SharedModel, InfersTheSameBitsOnEachThread) {
  std::vector<Tensor> inputs, expected;
  {
    const NoGradGuard no_grad;
    for (int t = 0; t < kThreads; ++t) {
      inputs.push_back(images());
      expected.push_back(model_(inputs.back()));
    }
  }
  run_together(rounds(10), [&](int thread, int) {
    const NoGradGuard no_grad;
    if (!same_bits(model_(inputs[thread]), expected[thread]))
      throw std::runtime_error("other logits than on one thread");
  });
}

// All train on one batch, so that the order in which their equal gradients arrive does not matter:
// the sum has the bits that it gets from one thread.
TEST_P(SharedModel, SumsTheGradientsOfAllThreads) {
  const Tensor x = images(), target = targets();
  const auto step = [&] { loss_(model_(x), target).backward(); };
  const int count = rounds(10);
  for (int i = 0; i < kThreads * count; ++i) step();
  const std::vector<Tensor> expected = gradients_of(model_);
  model_.zero_grad();
  run_together(count, [&](int, int) { step(); });
  expect_same_bits(gradients_of(model_), expected);
}

// Each thread has data of its own. With small integers everywhere float32 is exact, so the sum does
// not depend on the order either.
TEST_P(SharedModel, SumsTheGradientsOfDifferentData) {
  {
    const NoGradGuard no_grad;
    for (Tensor& parameter : model_.parameters())
      parameter.copy_(randint(-1, 2, parameter.shape()).to(float32));
  }
  std::vector<Tensor> inputs;
  for (int t = 0; t < kThreads; ++t)
    inputs.push_back(randint(0, 3, {kBatch, 3, 8, 8}).to(device(), float32));
  const auto step = [&](int thread) { model_(inputs[thread]).sum().backward(); };
  const int count = rounds(10);
  for (int i = 0; i < count; ++i)
    for (int t = 0; t < kThreads; ++t) step(t);
  const std::vector<Tensor> expected = gradients_of(model_);
  model_.zero_grad();
  run_together(count, [&](int thread, int) { step(thread); });
  expect_same_bits(gradients_of(model_), expected);
}

// What a module says of an error belongs to the thread that made it.
TEST_P(SharedModel, NamesTheModuleOfEachThreadsError) {
  run_together(rounds(10), [&](int thread, int) {
    const int64_t channels = thread + 4;
    const std::string sentence = error_of([&] {
      (void)model_(ones({1, channels, 8, 8}, {.device = device()}));
    });
    const std::string start = "0 (Conv2d): conv2d: ", got = "got " + std::to_string(channels);
    if (sentence.find(start) != 0 || sentence.find(got) == std::string::npos)
      throw std::runtime_error(sentence);
  });
}

}  // namespace
}  // namespace cuttle::test
