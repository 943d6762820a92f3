// Functions of each element by itself.
#pragma once

#include <optional>
#include <string_view>

#include "../../kernels/elementwise_table.h"
#include "../scalar.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: one element from one, two or three. Formulas, dtypes and gradients of all
/// of them: docs/operations.md, which is written from kernels/elementwise_table.h. Shapes broadcast
/// and dtypes promote as in PyTorch; integers become float32 where a function's values are not
/// whole. Names that end in _ write the result into this tensor and return it: its shape and dtype
/// stay (a result of a higher kind is an Error), and a leaf that requires a gradient, or a view of
/// shared memory, is refused while recording. All throw Error naming the function where a tensor is
/// undefined, devices differ, shapes do not broadcast or the dtype is not taken.
///
/// Integers divided by 0 (floor_divide, remainder, fmod, % and div with a rounding mode) throw
/// Error on the CPU; on a GPU, where PyTorch leaves the result open, it is 0, for to look at every
/// divisor there would be to wait for the device. A number 0 as divisor throws on both.
class ElementwiseMethods {
 public:
#define CUTTLE_METHOD(name, ...) \
  Tensor name() const;           \
  Tensor& name##_();
  CUTTLE_UNARY_ARITHMETIC(CUTTLE_METHOD)
  CUTTLE_UNARY_FUNCTIONS(CUTTLE_METHOD)
  CUTTLE_UNARY_LOGIC(CUTTLE_METHOD)
#undef CUTTLE_METHOD
#define CUTTLE_METHOD(name, ...) Tensor name() const;
  CUTTLE_UNARY_TESTS(CUTTLE_METHOD)
#undef CUTTLE_METHOD

  // With a tensor or a number: remainder, fmod, pow, eq, logical_and, bitwise_or, clamp_min …
#define CUTTLE_METHOD(name, ...)          \
  Tensor name(const Tensor& other) const; \
  Tensor name(Scalar other) const;        \
  Tensor& name##_(const Tensor& other);   \
  Tensor& name##_(Scalar other);
  CUTTLE_BINARY_ARITHMETIC(CUTTLE_METHOD)
  CUTTLE_BINARY_FUNCTIONS(CUTTLE_METHOD)
  CUTTLE_COMPARISONS(CUTTLE_METHOD)
  CUTTLE_BITS(CUTTLE_METHOD)
  CUTTLE_BOUNDS(CUTTLE_METHOD)
#undef CUTTLE_METHOD
  /// With eps this is clamped to [eps, 1 − eps] first.
  Tensor logit(double eps) const;
  Tensor& logit_(double eps);
  /// The larger / smaller of each pair, NaN where one is; of equals each gets half the gradient.
  Tensor maximum(const Tensor& other) const;
  Tensor minimum(const Tensor& other) const;

  /// this + alpha · other, this − alpha · other.
  Tensor add(const Tensor& other, Scalar alpha = 1) const;
  Tensor add(Scalar other, Scalar alpha = 1) const;
  Tensor sub(const Tensor& other, Scalar alpha = 1) const;
  Tensor sub(Scalar other, Scalar alpha = 1) const;
  Tensor mul(const Tensor& other) const;
  Tensor mul(Scalar other) const;
  /// The quotient; with "trunc" or "floor" as rounding mode rounded towards 0 or −∞, and then of
  /// integers again an integer.
  Tensor div(const Tensor& other, std::string_view rounding_mode = "") const;
  Tensor div(Scalar other, std::string_view rounding_mode = "") const;
  Tensor& add_(const Tensor& other, Scalar alpha = 1);
  Tensor& add_(Scalar other, Scalar alpha = 1);
  Tensor& sub_(const Tensor& other, Scalar alpha = 1);
  Tensor& sub_(Scalar other, Scalar alpha = 1);
  Tensor& mul_(const Tensor& other);
  Tensor& mul_(Scalar other);
  Tensor& div_(const Tensor& other, std::string_view rounding_mode = "");
  Tensor& div_(Scalar other, std::string_view rounding_mode = "");

  /// min(max(this, low), high), either bound left out; at a bound the gradient passes. Throws Error
  /// where both are.
  Tensor clamp(std::optional<Scalar> low, std::optional<Scalar> high = {}) const;
  Tensor clamp(const Tensor& low, const Tensor& high) const;
  Tensor& clamp_(std::optional<Scalar> low, std::optional<Scalar> high = {});
  Tensor& clamp_(const Tensor& low, const Tensor& high);
  /// This where `condition` (bool) is true, else `other`.
  Tensor where(const Tensor& condition, const Tensor& other) const;
  Tensor where(const Tensor& condition, Scalar other) const;
  /// this + weight · (end − this).
  Tensor lerp(const Tensor& end, const Tensor& weight) const;
  Tensor lerp(const Tensor& end, Scalar weight) const;
  Tensor& lerp_(const Tensor& end, const Tensor& weight);
  Tensor& lerp_(const Tensor& end, Scalar weight);
  /// this + value · a · b, this + value · a / b.
  Tensor addcmul(const Tensor& a, const Tensor& b, Scalar value = 1) const;
  Tensor addcdiv(const Tensor& a, const Tensor& b, Scalar value = 1) const;
  Tensor& addcmul_(const Tensor& a, const Tensor& b, Scalar value = 1);
  Tensor& addcdiv_(const Tensor& a, const Tensor& b, Scalar value = 1);
  /// Numbers in place of NaN and the infinities; unset: the dtype's largest and smallest.
  Tensor nan_to_num(double nan = 0, std::optional<double> posinf = {},
                    std::optional<double> neginf = {}) const;
  Tensor& nan_to_num_(double nan = 0, std::optional<double> posinf = {},
                      std::optional<double> neginf = {});

  Tensor& operator+=(const Tensor& other);
  Tensor& operator-=(const Tensor& other);
  Tensor& operator*=(const Tensor& other);
  Tensor& operator/=(const Tensor& other);
  Tensor& operator%=(const Tensor& other);
  Tensor& operator&=(const Tensor& other);
  Tensor& operator|=(const Tensor& other);
  Tensor& operator^=(const Tensor& other);
  Tensor& operator+=(Scalar other);
  Tensor& operator-=(Scalar other);
  Tensor& operator*=(Scalar other);
  Tensor& operator/=(Scalar other);
  Tensor& operator%=(Scalar other);
  Tensor& operator&=(Scalar other);
  Tensor& operator|=(Scalar other);
  Tensor& operator^=(Scalar other);

 protected:
  ElementwiseMethods() = default;
  ElementwiseMethods(const ElementwiseMethods&) = default;
  ElementwiseMethods& operator=(const ElementwiseMethods&) = default;
  ~ElementwiseMethods() = default;
};

}  // namespace cuttle
