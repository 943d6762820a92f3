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
  template <class T>
  T to() const noexcept {
    return is_integral_ ? static_cast<T>(integer_) : static_cast<T>(real_);
  }
  /// True if to<T>() keeps the value, but for rounding, a fraction cut off and a negative number
  /// that wraps around in an unsigned type (-1 is 255), as in PyTorch.
  template <class T>
  bool fits() const noexcept {
    if constexpr (std::is_same_v<T, bool>) return true;
    if constexpr (std::is_floating_point_v<T>)
      return is_integral_ || !std::isfinite(real_) ||
             std::abs(real_) <= static_cast<double>(std::numeric_limits<T>::max());
    const auto largest = static_cast<int64_t>(std::numeric_limits<T>::max());
    const int64_t smallest = std::is_unsigned_v<T> ? -largest : -largest - 1;
    if (is_integral_) return integer_ >= smallest && integer_ <= largest;
    const double above = sizeof(T) == 8 ? 0x1p63 : static_cast<double>(largest) + 1;
    return real_ < above && real_ > static_cast<double>(smallest) - 1;  // false for NaN
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
