#include "binary.h"

#include "../autograd/record.h"
#include "../strided_loop.h"
#include "../tensor_impl.h"
#include "arithmetic.h"
#include "elementwise_run.h"

namespace cuttle {
namespace {

using kernels::Elementwise;

// bool, integer, floating: in this order.
int kind(DType dtype) {
  return dtype == boolean ? 0 : is_floating_point(dtype) ? 2 : 1;
}

// The dtype of a number among tensors.
DType number_type(const Scalar& number) {
  return number.is_boolean() ? boolean : number.is_integral() ? int64 : float32;
}

// What operands of a lower category do to a dtype: tensors with dimensions, tensors without, and
// numbers, in this order. They count where their kind is higher.
std::optional<DType> joined(std::optional<DType> high, std::optional<DType> low) {
  if (!high || !low) return high ? high : low;
  return kind(*low) > kind(*high) ? promote_types(*high, *low) : high;
}

}  // namespace

DType common_type(std::span<const Argument> operands) {
  std::optional<DType> of[3];
  for (const Argument& operand : operands) {
    const DType dtype = operand.is_number() ? number_type(operand.number) : operand.tensor->dtype();
    std::optional<DType>& category = of[operand.is_number()          ? 2
                                        : operand.tensor->dim() == 0 ? 1
                                                                     : 0];
    category = category ? promote_types(*category, dtype) : dtype;
  }
  return *joined(of[0], joined(of[1], of[2]));
}

DType result_type(const Tensor& a, const Tensor& b) {
  return common_type({{Argument(a), Argument(b)}});
}

DType result_type(const Tensor& a, const Scalar& b) {
  return common_type({{Argument(a), Argument(b)}});
}

void binary_into(kernels::BinaryOp op, const Tensor& a, const Tensor& b, const Tensor& out) {
  launch_elementwise<2>(op, 0, out.dtype(), {&a, &b}, {0, 0}, {}, out);
}

void binary_into(kernels::BinaryOp op, const Tensor& x, const Scalar& scalar, bool scalar_first,
                 const Tensor& out) {
  if (scalar_first)
    launch_elementwise<2>(op, 0, out.dtype(), {nullptr, &x}, {scalar, 0}, {}, out);
  else
    launch_elementwise<2>(op, 0, out.dtype(), {&x, nullptr}, {0, scalar}, {}, out);
}

Tensor masked(const Tensor& gradient, const Tensor& mask) {
  if (mask.dtype() == boolean)
    return elementwise<3>(Elementwise::where, {mask, gradient, Scalar(0)});
  const Tensor constant = mask.requires_grad() ? mask.detach() : mask;
  return elementwise<2>(Elementwise::masked, {gradient, constant.to(gradient.dtype())});
}

Tensor divisor_gradient(const Tensor& gradient, const Tensor& quotient, const Tensor& divisor) {
  return sum_to(gradient * (quotient / divisor), divisor.shape()).neg();
}

Tensor empty_result(const Shape& shape, DType dtype, std::span<const Tensor* const> operands) {
  Strides strides = dense_strides(shape);
  for (const Tensor* operand : operands) {
    if (operand->shape() != shape || !is_dense_in_some_order(shape, operand->strides())) continue;
    strides = operand->strides();
    break;
  }
  return empty_strided(shape, strides, dtype, operands[0]->device());
}

}  // namespace cuttle
