// CUDA's two 16-bit floating-point types, __half and __nv_bfloat16, for machines without NVIDIA's
// headers: storage, conversions that round to nearest even, arithmetic through float (which has
// more than twice their precision, so that results are as if rounded once, as on the device), and
// the pairs __half2 and __nv_bfloat162.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace cuttle::simt {

/// The number as float; one that float lacks becomes its neighbour with an odd last bit. Rounded
/// from there to fewer bits, it is what it would be if rounded once: no tie comes of the first
/// step.
constexpr float narrow_to_odd(double value) {
  const auto nearest = static_cast<float>(value);
  const auto bits = std::bit_cast<uint32_t>(nearest);
  if (!(nearest < value || nearest > value) || bits & 1) return nearest;
  const bool outwards = (nearest < value) == (value > 0);
  return std::bit_cast<float>(outwards ? bits + 1 : bits - 1);
}

/// The same from an integer to double.
template <class Integer>
constexpr double widen_to_odd(Integer value) {
  if constexpr (sizeof(Integer) == 8) {
    const Integer high = value >> 52;
    if (high != 0 && high != Integer(-1)) value = (value >> 12 | ((value & 0xfff) != 0)) << 12;
  }
  return static_cast<double>(value);
}

/// IEEE binary16: 1 sign, 5 exponent, 10 mantissa bits.
struct HalfFormat {
  static constexpr uint16_t encode(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = bits >> 16 & 0x8000u;
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return 0x7fff;                    // NaN
    if (magnitude >= 0x477ff000u) return uint16_t(sign | 0x7c00);  // rounds to infinity
    if (magnitude < 0x38800000u) {  // below 2^-14: subnormal, a multiple of 2^-24
      const float scaled = std::bit_cast<float>(magnitude) + 0.5f;  // the addition rounds to 2^-24
      return uint16_t(sign | (std::bit_cast<uint32_t>(scaled) - 0x3f000000u));
    }
    const uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
    return uint16_t(sign | (rounded - 0x38000000u) >> 13);
  }
  static constexpr float decode(uint16_t half) {
    const uint32_t sign = uint32_t{half & 0x8000u} << 16;
    const uint32_t exponent = half >> 10 & 0x1fu, mantissa = half & 0x3ffu;
    if (exponent == 0) {
      const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
      return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
    }
    const uint32_t wide = exponent == 31 ? 0xffu : exponent + 112;
    return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
  }
};

