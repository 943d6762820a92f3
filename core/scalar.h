// A C++ number that remembers whether it was an integer: x + 1 keeps an int64 tensor int64.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "../kernels/error.h"

namespace cuttle {

class Scalar {
 public:
  /// Throws Error for an unsigned number that int64 cannot hold.
  template <std::integral T>
  Scalar(T value)  // NOLINT: numbers are scalars
      : integer_(checked(value)), is_integral_(true), is_boolean_(std::is_same_v<T, bool>) {}
  template <std::floating_point T>
  Scalar(T value) : real_(static_cast<double>(value)) {}  // NOLINT

  bool is_integral() const noexcept { return is_integral_; }
  bool is_boolean() const noexcept { return is_boolean_; }
  /// The value as a T. Where fits<T>() is false an integer wraps around and what a real number
  /// becomes is undefined.
  template <class T>
  T to() const noexcept {
    if (is_integral_) return static_cast<T>(integer_);
    // By way of int64: C++ does not say what a negative real number is as an unsigned one.
    if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>)
      if (real_ < 0) return static_cast<T>(static_cast<int64_t>(real_));
    return static_cast<T>(real_);
  }
  /// True if to<T>() keeps the value, but for rounding, a fraction cut off and a negative number
  /// that wraps around in an unsigned type (-1 is 255), as in PyTorch.
  template <class T>
  bool fits() const noexcept {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_same_v<T, bool>) {
      return true;
    } else if constexpr (std::is_floating_point_v<T>) {
      return is_integral_ || !std::isfinite(real_) ||
             std::abs(real_) <= static_cast<double>(Limits::max());
    } else {
      const double end = std::ldexp(1.0, Limits::digits);  // the first number above
      if (!is_integral_) {
        const double whole = std::trunc(real_);
        return whole < end && (std::is_signed_v<T> ? whole >= -end : whole > -end);  // no NaN
      }
      if constexpr (sizeof(T) == sizeof(int64_t)) return true;
      const auto most = static_cast<int64_t>(Limits::max());
      return integer_ <= most && integer_ >= (std::is_signed_v<T> ? -most - 1 : -most);
    }
  }

 private:
  template <class T>
  static int64_t checked(T value) {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) >= sizeof(int64_t))
      if (value > static_cast<T>(std::numeric_limits<int64_t>::max()))
        fail("the number ", value, " is above the largest int64, ",
             std::numeric_limits<int64_t>::max(),
             "; pass it as a double if its last digits may go");
    return static_cast<int64_t>(value);
  }

  int64_t integer_ = 0;
  double real_ = 0;
  bool is_integral_ = false;
  bool is_boolean_ = false;
};

}  // namespace cuttle
