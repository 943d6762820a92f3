// Sums, means, argmax and softmax against loops in double.
#include <cuttle/core/ops/arithmetic.h>

#include <cmath>
#include <limits>
#include <span>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Reduce : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Reduce);

// Σ over one dimension, or over all for dim < 0; row-major over what is left.
std::vector<double> summed(const Tensor& x, int dim) {
  Shape kept = x.shape();
  if (dim >= 0) kept[dim] = 1;
  std::vector<double> out(dim >= 0 ? static_cast<size_t>(kept.numel()) : 1);
  const auto values = x.to_vector<double>();
  size_t i = 0;
  for_each_index(x.shape(), [&](const Shape& index) {
    out[dim >= 0 ? position(kept, index) : 0] += values[i++];
  });
  return out;
}

TEST_P(Reduce, SumAndMeanAgreeWithLoops) {
  for (const DType dtype : {float32, float64})
    for (const Shape& shape : common_shapes())
      for (const auto& [layout, x] : layouts(shape, device(), dtype, 0, 2)) {
        const double rtol = dtype == float32 ? 1e-6 : 1e-13;
        expect_near(x.sum(), summed(x, -1), 0, rtol, "sum " + shape.str() + layout);
        for (int d = 0; d < x.dim(); ++d) {
          auto expected = summed(x, d);
          expect_near(x.sum(d), expected, 0, rtol, "sum along one " + shape.str() + layout);
          expect_near(x.sum(d - x.dim(), true), expected, 0, rtol, "keepdim");
          if (x.size(d) == 0) continue;
          for (double& value : expected) value /= static_cast<double>(x.size(d));
          expect_near(x.mean(d), expected, 0, rtol, "mean " + shape.str() + layout);
        }
      }
}

