// What operations on elements share: promotion, broadcasting, the launch.
#pragma once

#include <initializer_list>
#include <span>

#include "../../kernels/elementwise.h"
#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

/// The dtype in which an operation on both computes: promote_types, except that a tensor without
/// dimensions only counts where its kind (bool, integer, floating) is higher.
DType result_type(const Tensor& a, const Tensor& b);
/// The same with a C++ number, which never widens but can make an integer tensor floating.
DType result_type(const Tensor& a, const Scalar& b);

/// out = op(a, b), broadcast. a and b have one dtype and device; `out` may be one of them.
void binary_into(kernels::BinaryOp op, const Tensor& a, const Tensor& b, const Tensor& out);
/// out = op(x, scalar), or op(scalar, x).
void binary_into(kernels::BinaryOp op, const Tensor& x, const Scalar& scalar, bool scalar_first,
                 const Tensor& out);

/// `gradient` where `mask`, of its shape and device, is not 0, else 0 whatever the gradient is. The
/// backward of everything that passes some elements on and drops others.
Tensor masked(const Tensor& gradient, const Tensor& mask);

/// The gradient of a divisor, −gradient · (quotient / divisor): the divisor's square, which the
/// usual formula divides by, would overflow and underflow.
Tensor divisor_gradient(const Tensor& gradient, const Tensor& quotient, const Tensor& divisor);

/// An uninitialised result for operands that broadcast to `shape`, laid out as the first of them
/// that has this shape and is dense.
Tensor empty_result(const Shape& shape, DType dtype, std::span<const Tensor* const> operands);
inline Tensor empty_result(const Shape& shape, DType dtype,
                           std::initializer_list<const Tensor*> operands) {
  return empty_result(shape, dtype, std::span(operands.begin(), operands.size()));
}

}  // namespace cuttle
