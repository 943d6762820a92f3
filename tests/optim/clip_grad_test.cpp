// Clipping of gradients against the definition in double.
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/optim/clip_grad.h>

#include <cmath>
#include <limits>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class ClipGrad : public DeviceTest {
 protected:
  /// Three parameters, the second without a gradient, the third's transposed with gaps.
  std::vector<Tensor> parameters(DType dtype) const {
    const TensorOptions options = {.dtype = dtype, .device = device(), .requires_grad = true};
    std::vector<Tensor> all = {zeros({5, 7}, options), zeros({3}, options), zeros({2, 4}, options)};
    all[0].set_grad((arange(35, {.dtype = float64}) - 17).reshape({5, 7}).to(device(), dtype));
    const Tensor wide =
        (arange(32, {.dtype = float64}) / 8 - 2).reshape({4, 8}).to(device(), dtype);
    all[2].set_grad(wide.slice(1, 0, 4, 2).t());
    return all;
  }
  static std::vector<double> gradients(const std::vector<Tensor>& parameters) {
    std::vector<double> all;
    for (const Tensor& each : parameters)
      if (each.grad().defined())
        for (const double value : each.grad().to_vector<double>()) all.push_back(value);
    return all;
  }
  static double norm(const std::vector<double>& values, double p) {
    double sum = 0;
    for (const double value : values)
      sum = p == kInfinity ? std::max(sum, std::abs(value)) : sum + std::pow(std::abs(value), p);
    return p == kInfinity ? sum : std::pow(sum, 1 / p);
  }
};
CUTTLE_INSTANTIATE_DEVICES(ClipGrad);

TEST_P(ClipGrad, ScalesToTheLargestNorm) {
  for (const DType dtype : {float32, float64, bfloat16}) {
    const double tolerance = dtype == float64 ? 1e-12 : dtype == float32 ? 1e-5 : 1e-2;
    for (const double p : {2., 1., 3., kInfinity}) {
      const std::vector<Tensor> all = parameters(dtype);
      const std::vector<double> before = gradients(all);
      const double expected = norm(before, p);
      const Tensor total = clip_grad_norm_(all, 3, {.norm_type = p});
      EXPECT_NEAR(total.item(), expected, tolerance * expected);
      EXPECT_EQ(total.device(), device());
      const std::vector<double> after = gradients(all);
      for (size_t i = 0; i < before.size(); ++i)
        ASSERT_NEAR(after[i], before[i] * 3 / (expected + 1e-6), tolerance * 4) << p << " " << i;
      EXPECT_FALSE(all[1].grad().defined());
    }
  }
}

TEST_P(ClipGrad, LeavesSmallGradientsAlone) {
  const std::vector<Tensor> all = parameters(float64);
  const std::vector<double> before = gradients(all);
  (void)clip_grad_norm_(all, 1e6);
  EXPECT_EQ(gradients(all), before);
}

TEST_P(ClipGrad, GivesTheNormOfAnything) {
  const std::vector<Tensor> all = parameters(float32);
  EXPECT_NEAR(get_total_norm({all[0].grad(), Tensor(), all[2].grad()}).item(),
              norm(gradients(all), 2), 1e-4);
  EXPECT_EQ(get_total_norm({}).item(), 0);
}

TEST_P(ClipGrad, WaitsForNothing) {
  if (device().is_cpu()) GTEST_SKIP() << "the CPU has nothing to wait for";
  const std::vector<Tensor> all = parameters(float32);
  (void)clip_grad_norm_(all, 1);
  const uint64_t before = cuda::memory_stats().synchronizations;
  (void)clip_grad_norm_(all, 1);
  clip_grad_value_(all, 0.5);
  EXPECT_EQ(cuda::memory_stats().synchronizations, before);
}

TEST_P(ClipGrad, CutsValuesOff) {
  const std::vector<Tensor> all = parameters(float64);
  std::vector<double> expected = gradients(all);
  for (double& value : expected) value = std::min(std::max(value, -1.5), 1.5);
  clip_grad_value_(all, 1.5);
  EXPECT_EQ(gradients(all), expected);
}

TEST_P(ClipGrad, SaysWhatIsWrong) {
  const std::vector<Tensor> all = parameters(float32);
  EXPECT_EQ(error_of([&] { (void)clip_grad_norm_(all, -1); }),
            "clip_grad_norm_: max_norm must be 0 or more, got -1");
  EXPECT_EQ(error_of([&] { (void)clip_grad_norm_(all, 1, {.norm_type = 0}); }),
            "clip_grad_norm_: norm_type must be above 0, got 0");
  EXPECT_EQ(error_of([&] { clip_grad_value_(all, -1); }),
            "clip_grad_value_: clip_value must be 0 or more, got -1");
  Tensor(all[0]).grad().fill_(kInfinity);
  EXPECT_NE(
      error_of([&] { (void)clip_grad_norm_(all, 1, {.error_if_nonfinite = true}); }).find("is inf"),
      std::string::npos);
  EXPECT_TRUE(std::isinf(clip_grad_norm_(all, 1).item()));
}

}  // namespace
}  // namespace cuttle::test
