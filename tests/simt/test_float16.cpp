// The 16-bit types against values worked out from their formats.
#include <cmath>
#include <limits>

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
