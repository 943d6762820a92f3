// The 16-bit types against values worked out from their formats.
#include <cmath>
#include <limits>
#include <random>

#include "support.h"

namespace simt_test {
namespace {

// The nearest number of `mantissa_bits` and least exponent `lowest`, ties to even, in double.
float rounded(float value, int mantissa_bits, int lowest, float largest) {
  if (value == 0 || !std::isfinite(value)) return value;
  int exponent = 0;
  std::frexp(static_cast<double>(value), &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 1, lowest) - mantissa_bits);
  const double result = std::nearbyint(static_cast<double>(value) / unit) * unit;
  if (std::fabs(result) > static_cast<double>(largest)) {
    return std::copysign(std::numeric_limits<float>::infinity(), value);
  }
  return static_cast<float>(result);
}

TEST(SimtFloat16, HalfRoundsToNearestEven) {
  for (int i = -6000; i < 6000; ++i) {
    const float value = std::ldexp(1.0f + 0.00037f * static_cast<float>(i % 977), i / 200) *
                        static_cast<float>(i % 2 ? 1 : -1);
    EXPECT_EQ(__half2float(__float2half(value)), rounded(value, 10, -14, 65504.0f)) << value;
  }
  for (const float value : {65504.0f, 65519.0f, 65520.0f, 6.0e-8f, 2.9802322e-8f, 0.0f, 5.96e-8f}) {
    EXPECT_EQ(__half2float(__float2half(value)), rounded(value, 10, -14, 65504.0f)) << value;
  }
  EXPECT_EQ(__half_as_ushort(__float2half(1.0f)), 0x3c00);
  EXPECT_EQ(__half_as_ushort(__float2half(-2.0f)), 0xc000);
  EXPECT_TRUE(std::isnan(__half2float(__float2half(NAN))));
  EXPECT_EQ(__half2float(__float2half(-INFINITY)), -INFINITY);
}

TEST(SimtFloat16, EveryHalfSurvivesTheWayToFloatAndBack) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const __half half = __ushort_as_half(static_cast<unsigned short>(bits));
    if (std::isnan(__half2float(half))) continue;
    ASSERT_EQ(__half_as_ushort(__float2half(__half2float(half))), bits);
  }
}

TEST(SimtFloat16, Bfloat16RoundsToNearestEven) {
  for (int i = -6000; i < 6000; ++i) {
    const float value = std::ldexp(1.0f + 0.00037f * static_cast<float>(i % 977), i / 50);
    EXPECT_EQ(__bfloat162float(__float2bfloat16(value)), rounded(value, 7, -126, 3.3895314e38f));
  }
  EXPECT_EQ(__bfloat16_as_ushort(__float2bfloat16(1.0f)), 0x3f80);
  EXPECT_TRUE(std::isnan(__bfloat162float(__float2bfloat16(NAN))));
  EXPECT_EQ(__bfloat162float(__float2bfloat16(3.4e38f)), INFINITY);
}

// What the tests below need of a format. The numbers of a format by their bits, worked out from its
// definition; the bits of infinity give the number that would come next.
struct Half {
  using Number = __half;
  static constexpr unsigned kMantissaBits = 10, kInfinity = 0x7c00;
  static double number(unsigned bits) {
    const int exponent = static_cast<int>(bits >> 10), mantissa = static_cast<int>(bits & 0x3ff);
    return exponent ? std::ldexp(1024 + mantissa, exponent - 25) : std::ldexp(mantissa, -24);
  }
  static Number from_double(double x) { return __double2half(x); }
  static Number from_float(float x) { return __float2half(x); }
  static Number from_bits(unsigned bits) { return __ushort_as_half(uint16_t(bits)); }
  static unsigned bits(Number x) { return __half_as_ushort(x); }
};
struct Bfloat16 {
  using Number = __nv_bfloat16;
  static constexpr unsigned kMantissaBits = 7, kInfinity = 0x7f80;
  static double number(unsigned bits) {
    const int exponent = static_cast<int>(bits >> 7), mantissa = static_cast<int>(bits & 0x7f);
    return exponent ? std::ldexp(128 + mantissa, exponent - 134) : std::ldexp(mantissa, -133);
  }
  static Number from_double(double x) { return __double2bfloat16(x); }
  static Number from_float(float x) { return __float2bfloat16(x); }
  static Number from_bits(unsigned bits) { return __ushort_as_bfloat16(uint16_t(bits)); }
  static unsigned bits(Number x) { return __bfloat16_as_ushort(x); }
};

template <class Format>
class SimtFloat16Rounding : public testing::Test {};
using Formats = testing::Types<Half, Bfloat16>;
TYPED_TEST_SUITE(SimtFloat16Rounding, Formats);

