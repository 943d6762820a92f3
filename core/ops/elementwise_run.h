// How an operation of the elementwise table is carried out: promotion, broadcasting, the launch,
// the tape. For core/ops; programs call the functions of elementwise.h and arithmetic.h.
#pragma once

#include <array>
#include <span>

#include "../../kernels/elementwise.h"
#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

/// An operand: a tensor, or a number in its place. Does not own the tensor.
struct Argument {
  Argument(const Tensor& x) : tensor(&x) {}         // NOLINT: a tensor is an argument
  Argument(const Scalar& value) : number(value) {}  // NOLINT: and so is a number
  bool is_number() const noexcept { return tensor == nullptr; }

  const Tensor* tensor = nullptr;
  Scalar number = 0;
};

/// op(operands…) with the row's parameters, recorded on the tape. The first operand may be a number
/// where another is a tensor. Throws Error naming the row where an operand is undefined, devices
/// differ, shapes do not broadcast or the row does not take the dtype.
template <int N>
Tensor elementwise(kernels::Elementwise op, const Argument (&operands)[N],
                   std::span<const Scalar> parameters = {});

/// x = op(x, …), recorded; the first operand is x. Throws Error also where the result's shape or
/// kind of dtype is not x's, and where x must not be written (check_in_place).
template <int N>
Tensor& elementwise_in_place(kernels::Elementwise op, Tensor& x, const Argument (&operands)[N],
                             std::span<const Scalar> parameters = {});

/// What a program calls the row, for messages: some are reached under another name.
std::string_view spoken_name(kernels::Elementwise op, bool in_place = false);

/// Checks what elementwise() says it checks, but the shapes, under the name `name`; returns the
/// dtype that the row computes in.
template <int N>
DType check_elementwise(kernels::Elementwise op, std::string_view name,
                        const Argument (&operands)[N], std::span<const Scalar> parameters);

/// The dtype that operands promote to: promote_types, except that tensors without dimensions count
/// only where their kind (bool, integer, floating) is higher than that of the others, and numbers
/// only where theirs is higher than that of all tensors.
DType common_type(std::span<const Argument> operands);

/// The launch alone: out = part of op (kernels/elementwise.h) for elements of `dtype`. Tensors that
/// are null are numbers; the others have that dtype, the device of `out`, and broadcast to it.
template <int N>
void launch_elementwise(kernels::Elementwise op, int part, DType dtype,
                        const std::array<const Tensor*, N>& operands,
                        const std::array<Scalar, N>& numbers, std::span<const Scalar> parameters,
                        const Tensor& out);

}  // namespace cuttle
