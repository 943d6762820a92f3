// Numbers in braces within braces, as a tensor is written in a program: {{1, 2}, {3, 4}}.
#pragma once

#include <concepts>
#include <initializer_list>
#include <vector>

#include "dtype.h"
#include "scalar.h"
#include "shape.h"

namespace cuttle {

/// A number, or a list of such lists. What tensor() takes in braces; nothing else needs it.
class NestedList {
 public:
  template <class T>
  requires std::integral<T> || std::floating_point<T> NestedList(T number)  // NOLINT
      : number_(number), dtype_(dtype_for<T>()) {}
  NestedList(std::initializer_list<NestedList> items);

  /// The length of the list at each depth; none for a number. Throws Error if two lists of one
  /// depth differ.
  Shape shape() const;
  /// The dtype that holds every number: bool, int64, float32 or float64.
  DType dtype() const noexcept { return dtype_; }
  /// All numbers, in row-major order.
  std::vector<Scalar> numbers() const;

 private:
  template <class T>
  static constexpr DType dtype_for() {
    if (std::same_as<T, bool>) return boolean;
    if (std::integral<T>) return int64;
    return std::same_as<T, float> ? float32 : float64;
  }
  void append_to(std::vector<Scalar>& numbers) const;

  bool is_list_ = false;
  std::vector<NestedList> items_;
  Scalar number_ = 0;
  DType dtype_ = float32;  // of an empty list
};

}  // namespace cuttle
