// The 16-bit floating types against what their bits mean, for every pattern, on the host and in
// copies of both backends.
#include <cuttle/kernels/copy.h>
#include <cuttle/kernels/half.h>

#include <cmath>
#include <limits>
#include <vector>

#include "backend.h"

namespace cuttle::test {
namespace {

using kernels::StridedLoop;

struct Format {
  int exponent_bits, fraction_bits;
};
constexpr Format kHalf = {5, 10}, kBFloat16 = {8, 7};

// The number that a pattern stands for, by IEEE 754's definition.
double meaning(uint16_t bits, Format f) {
  const int exponent = bits >> f.fraction_bits & ((1 << f.exponent_bits) - 1);
  const int fraction = bits & ((1 << f.fraction_bits) - 1);
  const int bias = (1 << (f.exponent_bits - 1)) - 1;
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == (1 << f.exponent_bits) - 1)
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - f.fraction_bits);
  return sign * std::ldexp(fraction + (1 << f.fraction_bits), exponent - bias - f.fraction_bits);
}

// The nearest of the format's numbers, of two equally near ones that with an even last digit; the
// step of the highest power of two goes on beyond the largest, where rounding gives infinity.
double nearest(double x, Format f) {
  if (x == 0 || !std::isfinite(x)) return x;
  const int bias = (1 << (f.exponent_bits - 1)) - 1;
  const int exponent = std::max(std::ilogb(x), 1 - bias);
  const double unit = std::ldexp(1.0, exponent - f.fraction_bits);
  const double y = std::nearbyint(x / unit) * unit;
  return std::abs(y) >= std::ldexp(1.0, bias + 1) ? std::copysign(INFINITY, x) : y;
}

template <class T>
void expect_every_pattern(Format format) {
  for (int i = 0; i < 65536; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const float value = T::from_bits(bits);
    const double expected = meaning(bits, format);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << i;
      EXPECT_TRUE(std::isnan(static_cast<float>(T(value)))) << i;
      continue;
    }
    EXPECT_EQ(value, expected) << i;
    EXPECT_EQ(T(value).bits(), bits) << i;
  }
}

// Around every number of the format and every middle of two: the value itself and its neighbours
// among the floats.
template <class T>
void expect_rounding(Format format) {
  for (int i = 0; std::isfinite(meaning(static_cast<uint16_t>(i), format)); ++i) {
    const double low = meaning(static_cast<uint16_t>(i), format);
    const double step = std::ldexp(
        1.0, std::max(low > 0 ? std::ilogb(low) : -1000, 2 - (1 << (format.exponent_bits - 1))) -
                 format.fraction_bits);
    for (const double x : {low, low + step / 2}) {
      const float f = static_cast<float>(x);
      for (const float y : {std::nextafter(f, -INFINITY), f, std::nextafter(f, INFINITY), -f}) {
        const float got = T(y);
        ASSERT_EQ(got, nearest(y, format)) << y;
        ASSERT_EQ(std::signbit(got), std::signbit(y)) << y;
      }
    }
  }
}

TEST(HalfTest, EveryPatternKeepsItsMeaning) {
  expect_every_pattern<Half>(kHalf);
  expect_every_pattern<BFloat16>(kBFloat16);
}

TEST(HalfTest, RoundsToNearestEven) {
  expect_rounding<Half>(kHalf);
  expect_rounding<BFloat16>(kBFloat16);
}

TEST(HalfTest, LimitsAreThoseOfTheFormats) {
  EXPECT_EQ(float(std::numeric_limits<Half>::max()), 65504.0f);
  EXPECT_EQ(float(std::numeric_limits<Half>::lowest()), -65504.0f);
  EXPECT_EQ(float(std::numeric_limits<BFloat16>::max()), 0x1.fep127f);
  EXPECT_TRUE(std::isinf(float(std::numeric_limits<Half>::infinity())));
  EXPECT_TRUE(std::isnan(float(std::numeric_limits<BFloat16>::quiet_NaN())));
}

template <class Backend>
using HalfCopy = KernelTest<Backend>;
TYPED_TEST_SUITE(HalfCopy, Backends, BackendName);

// Every pattern through a kernel: widened, rounded back, and copied as it is.
template <class T, class Backend>
void check_copies(const KernelTest<Backend>& test, Format format) {
  constexpr int64_t n = 65536;
  std::vector<T> patterns(n);
  for (int64_t i = 0; i < n; ++i) patterns[i] = T::from_bits(static_cast<uint16_t>(i));
  auto x = test.template upload<T>(patterns);
  auto wide = test.template unset<float>(n);
  auto back = test.template unset<T>(n), same = test.template unset<T>(n);
  const StridedLoop<2> loop = {1, {n}, {{1}, {1}}};
  kernels::copy(test.stream, loop, x.data(), wide.data());
  kernels::copy(test.stream, loop, wide.data(), back.data());
  kernels::copy(test.stream, loop, x.data(), same.data());
  const auto floats = wide.to_host();
  const auto halves = back.to_host(), copies = same.to_host();
  for (int64_t i = 0; i < n; ++i) {
    const double expected = meaning(static_cast<uint16_t>(i), format);
    ASSERT_EQ(copies[i].bits(), i);
    ASSERT_EQ(std::isnan(floats[i]), std::isnan(expected)) << i;
    if (std::isnan(expected)) continue;
    ASSERT_EQ(floats[i], expected) << i;
    ASSERT_EQ(halves[i].bits(), i);
  }
}

TYPED_TEST(HalfCopy, KernelsReadAndWriteEveryPattern) {
  check_copies<Half>(*this, kHalf);
  check_copies<BFloat16>(*this, kBFloat16);
}

}  // namespace
}  // namespace cuttle::test