// Between any two neighbours: the tie, and the numbers right beside the tie and beside each end.
TYPED_TEST(SimtFloat16Rounding, ConversionsTakeTheNearest) {
  const auto expect = [](double x, unsigned nearest) {
    ASSERT_EQ(TypeParam::bits(TypeParam::from_double(x)), nearest) << x;
    ASSERT_EQ(TypeParam::bits(TypeParam::from_double(-x)), nearest | 0x8000) << -x;
    const auto narrow = static_cast<float>(x);
    if (static_cast<double>(narrow) != x) return;
    ASSERT_EQ(TypeParam::bits(TypeParam::from_float(narrow)), nearest) << x;
    ASSERT_EQ(TypeParam::bits(TypeParam::from_float(-narrow)), nearest | 0x8000) << -x;
  };
  for (unsigned bits = 0; bits < TypeParam::kInfinity; ++bits) {
    const double low = TypeParam::number(bits), high = TypeParam::number(bits + 1);
    const double tie = (low + high) / 2;
    expect(low, bits);
    expect(std::nextafter(low, high), bits);
    expect(std::nextafter(tie, low), bits);
    expect(tie, bits + bits % 2);
    expect(std::nextafter(tie, high), bits + 1);
    expect(std::nextafter(high, low), bits + 1);
    const auto narrow_tie = static_cast<float>(tie);
    expect(std::nextafter(narrow_tie, 0.0f), bits);
    expect(std::nextafter(narrow_tie, INFINITY), bits + 1);
  }
}

TYPED_TEST(SimtFloat16Rounding, ConversionsOfExtremes) {
  for (const double large : {1e39, 1e300, static_cast<double>(INFINITY)}) {
    EXPECT_EQ(TypeParam::bits(TypeParam::from_double(large)), TypeParam::kInfinity);
    EXPECT_EQ(TypeParam::bits(TypeParam::from_double(-large)), TypeParam::kInfinity | 0x8000);
  }
  for (const double small : {0.0, 5e-324, 1e-300, 1e-45}) {
    EXPECT_EQ(TypeParam::bits(TypeParam::from_double(small)), 0u);
    EXPECT_EQ(TypeParam::bits(TypeParam::from_double(-small)), 0x8000u);
  }
  const unsigned nan = TypeParam::bits(TypeParam::from_double(static_cast<double>(NAN)));
  EXPECT_GT(nan & 0x7fff, TypeParam::kInfinity);
}

// Exact results, in units of 2^-48.
__extension__ using Exact = __int128;

// The bits of the number nearest to x, by search among all numbers of the format. For Bfloat16, x
// is 0 or at least 2^-40, so that all ties of interest are whole units.
template <class Format>
unsigned nearest(Exact x) {
  const Exact magnitude = x < 0 ? -x : x;
  unsigned low = 0, high = Format::kInfinity;
  while (high - low > 1) {
    const unsigned middle = (low + high) / 2;
    const bool below = std::ldexp(Format::number(middle), 48) <= static_cast<double>(magnitude);
    (below ? low : high) = middle;
  }
  const double units = std::ldexp(Format::number(low) + Format::number(high), 48);
  const Exact twice = 2 * magnitude, twice_tie = static_cast<Exact>(units);
  const unsigned bits = twice < twice_tie ? low : twice > twice_tie ? high : low + low % 2;
  return bits | (x < 0 ? 0x8000u : 0u);
}

template <class Format>
void expect_fma(double a, double b, double c) {
  const auto units = [](double x, int unit) { return static_cast<Exact>(std::ldexp(x, unit)); };
  const Exact sum = units(a, 24) * units(b, 24) + units(c, 48);
  const auto got = __hfma(Format::from_double(a), Format::from_double(b), Format::from_double(c));
  ASSERT_EQ(Format::bits(got), nearest<Format>(sum)) << a << " * " << b << " + " << c;
}

// A random number of the format between 2^-13 and 2^15.
template <class Format>
double random_number(std::mt19937& random) {
  const auto bits_of = [](double x) { return Format::bits(Format::from_double(x)); };
  const unsigned least = bits_of(0x1p-13), most = bits_of(0x1p15);
  const double magnitude = Format::number(least + static_cast<unsigned>(random()) % (most - least));
  return random() % 2 ? magnitude : -magnitude;
}

TYPED_TEST(SimtFloat16Rounding, FusedMultiplyAddRoundsOnce) {
  const int digits = TypeParam::kMantissaBits;
  const double steps = std::ldexp(1.0, digits);
  for (int i = 1; i < 32; ++i) {  // a product a little below half a unit of c
    const double a = (steps + i) / steps, b = std::ldexp(steps - i, -2 * digits - 1);
    for (const double c : {1.0, 1 + 1 / steps, 1 + 2 / steps}) {
      expect_fma<TypeParam>(a, b, c);
      expect_fma<TypeParam>(-a, b, c);
      expect_fma<TypeParam>(a, b, -c);
    }
    for (const double c : {0.0, 0x1p-24, -0x1p-24}) {  // a product that is a tie, or nearly
      expect_fma<TypeParam>((steps + i) / steps * 16, 1.5, c);
    }
  }
  std::mt19937 random(7);
  for (int i = 0; i < 100000; ++i) {
    const auto a = random_number<TypeParam>(random), b = random_number<TypeParam>(random);
    const double c = random_number<TypeParam>(random);
    if (a * b + c != 0) expect_fma<TypeParam>(a, b, c);
  }
}

