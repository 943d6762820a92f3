// The scalar functions that formulas (kernels/formulas_*.h) are written with, each for every type
// in which kernels compute, on the host, in CUDA's device code and in the interpreter. Tensors have
// functions of the same names (core/ops/term.h), so that a formula can be read by both.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "half.h"
#include "host_device.h"

namespace cuttle::kernels::math {

template <class T>
concept Number = std::is_arithmetic_v<T>;
template <class T>
concept Real = std::is_floating_point_v<T>;
template <class T>
concept Whole = std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// Integers wrap around: arithmetic goes unsigned and not narrower than `unsigned`, for narrower
/// types would be promoted to signed int.
template <Whole T>
using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
template <class T>
inline constexpr T kHighest = std::numeric_limits<T>::max();
template <class T>
inline constexpr T kLowest = std::numeric_limits<T>::lowest();
template <class T>
inline constexpr T kInfinity = std::numeric_limits<T>::infinity();

template <Number T>
CUTTLE_HOST_DEVICE inline T add(T a, T b) {
  if constexpr (std::is_same_v<T, bool>)
    return a || b;
  else if constexpr (Whole<T>)
    return static_cast<T>(Wide<T>(a) + Wide<T>(b));
  else
    return a + b;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T sub(T a, T b) {
  if constexpr (Whole<T>)
    return static_cast<T>(Wide<T>(a) - Wide<T>(b));
  else
    return a - b;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T mul(T a, T b) {
  if constexpr (std::is_same_v<T, bool>)
    return a && b;
  else if constexpr (Whole<T>)
    return static_cast<T>(Wide<T>(a) * Wide<T>(b));
  else
    return a * b;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T neg(T x) {
  if constexpr (Whole<T>)
    return static_cast<T>(-Wide<T>(x));
  else
    return -x;
}

/// What a condition picks; the other value's gradient does not reach the result.
template <Number T>
CUTTLE_HOST_DEVICE inline T select(bool condition, T yes, std::type_identity_t<T> no) {
  return condition ? yes : no;
}
/// g where m is not 0 (a NaN is not), else 0. A product would make NaN of an infinite g.
template <Number T>
CUTTLE_HOST_DEVICE inline T masked(T g, T m) {
  return m != T(0) ? g : T(0);
}
template <Number T>
CUTTLE_HOST_DEVICE inline T zero_like(T) {
  return T(0);
}
CUTTLE_HOST_DEVICE inline bool both(bool a, bool b) {
  return a && b;
}
CUTTLE_HOST_DEVICE inline bool either(bool a, bool b) {
  return a || b;
}

template <Number T>
CUTTLE_HOST_DEVICE inline bool isnan(T x) {
  return x != x;
}
template <Number T>
CUTTLE_HOST_DEVICE inline bool isinf(T x) {
  if constexpr (Real<T>)
    return x == kInfinity<T> || x == -kInfinity<T>;
  else
    return false;
}
template <Number T>
CUTTLE_HOST_DEVICE inline bool isfinite(T x) {
  if constexpr (Real<T>)
    return x - x == T(0);
  else
    return true;
}

/// Not asked of types without negative numbers: compilers would say how pointless that is.
template <Number T>
CUTTLE_HOST_DEVICE inline bool is_negative(T x) {
  if constexpr (std::is_signed_v<T>)
    return x < T(0);
  else
    return false;
}
/// The same, and of −0; of a NaN whichever sign it has.
template <Number T>
CUTTLE_HOST_DEVICE inline bool has_sign(T x) {
  if constexpr (Real<T>)
    return std::copysign(T(1), x) < T(0);
  else
    return is_negative(x);
}
template <Number T>
CUTTLE_HOST_DEVICE inline T abs(T x) {
  if constexpr (Real<T>)
    return std::fabs(x);
  else
    return is_negative(x) ? neg(x) : x;
}
/// −1, 0 or 1; of a NaN 0, as in PyTorch.
template <Number T>
CUTTLE_HOST_DEVICE inline T sign(T x) {
  if constexpr (std::is_same_v<T, bool>)
    return x;
  else
    return static_cast<T>(static_cast<T>(T(0) < x) - static_cast<T>(is_negative(x)));
}
/// A NaN on either side is the result.
template <Number T>
CUTTLE_HOST_DEVICE inline T maximum(T a, T b) {
  return a > b || a != a ? a : b;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T minimum(T a, T b) {
  return a < b || a != a ? a : b;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T relu(T x) {
  return is_negative(x) ? T(0) : x;  // in this form a NaN stays one, and −0
}
template <Number T>
CUTTLE_HOST_DEVICE inline T square(T x) {
  return mul(x, x);
}

// Rounded to whole numbers; integers are.
template <Number T>
CUTTLE_HOST_DEVICE inline T floor(T x) {
  if constexpr (Real<T>)
    return std::floor(x);
  else
    return x;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T ceil(T x) {
  if constexpr (Real<T>)
    return std::ceil(x);
  else
    return x;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T trunc(T x) {
  if constexpr (Real<T>)
    return std::trunc(x);
  else
    return x;
}
/// Halves go to the even neighbour.
template <Number T>
CUTTLE_HOST_DEVICE inline T round(T x) {
  if constexpr (Real<T>)
    return std::nearbyint(x);
  else
    return x;
}

/// The quotient; of integers it is truncated. The smallest integer divided by −1 wraps around. The
/// caller keeps zero divisors of integers out; here they give 0.
template <Number T>
CUTTLE_HOST_DEVICE inline T div(T a, T b) {
  if constexpr (Real<T>) {
    return a / b;
  } else {
    if (b == T(0)) return T(0);
    if constexpr (std::is_signed_v<T>)
      if (b == T(-1)) return neg(a);
    return static_cast<T>(a / b);
  }
}
/// What truncated division leaves; it has the sign of a.
template <Number T>
CUTTLE_HOST_DEVICE inline T fmod(T a, T b) {
  if constexpr (Real<T>) {
    return std::fmod(a, b);
  } else {
    if (b == T(0)) return T(0);
    if constexpr (std::is_signed_v<T>)
      if (b == T(-1)) return T(0);
    return static_cast<T>(a % b);
  }
}
/// What floor division leaves; it has the sign of b.
template <Number T>
CUTTLE_HOST_DEVICE inline T remainder(T a, T b) {
  const T rest = fmod(a, b);
  const bool other_side = rest != T(0) && is_negative(rest) != is_negative(b);
  return other_side ? add(rest, b) : rest;
}
template <Number T>
CUTTLE_HOST_DEVICE inline T div_trunc(T a, T b) {
  return trunc(div(a, b));
}
/// ⌊a / b⌋. The rounded quotient of floating numbers may lie on the other side of a whole one, so
/// what is left over is taken off first, as Python does; what then differs from a whole number by
/// rounding alone is that number.
template <Number T>
CUTTLE_HOST_DEVICE inline T floor_divide(T a, T b) {
  if constexpr (Real<T>) {
    if (b == T(0)) return a / b;
    const T rest = std::fmod(a, b);
    T quotient = (a - rest) / b;
    if (rest != T(0) && is_negative(rest) != is_negative(b)) quotient -= T(1);
    if (quotient == T(0)) return std::copysign(T(0), a / b);
    const T whole = std::floor(quotient);
    return quotient - whole > T(0.5) ? whole + T(1) : whole;
  } else {
    const T rest = fmod(a, b);
    const T quotient = div(a, b);
    return rest != T(0) && is_negative(rest) != is_negative(b) ? sub(quotient, T(1)) : quotient;
  }
}

/// x^y. Integers by repeated squaring (wrapping); a negative exponent leaves 0 except of ±1.
template <Number T>
CUTTLE_HOST_DEVICE inline T pow(T x, std::type_identity_t<T> y) {
  if constexpr (Real<T>) {
    return y == T(2) ? x * x : std::pow(x, y);
  } else {
    if constexpr (std::is_signed_v<T>)
      if (y < T(0)) return x == T(1) || (x == T(-1) && y % 2 == 0) ? T(1) : x == T(-1) ? x : T(0);
    using Unsigned = Wide<T>;
    Unsigned result = 1, base = static_cast<Unsigned>(x);
    for (Unsigned rest = static_cast<Unsigned>(y); rest != 0; rest >>= 1) {
      if (rest & 1) result *= base;
      base *= base;
    }
    return static_cast<T>(result);
  }
}

// Shifts: by a negative number or by more digits than there are, all of them go.
template <Whole T>
inline constexpr int kBits = 8 * sizeof(T);
template <Whole T>
CUTTLE_HOST_DEVICE inline T left_shift(T x, T by) {
  if (is_negative(by) || by >= T(kBits<T>)) return T(0);
  return static_cast<T>(Wide<T>(x) << by);
}
template <Whole T>
CUTTLE_HOST_DEVICE inline T right_shift(T x, T by) {
  if (is_negative(by) || by >= T(kBits<T>)) return is_negative(x) ? T(-1) : T(0);
  return static_cast<T>(x >> by);  // of a negative number: with its sign
}

}  // namespace cuttle::kernels::math
