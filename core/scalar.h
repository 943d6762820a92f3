// A C++ number that remembers whether it was an integer: x + 1 keeps an int64 tensor int64.
#pragma once

#include <concepts>
#include <cstdint>

namespace cuttle {

class Scalar {
 public:
  template <std::integral T>
  Scalar(T value)  // NOLINT: numbers are scalars
      : integer_(static_cast<int64_t>(value)), is_integral_(true) {}
  template <std::floating_point T>
  Scalar(T value) : real_(static_cast<double>(value)) {}  // NOLINT

  bool is_integral() const noexcept { return is_integral_; }
  template <class T>
  T to() const noexcept {
    return is_integral_ ? static_cast<T>(integer_) : static_cast<T>(real_);
  }

 private:
  int64_t integer_ = 0;
  double real_ = 0;
  bool is_integral_ = false;
};

}  // namespace cuttle
