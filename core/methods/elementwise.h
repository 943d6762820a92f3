// Functions of each element by itself.
#pragma once

#include "../scalar.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: one element from one, or from a pair (more in core/ops/arithmetic.h).
class ElementwiseMethods {
 public:
  Tensor neg() const;
  Tensor abs() const;
  Tensor exp() const;
  Tensor log() const;
  Tensor sqrt() const;
  Tensor relu() const;
  Tensor sigmoid() const;
  Tensor tanh() const;
  Tensor pow(Scalar exponent) const;

  // In place: the handle stays, the memory changes. They return this tensor.
  /// this += alpha · other.
  Tensor& add_(const Tensor& other, Scalar alpha = 1);
  Tensor& sub_(const Tensor& other);
  Tensor& mul_(const Tensor& other);
  Tensor& div_(const Tensor& other);
  Tensor& add_(Scalar other);
  Tensor& sub_(Scalar other);
  Tensor& mul_(Scalar other);
  Tensor& div_(Scalar other);
  Tensor& operator+=(const Tensor& other);
  Tensor& operator-=(const Tensor& other);
  Tensor& operator*=(const Tensor& other);
  Tensor& operator/=(const Tensor& other);
  Tensor& operator+=(Scalar other);
  Tensor& operator-=(Scalar other);
  Tensor& operator*=(Scalar other);
  Tensor& operator/=(Scalar other);

 protected:
  ElementwiseMethods() = default;
  ElementwiseMethods(const ElementwiseMethods&) = default;
  ElementwiseMethods& operator=(const ElementwiseMethods&) = default;
  ~ElementwiseMethods() = default;
};

}  // namespace cuttle
