// Sorting, picking, selecting and counting: ties, NaN, both zeros, tensors without dimensions.
// Values: ordering_golden_test.cpp; derivatives: derivatives/ordering.cpp.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/ordering.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Ordering : public DeviceTest {
 protected:
  Tensor floats(const std::vector<float>& values) const { return tensor(values).to(device()); }
  Tensor integers(const std::vector<int64_t>& values) const { return tensor(values).to(device()); }
};
CUTTLE_INSTANTIATE_DEVICES(Ordering);

using Integers = std::vector<int64_t>;

TEST_P(Ordering, EqualsShareTheMediansGradient) {
  Tensor x = tensor({3.0, 1.0, 2.0, 2.0}).to(device()).requires_grad_();
  x.median().backward();
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{0, 0, 0.5, 0.5}));
  Tensor none = zeros({0}, {.device = device()}).requires_grad_();
  const Tensor nothing = none.median();
  EXPECT_TRUE(std::isnan(nothing.item()));
  nothing.backward();
  EXPECT_EQ(none.grad().shape(), Shape{0});
  Tensor nans = floats({1, NAN, NAN}).requires_grad_();
  nans.median().backward();
  EXPECT_EQ(nans.grad().to_vector<float>(), (std::vector<float>{0, 0.5, 0.5}));
}

TEST_P(Ordering, ShortAndLongRowsSortAlike) {
  for (const int64_t n : {2047, 2048, 2049, 6000})
    for (const DType dtype : {float32, float16, bfloat16, int16, uint8}) {
      const Tensor x = sample({2, n}, device(), float64, 0, 100).to(dtype);
      const auto values = x.to_vector<double>();
      for (const bool descending : {false, true}) {
        Integers expected(values.size());
        for (size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<int64_t>(i) % n;
        for (int64_t row = 0; row < 2; ++row)
          std::stable_sort(expected.begin() + row * n, expected.begin() + (row + 1) * n,
                           [&](int64_t a, int64_t b) {
                             const double first = values[static_cast<size_t>(row * n + a)],
                                          second = values[static_cast<size_t>(row * n + b)];
                             return descending ? first > second : first < second;
                           });
        ASSERT_EQ(x.sort(1, descending).indices.to_vector<int64_t>(), expected) << n << dtype;
        ASSERT_EQ(x.t().argsort(0, descending).t().to_vector<int64_t>(), expected) << n << dtype;
      }
    }
}

TEST_P(Ordering, ZerosAreEqualAndKeepTheirOrder) {
  const Tensor x = floats({0.f, -0.f, 1.f, -0.f, 0.f, -1.f});
  EXPECT_EQ(x.argsort().to_vector<int64_t>(), (Integers{5, 0, 1, 3, 4, 2}));
  EXPECT_EQ(x.argsort(0, true).to_vector<int64_t>(), (Integers{2, 0, 1, 3, 4, 5}));
  const auto sorted = x.sort().values.to_vector<float>();
  EXPECT_TRUE(std::signbit(sorted[2]) && !std::signbit(sorted[1]));
}

TEST_P(Ordering, MediansSeeNaN) {
  const Tensor x = floats({3, NAN, 1, 2, NAN, 5}).view({2, 3});
  const auto [values, indices] = x.median(1);
  EXPECT_TRUE(std::isnan(values.select(0, 0).item()) && std::isnan(values.select(0, 1).item()));
  EXPECT_EQ(indices.to_vector<int64_t>(), (Integers{1, 1}));
  EXPECT_EQ(x.nanmedian(1).values.to_vector<float>(), (std::vector<float>{1, 2}));
  EXPECT_EQ(x.nanmedian().item(), 2);
  EXPECT_TRUE(std::isnan(floats({NAN, NAN}).nanmedian().item()));
}

TEST_P(Ordering, UniqueFindsTheDifferent) {
  const Tensor x = integers({3, 1, 3, 2, 1}).view({5, 1});
  const auto [values, inverse, counts] = unique(x, true, true, true);
  EXPECT_EQ(values.to_vector<int64_t>(), (Integers{1, 2, 3}));
  EXPECT_EQ(inverse.shape(), x.shape());
  EXPECT_EQ(inverse.to_vector<int64_t>(), (Integers{2, 0, 2, 1, 0}));
  EXPECT_EQ(counts.to_vector<int64_t>(), (Integers{2, 1, 2}));
  EXPECT_FALSE(x.unique().inverse.defined() || x.unique().counts.defined());
  EXPECT_EQ(floats({NAN, 1, NAN}).unique().values.numel(), 3);
  EXPECT_EQ(floats({0.f, -0.f}).unique().values.numel(), 1);
  const Tensor runs = integers({1, 1, 2, 1});
  EXPECT_EQ(unique_consecutive(runs).values.to_vector<int64_t>(), (Integers{1, 2, 1}));
}

TEST_P(Ordering, SelectionsOfTensorsWithoutDimensions) {
  const Tensor one = full({}, 3.5, {.device = device()}),
               zero = full({}, 0.0, {.device = device()});
  EXPECT_EQ(one.nonzero().shape(), (Shape{1, 0}));
  EXPECT_EQ(zero.nonzero().shape(), (Shape{0, 0}));
  EXPECT_EQ(nonzero(floats({0, NAN, -0.f, 2})).to_vector<int64_t>(), (Integers{1, 3}));
  EXPECT_EQ(masked_select(one, one > 3).to_vector<float>(), (std::vector<float>{3.5}));
  EXPECT_EQ(one.sort().indices.item<int64_t>(), 0);
}

TEST_P(Ordering, WeightsOfOneBinDoNotReachAnother) {
  const Tensor x = integers({4, 1, 4, 1});
  const Tensor weights = tensor({1.0, INFINITY, 2.0, 1.0}).to(device());
  EXPECT_EQ(bincount(x, weights).to_vector<double>(), (std::vector<double>{0, INFINITY, 0, 0, 3}));
}

TEST_P(Ordering, HistogramsLeaveOutNaN) {
  const Tensor x = floats({0, 1, 2, NAN, 5});
  EXPECT_EQ(x.histc(2, 0, 2).to_vector<float>(), (std::vector<float>{1, 2}));
  EXPECT_EQ(histc(full({5}, 3, {.dtype = float16, .device = device()}), 2).to_vector<float>(),
            (std::vector<float>{0, 5}));
}

TEST_P(Ordering, NumbersAreSearchedToo) {
  const Tensor edges = floats({1, 2, 3});
  EXPECT_EQ(bucketize(2, edges).item<int64_t>(), 1);
  EXPECT_EQ(bucketize(2, edges, true, true).dtype(), int32);
  EXPECT_EQ(searchsorted(edges, 2.5, false, true).item<int64_t>(), 2);
}

}  // namespace
}  // namespace cuttle::test
