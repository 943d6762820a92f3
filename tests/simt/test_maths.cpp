// Conversions and roundings of the device's own functions.
#include <cmath>
#include <limits>

#include "support.h"

namespace simt_test {
namespace {

constexpr int kLeast = std::numeric_limits<int>::min(), kMost = std::numeric_limits<int>::max();

TEST(SimtMaths, FloatToIntSaturates) {
  for (int (*convert)(float) :
       {&__float2int_rn, &__float2int_rz, &__float2int_rd, &__float2int_ru}) {
    EXPECT_EQ(convert(NAN), 0);
    EXPECT_EQ(convert(-NAN), 0);
    EXPECT_EQ(convert(INFINITY), kMost);
    EXPECT_EQ(convert(-INFINITY), kLeast);
    EXPECT_EQ(convert(0x1p31f), kMost);
    EXPECT_EQ(convert(3.0e38f), kMost);
    EXPECT_EQ(convert(-0x1.000002p31f), kLeast);
    EXPECT_EQ(convert(-0x1p31f), kLeast);
    EXPECT_EQ(convert(0x1.fffffep30f), kMost - 127);  // the largest float below 2^31
  }
}

TEST(SimtMaths, FloatToIntRounds) {
  for (const float x : {-2.5f, -1.5f, -0.5f, -0.25f, 0.0f, 0.25f, 0.5f, 1.5f, 2.5f, 8388607.5f}) {
    const int below = static_cast<int>(std::floor(x)), above = static_cast<int>(std::ceil(x));
    const float middle = static_cast<float>(below) + 0.5f;
    const int even = below % 2 == 0 ? below : above;
    EXPECT_EQ(__float2int_rd(x), below);
    EXPECT_EQ(__float2int_ru(x), above);
    EXPECT_EQ(__float2int_rz(x), x < 0 ? above : below);
    EXPECT_EQ(__float2int_rn(x), x < middle ? below : x > middle ? above : even);
  }
}

// r is the float nearest to 1/sqrt(x) if 1/x lies between the squares of the midpoints around r.
TEST(SimtMaths, ReciprocalSquareRootRoundsOnce) {
  for (float x = 1.0f; x < 4.0f; x += 0x1.234p-12f) {
    const float r = __frsqrt_rn(x);
    const auto below = (static_cast<double>(r) + static_cast<double>(std::nextafter(r, 0.0f))) / 2;
    const auto above = (static_cast<double>(r) + static_cast<double>(std::nextafter(r, 2.0f))) / 2;
    EXPECT_LE(below * below * static_cast<double>(x), 1.0) << x;
    EXPECT_GE(above * above * static_cast<double>(x), 1.0) << x;
  }
}

__global__ void plain_names_kernel(float* x, double* y) {
  static_assert(sizeof(exp(*x)) == sizeof(float) && sizeof(floor(*y)) == sizeof(double));
  x[0] = abs(x[0]);
  x[1] = sqrt(x[1]);
  x[2] = pow(x[2], 2.0f);
  x[3] = isnan(x[3]) ? 1.0f : 0.0f;
  y[0] = abs(y[0]);
  y[1] = exp(y[1]);
}

// Under C's names alone abs(-2.25f) would be 2.
TEST(SimtMaths, PlainNamesTakeEveryType) {
  const DeviceArray<float> x(std::vector<float>{-2.25f, 2.0f, -1.5f, NAN});
  const DeviceArray<double> y(std::vector<double>{-0.5, 1.0});
  EXPECT_CUDA(launch(plain_names_kernel, 1, 1, 0, nullptr, x.data(), y.data()));
  EXPECT_EQ(x.host(), (std::vector<float>{2.25f, std::sqrt(2.0f), 2.25f, 1.0f}));
  EXPECT_EQ(y.host(), (std::vector<double>{0.5, std::exp(1.0)}));
}

TEST(SimtMaths, BitsInReverse) {
  EXPECT_EQ(__brev(1u), 0x80000000u);
  EXPECT_EQ(__brevll(0x1ull), 0x8000000000000000ull);
  EXPECT_EQ(__brevll(0x00000003'00000000ull), 0xc0000000ull);
}

}  // namespace
}  // namespace simt_test
