// Arithmetic that writes into its first operand.
#include "../autograd/record.h"
#include "../dispatch.h"
#include "../tensor_impl.h"
#include "arithmetic.h"
#include "binary.h"

namespace cuttle {
namespace {

using kernels::BinaryOp;

// Integers may be cut to a narrower integer type, but no result is cut to another kind.
void check_result_fits(std::string_view op, BinaryOp kernel, const Tensor& self, DType result) {
  const DType dtype = self.dtype();
  if (kernel == BinaryOp::div && !is_floating_point(result)) result = float32;
  if ((is_floating_point(result) && !is_floating_point(dtype)) ||
      (dtype == boolean && result != boolean))
    fail(op, ": the result is ", result, " and does not fit into this ", dtype,
         " tensor; use the out-of-place form");
  if (kernel == BinaryOp::sub && dtype == boolean)
    fail(op, ": not defined for bool; convert first, with .to(int64) for example");
}

// self = op(self, other). `other` comes back in self's dtype.
Tensor apply(std::string_view op, BinaryOp kernel, const Tensor& self, const Tensor& other) {
  check_defined(op, self);
  check_defined(op, other);
  check_same_device(op, {&self, &other});
  check_result_fits(op, kernel, self, result_type(self, other));
  if (broadcast_shapes(op, self.shape(), other.shape()) != self.shape())
    fail(op, ": shape ", other.shape(), " does not broadcast to ", self.shape(),
         ", which cannot grow in place");
  check_in_place(op, self, {other});
  Tensor operand = other.to(self.dtype());
  const bool shares = operand.impl().storage == self.impl().storage;
  const bool same_elements = shares && operand.shape() == self.shape() &&
                             operand.strides() == self.strides() &&
                             operand.impl().offset == self.impl().offset;
  // It would change while being read, or before the backward needs it.
  if (shares && (!same_elements || needs_recording({self, other}))) operand = operand.clone();
  binary_into(kernel, self, operand.detach(), self);
  return operand;
}

void apply(std::string_view op, BinaryOp kernel, const Tensor& self, Scalar other) {
  check_defined(op, self);
  check_result_fits(op, kernel, self, result_type(self, other));
  check_in_place(op, self, {});
  binary_into(kernel, self, other, /*scalar_first=*/false, self);
}

BackwardFunction unchanged() {
  return
      [](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> { return {gradient}; };
}

}  // namespace

Tensor& ElementwiseMethods::add_(const Tensor& other, Scalar alpha) {
  Tensor& x = self(*this);
  const Tensor addend = alpha.to<double>() == 1 ? other : other * alpha;
  // Names this tensor's history as it is before the write gives it a new one.
  const Tensor before = x;
  const Tensor operand = apply("add_", BinaryOp::add, x, addend);
  record_in_place(
      "add_", x, {before, operand},
      [shape = operand.shape()](const Tensor& gradient,
                                const NeededInputs& needed) -> std::vector<Tensor> {
        return {gradient, needed[1] ? sum_to(gradient, shape) : Tensor()};
      },
      Saves::nothing);
  return x;
}

Tensor& ElementwiseMethods::sub_(const Tensor& other) {
  Tensor& x = self(*this);
  const Tensor before = x;
  const Tensor operand = apply("sub_", BinaryOp::sub, x, other);
  record_in_place(
      "sub_", x, {before, operand},
      [shape = operand.shape()](const Tensor& gradient,
                                const NeededInputs& needed) -> std::vector<Tensor> {
        return {gradient, needed[1] ? sum_to(gradient, shape).neg() : Tensor()};
      },
      Saves::nothing);
  return x;
}

Tensor& ElementwiseMethods::mul_(const Tensor& other) {
  Tensor& x = self(*this);
  SavedTensor old;  // recorded, so that the gradient can be differentiated again
  if (needs_recording({other})) old = save(x.clone());
  const Tensor before = x;
  const Tensor operand = apply("mul_", BinaryOp::mul, x, other);
  record_in_place("mul_", x, {before, operand},
                  [old, factor = save(operand)](const Tensor& gradient,
                                                const NeededInputs& needed) -> std::vector<Tensor> {
                    Tensor d_self, d_other;
                    if (needed[0]) d_self = gradient * factor.get();
                    if (needed[1]) d_other = sum_to(gradient * old.get(), factor.get().shape());
                    return {d_self, d_other};
                  });
  return x;
}

Tensor& ElementwiseMethods::div_(const Tensor& other) {
  Tensor& x = self(*this);
  SavedTensor old;  // recorded, so that the gradient can be differentiated again
  if (needs_recording({other})) old = save(x.clone());
  const Tensor before = x;
  const Tensor operand = apply("div_", BinaryOp::div, x, other);
  record_in_place("div_", x, {before, operand},
                  [old, divisor = save(operand)](
                      const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
                    const Tensor d = divisor.get();
                    Tensor d_self, d_other;
                    if (needed[0]) d_self = gradient / d;
                    if (needed[1]) d_other = divisor_gradient(gradient, old.get() / d, d);
                    return {d_self, d_other};
                  });
  return x;
}

Tensor& ElementwiseMethods::add_(Scalar other) {
  Tensor& x = self(*this);
  const Tensor before = x;
  apply("add_", BinaryOp::add, x, other);
  record_in_place("add_", x, {before}, unchanged(), Saves::nothing);
  return x;
}

Tensor& ElementwiseMethods::sub_(Scalar other) {
  Tensor& x = self(*this);
  const Tensor before = x;
  apply("sub_", BinaryOp::sub, x, other);
  record_in_place("sub_", x, {before}, unchanged(), Saves::nothing);
  return x;
}

Tensor& ElementwiseMethods::mul_(Scalar other) {
  Tensor& x = self(*this);
  const Tensor before = x;
  apply("mul_", BinaryOp::mul, x, other);
  record_in_place(
      "mul_", x, {before},
      [other](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient * other};
      },
      Saves::nothing);
  return x;
}

Tensor& ElementwiseMethods::div_(Scalar other) {
  Tensor& x = self(*this);
  const Tensor before = x;
  apply("div_", BinaryOp::div, x, other);
  record_in_place(
      "div_", x, {before},
      [other](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient / other};
      },
      Saves::nothing);
  return x;
}

Tensor& ElementwiseMethods::operator+=(const Tensor& other) {
  return add_(other);
}
Tensor& ElementwiseMethods::operator-=(const Tensor& other) {
  return sub_(other);
}
Tensor& ElementwiseMethods::operator*=(const Tensor& other) {
  return mul_(other);
}
Tensor& ElementwiseMethods::operator/=(const Tensor& other) {
  return div_(other);
}
Tensor& ElementwiseMethods::operator+=(Scalar other) {
  return add_(other);
}
Tensor& ElementwiseMethods::operator-=(Scalar other) {
  return sub_(other);
}
Tensor& ElementwiseMethods::operator*=(Scalar other) {
  return mul_(other);
}
Tensor& ElementwiseMethods::operator/=(Scalar other) {
  return div_(other);
}

}  // namespace cuttle
