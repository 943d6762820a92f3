// The intrinsics on 16-bit numbers that device code uses, for both formats and both sources of the
// types: this project's (float16.h) and NVIDIA's headers, which offer most of them to nvcc alone.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "runtime_headers.h"

namespace cuttle::simt {

inline float widen(__half x) {
  return __half2float(x);
}
inline float widen(__nv_bfloat16 x) {
  return __bfloat162float(x);
}
template <class Number>
Number narrow(float x) {
  if constexpr (std::is_same_v<Number, __half>) {
    return __float2half(x);
  } else {
    return __float2bfloat16(x);
  }
}

/// a + b; a sum that double lacks becomes its neighbour with an odd last bit, from where another
/// rounding gives what one rounding would.
inline double sum_to_odd(double a, double b) {
  const double sum = a + b, b_part = sum - a;
  const double error = (a - (sum - b_part)) + (b - b_part);  // exact; NaN if the sum is not finite
  if (!(error < 0 || error > 0) || std::bit_cast<uint64_t>(sum) & 1) return sum;
  return std::nextafter(sum, std::copysign(std::numeric_limits<double>::infinity(), error));
}

/// a * b + c rounded once: the product is exact in double.
template <class Number>
Number fused_multiply_add(Number a, Number b, Number c) {
  const double product = static_cast<double>(widen(a)) * static_cast<double>(widen(b));
  const double sum = sum_to_odd(product, static_cast<double>(widen(c)));
  if constexpr (std::is_same_v<Number, __half>) {
    return __double2half(sum);
  } else {
    return __double2bfloat16(sum);
  }
}

}  // namespace cuttle::simt

// The scalar form and the form on pairs of one operation.
#define CUTTLE_SIMT_BINARY(name, Number, Pair, expression)                       \
  inline Number name(Number first, Number second) {                              \
    const float a = cuttle::simt::widen(first), b = cuttle::simt::widen(second); \
    return cuttle::simt::narrow<Number>(expression);                             \
  }                                                                              \
  inline Pair name##2(Pair first, Pair second) {                                 \
    Pair result;                                                                 \
    result.x = name(first.x, second.x);                                          \
    result.y = name(first.y, second.y);                                          \
    return result;                                                               \
  }
#define CUTTLE_SIMT_FMA(Number, Pair)                  \
  inline Number __hfma(Number a, Number b, Number c) { \
    return cuttle::simt::fused_multiply_add(a, b, c);  \
  }                                                    \
  inline Pair __hfma2(Pair a, Pair b, Pair c) {        \
    Pair result;                                       \
    result.x = __hfma(a.x, b.x, c.x);                  \
    result.y = __hfma(a.y, b.y, c.y);                  \
    return result;                                     \
  }

CUTTLE_SIMT_FMA(__half, __half2)
CUTTLE_SIMT_FMA(__nv_bfloat16, __nv_bfloat162)

#if !defined(CUTTLE_SIMT_NVIDIA_HEADERS)
CUTTLE_SIMT_BINARY(__hadd, __half, __half2, a + b)
CUTTLE_SIMT_BINARY(__hsub, __half, __half2, a - b)
CUTTLE_SIMT_BINARY(__hmul, __half, __half2, a* b)
CUTTLE_SIMT_BINARY(__hmax, __half, __half2, std::fmax(a, b))
CUTTLE_SIMT_BINARY(__hmin, __half, __half2, std::fmin(a, b))
CUTTLE_SIMT_BINARY(__hadd, __nv_bfloat16, __nv_bfloat162, a + b)
CUTTLE_SIMT_BINARY(__hsub, __nv_bfloat16, __nv_bfloat162, a - b)
CUTTLE_SIMT_BINARY(__hmul, __nv_bfloat16, __nv_bfloat162, a* b)
CUTTLE_SIMT_BINARY(__hmax, __nv_bfloat16, __nv_bfloat162, std::fmax(a, b))
CUTTLE_SIMT_BINARY(__hmin, __nv_bfloat16, __nv_bfloat162, std::fmin(a, b))
inline __half __hdiv(__half a, __half b) {
  return a / b;
}
inline __nv_bfloat16 __hdiv(__nv_bfloat16 a, __nv_bfloat16 b) {
  return a / b;
}
inline bool __hgt(__half a, __half b) {
  return a > b;
}
inline bool __hgt(__nv_bfloat16 a, __nv_bfloat16 b) {
  return a > b;
}
inline float2 __half22float2(__half2 v) {
  return {v.x, v.y};
}
inline float2 __bfloat1622float2(__nv_bfloat162 v) {
  return {v.x, v.y};
}
inline __half2 __float22half2_rn(float2 v) {
  return {v.x, v.y};
}
inline __nv_bfloat162 __float22bfloat162_rn(float2 v) {
  return {v.x, v.y};
}
#endif

#undef CUTTLE_SIMT_BINARY
#undef CUTTLE_SIMT_FMA