TEST_P(Reduce, EmptySumsAreZeroAndEmptyMeansNaN) {
  const Tensor x = zeros({0, 3}, {.device = device()});
  EXPECT_EQ(x.sum().item(), 0);
  EXPECT_EQ(x.sum(0).to_vector<float>(), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(x.sum(1).shape(), Shape{0});
  EXPECT_TRUE(std::isnan(x.mean().item()));
}

TEST_P(Reduce, AnEmptyListOfDimensionsMeansAll) {
  const Tensor x = ones({2, 3}, {.device = device()});
  EXPECT_EQ(x.sum({}).item(), 6);
  EXPECT_EQ(x.mean({}).item(), 1);
  EXPECT_EQ(x.sum({}, true).shape(), (Shape{1, 1}));
  EXPECT_EQ(x.argmax({}).dim(), 0);
  EXPECT_EQ(x.argmax({}, true).shape(), (Shape{1, 1}));
  EXPECT_EQ(x.sum(std::vector<int64_t>{}).item(), 6);
  EXPECT_EQ(x.sum(std::vector<int64_t>{}, true).shape(), (Shape{1, 1}));
  EXPECT_EQ(x.mean(std::vector<int64_t>{}).item(), 1);
}

TEST_P(Reduce, IntegersAreSummedInInt64) {
  const Tensor x = full({1025}, 255, {.dtype = uint8, .device = device()});
  EXPECT_EQ(x.sum().dtype(), int64);
  EXPECT_EQ(x.sum().item<int64_t>(), 1025 * 255);
  EXPECT_EQ((x == 255).sum().item<int64_t>(), 1025);
  EXPECT_EQ(full({3}, int64_t{1} << 61, {.dtype = int64, .device = device()}).sum().item<int64_t>(),
            int64_t{3} << 61);
}

TEST_P(Reduce, ManyFloatsDoNotLoseTheSmallOnes) {
  // Added one after the other in float32, 2^25 ones stop growing at 2^24.
  const Tensor x = ones({1}, {.device = device()}).expand({int64_t{1} << 25});
  EXPECT_NEAR(x.sum().item(), 0x1p25, 0x1p25 * 1e-6);
}

TEST_P(Reduce, ArgmaxAgreesWithLoops) {
  for (const DType dtype : {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8})
    for (const Shape& shape : {Shape{1}, Shape{33}, Shape{31, 33}, Shape{2, 3, 5}, Shape{2, 1025}})
      for (const auto& [layout, x] : layouts(shape, device(), dtype, 0, 5))
        for (int d = 0; d < x.dim(); ++d) {
          Shape kept = shape;
          kept[d] = 1;
          std::vector<double> best(static_cast<size_t>(kept.numel()), -1);
          std::vector<int64_t> place(best.size());
          const auto values = x.to_vector<double>();
          size_t i = 0;
          for_each_index(shape, [&](const Shape& index) {
            const size_t at = position(kept, index);
            if (values[i] > best[at]) best[at] = values[i], place[at] = index[d];
            ++i;
          });
          EXPECT_EQ(x.argmax(d).to_vector<int64_t>(), place) << shape << layout << dtype;
        }
}

TEST_P(Reduce, ArgmaxTakesTheFirstOfEqualsAndNaN) {
  EXPECT_EQ(tensor({1.f, 3.f, 3.f}).to(device()).argmax().item<int64_t>(), 1);
  EXPECT_EQ(tensor({1.f, float{NAN}, 3.f, float{NAN}}).to(device()).argmax(0).item<int64_t>(), 1);
  EXPECT_EQ(ones({2, 3}, {.device = device()}).t().argmax().item<int64_t>(), 0);
  EXPECT_EQ(full({3}, -INFINITY, {.device = device()}).argmax().item<int64_t>(), 0);
  EXPECT_EQ(tensor({5.f}).to(device()).reshape({}).argmax(0).item<int64_t>(), 0);
  EXPECT_EQ(zeros({0, 3}, {.device = device()}).argmax(1).shape(), Shape{0});
}

// As exact as float32 can say it: half a unit in its last place, where sums in float32 alone are
// off by hundreds.
TEST_P(Reduce, SumsOfAHundredMillionElements) {
  if (!device().is_cpu()) GTEST_SKIP() << "the interpreter would take minutes";
  const int64_t n = 100'000'000;
  Tensor x = rand({n});
  const std::span<const float> values(x.data<float>(), static_cast<size_t>(n));
  double exact = 0;
  for (const float value : values) exact += value;
  EXPECT_NEAR(x.sum().item(), exact, exact * 6e-8);
  EXPECT_NEAR(x.mean().item(), exact / n, exact / n * 6e-8);
  x.sub_(0.5);  // positive and negative ones cancel
  exact = 0;
  for (const float value : values) exact += value;
  EXPECT_NEAR(x.sum().item(), exact, std::abs(exact) * 6e-8 + 1e-6);
}

TEST_P(Reduce, SoftmaxAgreesWithLoops) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{0}, Shape{31, 33}, Shape{3, 1025},
                             Shape{2, 3, 4, 5}, Shape{3, 0, 2}})
    for (const auto& [layout, x] : layouts(shape, device(), float64, -20, 20))
      for (int d = -std::max(1, x.dim()); d < 0; ++d) {
        Shape kept = shape;
        if (!shape.empty()) kept[shape.size() + d] = 1;
        const auto values = x.to_vector<double>();
        std::vector<double> total(static_cast<size_t>(kept.numel())), expected, logs;
        size_t i = 0;
        for_each_index(
            shape, [&](const Shape& at) { total[position(kept, at)] += std::exp(values[i++]); });
        i = 0;
        for_each_index(shape, [&](const Shape& at) {
          const double sum = total[position(kept, at)];
          expected.push_back(std::exp(values[i]) / sum);
          logs.push_back(values[i++] - std::log(sum));
        });
        expect_near(x.softmax(d), expected, 1e-15, 1e-12, "softmax " + shape.str() + layout);
        expect_near(x.log_softmax(d), logs, 1e-12, 1e-12, "log_softmax " + shape.str() + layout);
      }
}

}  // namespace
}  // namespace cuttle::test
