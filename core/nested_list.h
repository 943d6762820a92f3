// Numbers in braces within braces, as a tensor is written in a program: {{1, 2}, {3, 4}}.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <vector>

#include "dtype.h"
#include "scalar.h"
#include "shape.h"

namespace cuttle {

/// A number, or a list of such lists. What tensor() takes in braces; nothing else needs it.
class NestedList {
 public:
  template <class T>
  requires std::integral<T> || std::floating_point<T> || ElementType<T> NestedList(
      T number)  // NOLINT
      : number_(number), dtype_(dtype_for<T>()) {}
  NestedList(std::initializer_list<NestedList> items);

  /// The length of the list at each depth; none for a number. Throws Error that names the place if
  /// two lists of one depth differ, and for more than eight depths.
  Shape shape() const;
  /// The dtype that holds every number: bool, int64 or a floating one; float32 of an empty list.
  DType dtype() const noexcept { return dtype_; }
  /// All numbers, in row-major order.
  std::vector<Scalar> numbers() const;

 private:
  template <class T>
  static constexpr DType dtype_for() {
    if constexpr (std::same_as<T, bool>) return boolean;
    if constexpr (std::integral<T>) return int64;
    if constexpr (std::same_as<T, Half> || std::same_as<T, BFloat16>) return dtype_of<T>;
    return std::same_as<T, float> ? float32 : float64;
  }
  void append_to(std::vector<Scalar>& numbers) const;
  void check(const std::string& place, const NestedList& first) const;

  bool is_list_ = false;
  std::vector<NestedList> items_;
  Scalar number_ = 0;
  DType dtype_ = float32;  // of an empty list
};

}  // namespace cuttle
