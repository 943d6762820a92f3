// The two floating types of 16 bits. They are for storage: kernels load them, compute in
// Compute<T>, and round once when they store. Everything here runs on the host and in kernels.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "host_device.h"

namespace cuttle {

/// std::bit_cast, which kernels may not call.
template <class To, class From>
CUTTLE_HOST_DEVICE constexpr To reinterpreted(From from) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}

/// IEEE 754 binary16: 5 bits of exponent, 11 digits; torch.float16. Largest value 65504.
class Half {
 public:
  Half() = default;
  /// Rounded to nearest, ties to even.
  CUTTLE_HOST_DEVICE explicit Half(float x) : bits_(rounded(x)) {}
  template <class T>
  requires std::is_arithmetic_v<T> CUTTLE_HOST_DEVICE explicit Half(T x)
      : Half(static_cast<float>(x)) {}
  CUTTLE_HOST_DEVICE operator float() const { return widened(bits_); }  // NOLINT: exact

  CUTTLE_HOST_DEVICE static constexpr Half from_bits(uint16_t bits) {
    Half x{};
    x.bits_ = bits;
    return x;
  }
  CUTTLE_HOST_DEVICE constexpr uint16_t bits() const { return bits_; }

 private:
  CUTTLE_HOST_DEVICE static uint16_t rounded(float x);
  CUTTLE_HOST_DEVICE static float widened(uint16_t bits);

  uint16_t bits_;
};

/// The upper half of a float: 8 bits of exponent, 8 digits; torch.bfloat16.
class BFloat16 {
 public:
  BFloat16() = default;
  /// Rounded to nearest, ties to even.
  CUTTLE_HOST_DEVICE explicit BFloat16(float x) : bits_(rounded(x)) {}
  template <class T>
  requires std::is_arithmetic_v<T> CUTTLE_HOST_DEVICE explicit BFloat16(T x)
      : BFloat16(static_cast<float>(x)) {}
  CUTTLE_HOST_DEVICE operator float() const {  // NOLINT: exact
    return reinterpreted<float>(uint32_t{bits_} << 16);
  }

  CUTTLE_HOST_DEVICE static constexpr BFloat16 from_bits(uint16_t bits) {
    BFloat16 x{};
    x.bits_ = bits;
    return x;
  }
  CUTTLE_HOST_DEVICE constexpr uint16_t bits() const { return bits_; }

 private:
  CUTTLE_HOST_DEVICE static uint16_t rounded(float x) {
    const uint32_t bits = reinterpreted<uint32_t>(x);
    const uint32_t even = bits + 0x7fff + (bits >> 16 & 1);  // a carry may make it infinite
    return static_cast<uint16_t>(x == x ? even >> 16 : 0x7fc0);
  }

  uint16_t bits_;
};

CUTTLE_HOST_DEVICE inline uint16_t Half::rounded(float x) {
#if defined(__CUDA_ARCH__)
  uint16_t half;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(x));
  return half;
#else
  const uint32_t bits = reinterpreted<uint32_t>(x);
  const uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  // Below 2⁻¹⁴ a half counts in steps of 2⁻²⁴, which are those of a float around 0.5: the addition
  // rounds to them.
  const float shifted = reinterpreted<float>(magnitude) + 0.5f;
  const uint32_t subnormal = reinterpreted<uint32_t>(shifted) - reinterpreted<uint32_t>(0.5f);
  const uint32_t normal = (magnitude + 0xfff + (magnitude >> 13 & 1) - (112u << 23)) >> 13;
  constexpr uint32_t kInfinite = 0x477ff000;  // 65520: from here on rounds beyond the largest
  constexpr uint32_t kNormal = 0x38800000;    // 2⁻¹⁴
  constexpr uint32_t kInfinity = 0x7f800000;  // what lies above is no number
  const uint32_t finite = magnitude < kNormal ? subnormal : normal;
  const uint32_t other = magnitude > kInfinity ? 0x7e00 : 0x7c00;
  return static_cast<uint16_t>(sign | (magnitude < kInfinite ? finite : other));
#endif
}

CUTTLE_HOST_DEVICE inline float Half::widened(uint16_t bits) {
#if defined(__CUDA_ARCH__)
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
#else
  // The exponents' biases differ by 112. A product, so that subnormal halves become right too.
  const float magnitude = reinterpreted<float>(uint32_t{bits & 0x7fffu} << 13) * 0x1p112f;
  const uint32_t finite = reinterpreted<uint32_t>(magnitude);
  const uint32_t other = finite | 0x7f800000;  // infinities and NaN keep their fraction
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16;
  return reinterpreted<float>(sign | (magnitude < 65536.0f ? finite : other));
#endif
}

/// True for float, double, Half and BFloat16 (std::is_floating_point knows the first two).
template <class T>
inline constexpr bool is_floating =
    std::is_floating_point_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

namespace kernels {

/// The type in which a kernel computes with elements of type T.
template <class T>
using Compute =
    std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;

}  // namespace kernels
}  // namespace cuttle

/// What kernels and checks of ranges ask about the types.
template <>
struct std::numeric_limits<cuttle::Half> {
  static constexpr bool is_specialized = true, is_signed = true, is_integer = false;
  static constexpr bool has_infinity = true, has_quiet_NaN = true;
  static constexpr int digits = 11;
  CUTTLE_HOST_DEVICE static constexpr cuttle::Half max() { return cuttle::Half::from_bits(0x7bff); }
  CUTTLE_HOST_DEVICE static constexpr cuttle::Half lowest() {
    return cuttle::Half::from_bits(0xfbff);
  }
  CUTTLE_HOST_DEVICE static constexpr cuttle::Half infinity() {
    return cuttle::Half::from_bits(0x7c00);
  }
  CUTTLE_HOST_DEVICE static constexpr cuttle::Half quiet_NaN() {
    return cuttle::Half::from_bits(0x7e00);
  }
};

template <>
struct std::numeric_limits<cuttle::BFloat16> {
  static constexpr bool is_specialized = true, is_signed = true, is_integer = false;
  static constexpr bool has_infinity = true, has_quiet_NaN = true;
  static constexpr int digits = 8;
  CUTTLE_HOST_DEVICE static constexpr cuttle::BFloat16 max() {
    return cuttle::BFloat16::from_bits(0x7f7f);
  }
  CUTTLE_HOST_DEVICE static constexpr cuttle::BFloat16 lowest() {
    return cuttle::BFloat16::from_bits(0xff7f);
  }
  CUTTLE_HOST_DEVICE static constexpr cuttle::BFloat16 infinity() {
    return cuttle::BFloat16::from_bits(0x7f80);
  }
  CUTTLE_HOST_DEVICE static constexpr cuttle::BFloat16 quiet_NaN() {
    return cuttle::BFloat16::from_bits(0x7fc0);
  }
};
