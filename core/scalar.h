// A C++ number that remembers whether it was an integer: x + 1 keeps an int64 tensor int64.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <ostream>
#include <type_traits>
#include <utility>

#include "../kernels/error.h"
#include "../kernels/half.h"

namespace cuttle {

class Scalar {
 public:
  /// Throws Error for an unsigned number that int64 cannot hold.
  template <std::integral T>
  Scalar(T value)  // NOLINT: numbers are scalars
      : integer_(checked(value)), is_integral_(true), is_boolean_(std::is_same_v<T, bool>) {}
  template <std::floating_point T>
  Scalar(T value) : real_(static_cast<double>(value)) {}  // NOLINT

  Scalar(Half value) : Scalar(static_cast<float>(value)) {}      // NOLINT
  Scalar(BFloat16 value) : Scalar(static_cast<float>(value)) {}  // NOLINT

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
  /// True if to<T>() keeps the value, but for rounding and a fraction cut off.
  template <class T>
  bool in_range() const noexcept {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_same_v<T, bool>) {
      return true;  // whether it is 0
    } else if constexpr (is_floating<T>) {
      return is_integral_ || !std::isfinite(real_) ||
             std::abs(real_) <= static_cast<double>(Limits::max());
    } else if (is_integral_) {
      return std::in_range<T>(integer_);
    } else {
      const double whole = std::trunc(real_), end = std::ldexp(1.0, Limits::digits);
      return whole < end && whole >= (std::is_signed_v<T> ? -end : 0.0);  // false for NaN
    }
  }
  /// The same, but a negative number may wrap around in an unsigned type (-1 is 255), as in
  /// PyTorch.
  template <class T>
  bool fits() const noexcept {
    if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>) {
      const bool negative = is_integral_ ? integer_ < 0 : real_ < 0;
      if (negative)
        return Scalar(is_integral_ ? -static_cast<double>(integer_) : -real_).in_range<T>();
    }
    return in_range<T>();
  }

  friend std::ostream& operator<<(std::ostream& out, const Scalar& scalar) {
    return scalar.is_integral_ ? out << scalar.integer_ : out << scalar.real_;
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
