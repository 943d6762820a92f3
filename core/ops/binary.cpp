#include "binary.h"

#include "../autograd/record.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "../tensor_impl.h"
#include "arithmetic.h"

namespace cuttle {
namespace {

// bool, integer, floating: in this order.
int kind(DType dtype) {
  return dtype == boolean ? 0 : is_floating_point(dtype) ? 2 : 1;
}

}  // namespace

DType result_type(const Tensor& a, const Tensor& b) {
  if ((a.dim() == 0) == (b.dim() == 0)) return promote_types(a.dtype(), b.dtype());
  const Tensor& array = a.dim() == 0 ? b : a;
  const Tensor& single = a.dim() == 0 ? a : b;
  if (kind(single.dtype()) <= kind(array.dtype())) return array.dtype();
  return promote_types(a.dtype(), b.dtype());
}

DType result_type(const Tensor& a, const Scalar& b) {
  if (!b.is_integral()) return is_floating_point(a.dtype()) ? a.dtype() : float32;
  if (b.is_boolean()) return a.dtype();
  return a.dtype() == boolean ? int64 : a.dtype();
}

void binary_into(kernels::BinaryOp op, const Tensor& a, const Tensor& b, const Tensor& out) {
  const auto loop = make_loop(
      out.shape(), {broadcast_strides(a.shape(), a.strides(), out.shape()),
                    broadcast_strides(b.shape(), b.strides(), out.shape()), out.strides()});
  dispatch_all(out.dtype(), [&]<class T>() {
    on_device(out.device(), [&](auto stream) {
      kernels::binary(stream, op, loop, a.data<T>(), b.data<T>(), out.data<T>());
    });
  });
}

void binary_into(kernels::BinaryOp op, const Tensor& x, const Scalar& scalar, bool scalar_first,
                 const Tensor& out) {
  const auto loop = make_loop(out.shape(), {x.strides(), out.strides()});
  dispatch_all(out.dtype(), [&]<class T>() {
    on_device(out.device(), [&](auto stream) {
      kernels::binary_scalar(stream, op, loop, x.data<T>(), scalar.to<T>(), scalar_first,
                             out.data<T>());
    });
  });
}

// Linear in the gradient, so its own derivative is itself.
Tensor masked(const Tensor& gradient, const Tensor& mask) {
  const Tensor m = mask.detach().to(gradient.dtype());
  Tensor out = empty_result(gradient.shape(), gradient.dtype(), {&gradient});
  binary_into(kernels::BinaryOp::masked, gradient, m, out);
  return record("masked", out, {gradient},
                [m = save(m)](const Tensor& outer, const NeededInputs&) -> std::vector<Tensor> {
                  return {masked(outer, m.get())};
                });
}

Tensor divisor_gradient(const Tensor& gradient, const Tensor& quotient, const Tensor& divisor) {
  return sum_to(gradient * (quotient / divisor), divisor.shape()).neg();
}

Tensor empty_result(const Shape& shape, DType dtype,
                    std::initializer_list<const Tensor*> operands) {
  Strides strides = dense_strides(shape);
  for (const Tensor* operand : operands) {
    if (operand->shape() != shape || !is_dense_in_some_order(shape, operand->strides())) continue;
    strides = operand->strides();
    break;
  }
  return empty_strided(shape, strides, dtype, (*operands.begin())->device());
}

}  // namespace cuttle