template <class Number>
bool is_nan(Number x) {
  return std::isnan(cuttle::simt::widen(x));
}

TYPED_TEST(SimtFloat16Rounding, FusedMultiplyAddOfExtremes) {
  const auto bits = [](unsigned x) { return TypeParam::from_bits(x); };
  const unsigned infinity = TypeParam::kInfinity, most = infinity - 1;
  const auto one = TypeParam::from_double(1), two = TypeParam::from_double(2);
  EXPECT_EQ(TypeParam::bits(__hfma(bits(most), two, bits(most | 0x8000))), most);
  EXPECT_EQ(TypeParam::bits(__hfma(bits(most), two, one)), infinity);
  EXPECT_EQ(TypeParam::bits(__hfma(bits(most), one, bits(infinity | 0x8000))), infinity | 0x8000);
  EXPECT_EQ(TypeParam::bits(__hfma(bits(1), one, bits(1))), 2u);
  EXPECT_EQ(TypeParam::bits(__hfma(bits(1), bits(1), bits(0x8001))), 0x8001u);
  EXPECT_EQ(TypeParam::bits(__hfma(bits(0x8000), one, bits(0x8000))), 0x8000u);
  EXPECT_TRUE(is_nan(__hfma(bits(infinity), bits(0), one)));
  EXPECT_TRUE(is_nan(__hfma(bits(infinity), one, bits(infinity | 0x8000))));
  EXPECT_TRUE(is_nan(__hfma(one, bits(infinity + 1), one)));
}

// Sums, products and quotients go through float, which leaves no double rounding.
TYPED_TEST(SimtFloat16Rounding, ArithmeticRoundsOnce) {
  std::mt19937 random(11);
  for (int i = 0; i < 100000; ++i) {
    const auto a = TypeParam::from_bits(random() % TypeParam::kInfinity);
    const auto b = TypeParam::from_bits(1 + random() % (TypeParam::kInfinity - 1));
    const auto x = static_cast<double>(cuttle::simt::widen(a));
    const auto y = static_cast<double>(cuttle::simt::widen(b));
    ASSERT_EQ(TypeParam::bits(a * b), TypeParam::bits(TypeParam::from_double(x * y)));
    ASSERT_EQ(TypeParam::bits(a / b), TypeParam::bits(TypeParam::from_double(x / y)));
    ASSERT_EQ(TypeParam::bits(a + b),
              TypeParam::bits(TypeParam::from_double(cuttle::simt::sum_to_odd(x, y))));
  }
}

TEST(SimtFloat16, KnownDoubleRoundings) {
  EXPECT_EQ(__half2float(__double2half(1 + 0x1p-11 + 0x1p-40)), 1.0009765625f);
  EXPECT_EQ(__bfloat162float(__double2bfloat16(1 + 0x1p-8 + 0x1p-40)), 1.0078125f);
  const __half once = __hfma(__double2half(1025.0 / 1024), __double2half(1023 * 0x1p-21),
                             __double2half(1 + 0x1p-10));
  EXPECT_EQ(__half2float(once), 1.0009765625f);
  EXPECT_EQ(__bfloat162float(__nv_bfloat16((1 << 24) + (1 << 16) + 1)), 0x1.02p24f);
  EXPECT_EQ(__bfloat162float(__nv_bfloat16((1ll << 62) + (1ll << 54) + 1)), 0x1.02p62f);
  EXPECT_EQ(__bfloat162float(__nv_bfloat16(-(1ll << 62) - (1ll << 54) - 1)), -0x1.02p62f);
  EXPECT_EQ(__bfloat162float(__nv_bfloat16((1ull << 63) + (1ull << 55) + 1)), 0x1.02p63f);
}

__global__ void arithmetic_kernel(const __half* a, const __nv_bfloat16* b, float* out) {
  CUTTLE_SHARED(__half, tile, [32]);
  const unsigned i = threadIdx.x;
  tile[i] = a[i];
  __syncthreads();
  const __half h = __hfma(tile[31 - i], __float2half(2.0f), __float2half(1.0f));
  const __nv_bfloat16 w = __shfl_xor_sync(~0u, b[i], 1);
  out[i] = __half2float(h) + __bfloat162float(__hadd(w, w));
}

TEST(SimtFloat16, InKernelsSharedMemoryAndShuffles) {
  std::vector<__half> a(32);
  std::vector<__nv_bfloat16> b(32);
  for (int i = 0; i < 32; ++i) {
    a[i] = __float2half(static_cast<float>(i));
    b[i] = __float2bfloat16(static_cast<float>(i) / 4);
  }
  const DeviceArray<__half> device_a(a);
  const DeviceArray<__nv_bfloat16> device_b(b);
  const DeviceArray<float> out(32);
  EXPECT_CUDA(
      launch(arithmetic_kernel, 1, 32, 0, nullptr, device_a.data(), device_b.data(), out.data()));
  const std::vector<float> got = out.host();
  for (int i = 0; i < 32; ++i) {
    EXPECT_EQ(got[i], static_cast<float>(2 * (31 - i) + 1) + static_cast<float>(i ^ 1) / 2);
  }
}

}  // namespace
}  // namespace simt_test