/// The upper half of a float: 1 sign, 8 exponent, 7 mantissa bits.
struct Bfloat16Format {
  static constexpr uint16_t encode(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fff;  // NaN
    return uint16_t((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
  }
  static constexpr float decode(uint16_t half) {
    return std::bit_cast<float>(uint32_t{half} << 16);
  }
};

/// A 16-bit number of either format; __half and __nv_bfloat16 are its two kinds.
template <class Format>
class Float16 {
 public:
  Float16() = default;  // uninitialised, so that it may live in shared memory
  constexpr Float16(float value) : bits_(Format::encode(value)) {}
  constexpr Float16(double value) : bits_(Format::encode(narrow_to_odd(value))) {}
  template <class Integer>
  requires std::is_integral_v<Integer>
  constexpr Float16(Integer value) : Float16(widen_to_odd(value)) {}

  constexpr operator float() const { return Format::decode(bits_); }

  static constexpr Float16 from_bits(uint16_t bits) {
    Float16 result{0.0f};
    result.bits_ = bits;
    return result;
  }
  constexpr uint16_t bits() const { return bits_; }

  friend constexpr Float16 operator+(Float16 a, Float16 b) { return float(a) + float(b); }
  friend constexpr Float16 operator-(Float16 a, Float16 b) { return float(a) - float(b); }
  friend constexpr Float16 operator*(Float16 a, Float16 b) { return float(a) * float(b); }
  friend constexpr Float16 operator/(Float16 a, Float16 b) { return float(a) / float(b); }
  friend constexpr Float16 operator-(Float16 a) { return from_bits(a.bits_ ^ 0x8000u); }
  friend constexpr bool operator==(Float16 a, Float16 b) { return float(a) == float(b); }
  friend constexpr bool operator!=(Float16 a, Float16 b) { return float(a) != float(b); }
  friend constexpr bool operator<(Float16 a, Float16 b) { return float(a) < float(b); }
  friend constexpr bool operator>(Float16 a, Float16 b) { return float(a) > float(b); }
  friend constexpr bool operator<=(Float16 a, Float16 b) { return float(a) <= float(b); }
  friend constexpr bool operator>=(Float16 a, Float16 b) { return float(a) >= float(b); }
  constexpr Float16& operator+=(Float16 b) { return *this = *this + b; }
  constexpr Float16& operator-=(Float16 b) { return *this = *this - b; }
  constexpr Float16& operator*=(Float16 b) { return *this = *this * b; }
  constexpr Float16& operator/=(Float16 b) { return *this = *this / b; }

 private:
  uint16_t bits_;
};

/// Two numbers in one 4-byte word.
template <class Number>
struct alignas(4) Float16Pair {
  Number x, y;
};

}  // namespace cuttle::simt

using __half = cuttle::simt::Float16<cuttle::simt::HalfFormat>;
using __nv_bfloat16 = cuttle::simt::Float16<cuttle::simt::Bfloat16Format>;
using __half2 = cuttle::simt::Float16Pair<__half>;
using __nv_bfloat162 = cuttle::simt::Float16Pair<__nv_bfloat16>;
using half = __half;
using half2 = __half2;
using nv_bfloat16 = __nv_bfloat16;
using nv_bfloat162 = __nv_bfloat162;

constexpr __half __float2half(float x) {
  return x;
}
constexpr __half __float2half_rn(float x) {
  return x;
}
constexpr __half __double2half(double x) {
  return x;
}
constexpr float __half2float(__half x) {
  return x;
}
constexpr __half __ushort_as_half(unsigned short x) {
  return __half::from_bits(x);
}
constexpr unsigned short __half_as_ushort(__half x) {
  return x.bits();
}
constexpr __half2 __floats2half2_rn(float x, float y) {
  return {x, y};
}
constexpr __half2 __float2half2_rn(float x) {
  return {x, x};
}
constexpr __half2 __halves2half2(__half x, __half y) {
  return {x, y};
}
constexpr __half2 __half2half2(__half x) {
  return {x, x};
}
constexpr __half __low2half(__half2 v) {
  return v.x;
}
constexpr __half __high2half(__half2 v) {
  return v.y;
}
constexpr float __low2float(__half2 v) {
  return v.x;
}
constexpr float __high2float(__half2 v) {
  return v.y;
}

constexpr __nv_bfloat16 __float2bfloat16(float x) {
  return x;
}
constexpr __nv_bfloat16 __float2bfloat16_rn(float x) {
  return x;
}
constexpr __nv_bfloat16 __double2bfloat16(double x) {
  return x;
}
constexpr float __bfloat162float(__nv_bfloat16 x) {
  return x;
}
constexpr __nv_bfloat16 __ushort_as_bfloat16(unsigned short x) {
  return __nv_bfloat16::from_bits(x);
}
constexpr unsigned short __bfloat16_as_ushort(__nv_bfloat16 x) {
  return x.bits();
}
constexpr __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
  return {x, y};
}
constexpr __nv_bfloat162 __float2bfloat162_rn(float x) {
  return {x, x};
}
constexpr __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) {
  return {x, y};
}
constexpr __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 x) {
  return {x, x};
}
constexpr __nv_bfloat16 __low2bfloat16(__nv_bfloat162 v) {
  return v.x;
}
constexpr __nv_bfloat16 __high2bfloat16(__nv_bfloat162 v) {
  return v.y;
}
constexpr float __low2float(__nv_bfloat162 v) {
  return v.x;
}
constexpr float __high2float(__nv_bfloat162 v) {
  return v.y;
}
