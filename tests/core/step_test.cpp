// A training step after warm-up: no allocation from the system, no wait for the device but item(),
// and nothing left behind.
#include <cuttle/core/allocators.h>
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "samples.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

class Step : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped()) return;
    parameters = {parameter({4, 3, 5, 5}, 1), parameter({4}, 2), parameter({10, 64}, 3),
                  parameter({10}, 4)};
    images = sample({8, 3, 8, 8}, device(), float32, -1, 1, 5);
    targets = arange(8, {.dtype = int64, .device = device()});
  }

  Tensor parameter(const Shape& shape, uint64_t seed) const {
    return sample(shape, device(), float32, -0.1, 0.1, seed).requires_grad_();
  }
  MemoryStats stats() const { return allocator_of(device()).stats(); }

  Tensor run() {
    const Tensor h =
        max_pool2d(conv2d(images, parameters[0], parameters[1], {.padding = 2}).relu(), 2);
    const Tensor loss = cross_entropy(linear(h.flatten(1), parameters[2], parameters[3]), targets);
    loss.backward();
    const NoGradGuard no_grad;
    for (Tensor& p : parameters) {
      p.add_(p.grad(), -0.5);
      p.set_grad({});
    }
    return loss;
  }

  std::vector<Tensor> parameters;
  Tensor images, targets;
};
CUTTLE_INSTANTIATE_DEVICES(Step);

TEST_P(Step, TheLossFalls) {
  const double first = run().item();
  for (int i = 0; i < 30; ++i) (void)run();
  EXPECT_LT(run().item(), first / 2);
}

TEST_P(Step, AsksTheSystemForNothingAfterWarmUp) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizer builds ask the system for every tensor";
#endif
  for (int i = 0; i < 3; ++i) (void)run();
  const MemoryStats before = stats();
  for (int i = 0; i < 10; ++i) (void)run();
  const MemoryStats after = stats();
  EXPECT_EQ(after.system_allocations, before.system_allocations);
  EXPECT_GT(after.allocations, before.allocations);
  EXPECT_EQ(after.reserved_bytes, before.reserved_bytes);
}

TEST_P(Step, LeavesNothingBehind) {
  for (int i = 0; i < 2; ++i) (void)run();
  const size_t before = stats().allocated_bytes;
  for (int i = 0; i < 5; ++i) (void)run();
  EXPECT_EQ(stats().allocated_bytes, before);
}

TEST_P(Step, WaitsForTheDeviceOnlyInItem) {
  if (device().is_cpu()) GTEST_SKIP() << "the CPU has nothing to wait for";
  for (int i = 0; i < 3; ++i) (void)run();
  const uint64_t before = stats().synchronizations;
  Tensor loss;
  for (int i = 0; i < 10; ++i) loss = run();
  EXPECT_EQ(stats().synchronizations, before);
  (void)loss.item();
  EXPECT_EQ(stats().synchronizations, before + 1);
}

}  // namespace
}  // namespace cuttle::test
