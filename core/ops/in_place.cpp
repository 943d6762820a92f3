// Operations of the elementwise table that write into their first operand.
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../dispatch.h"
#include "../tensor_impl.h"
#include "elementwise_backward.h"
#include "elementwise_run.h"

namespace cuttle {
namespace {

using kernels::Elementwise;
using kernels::ElementwiseRow;
using kernels::row_of;

// Integers may be cut to a narrower integer type, but no result is cut to another kind.
void check_result_fits(std::string_view name, const Tensor& x, DType result) {
  const DType dtype = x.dtype();
  if ((is_floating_point(result) && !is_floating_point(dtype)) ||
      (dtype == boolean && result != boolean))
    fail(name, ": the result is ", result, " and does not fit into this ", dtype,
         " tensor; use the out-of-place form");
}

void check_shape_stays(std::string_view name, const Tensor& x, const Tensor& operand) {
  if (broadcast_shapes(name, x.shape(), operand.shape()) != x.shape())
    fail(name, ": shape ", operand.shape(), " does not broadcast to ", x.shape(),
         ", which cannot grow in place");
}

// The operand as the kernel may read it while it writes x, and as the backward may keep it.
Tensor apart_from(const Tensor& x, const Tensor& operand, bool recorded) {
  if (operand.impl().storage != x.impl().storage) return operand;
  const bool same_elements = operand.shape() == x.shape() && operand.strides() == x.strides() &&
                             operand.impl().offset == x.impl().offset;
  return same_elements && !recorded ? operand : operand.clone();
}

// x = op(x, …) with every operand in x's dtype.
template <int N>
void write(Elementwise op, Tensor& x, const Argument (&operands)[N],
           std::span<const Scalar> parameters) {
  const ElementwiseRow& row = row_of(op);
  std::array<Tensor, N> inputs;
  std::array<Scalar, N> numbers = [&]<size_t... K>(std::index_sequence<K...>) {
    return std::array<Scalar, N>{operands[K].number...};
  }
  (std::make_index_sequence<N>());
  // Names this tensor's history as it is before the write gives it a new one.
  inputs[0] = x;
  for (size_t k = 1; k < N; ++k)
    if (!operands[k].is_number()) inputs[k] = operands[k].tensor->to(x.dtype());
  const bool recorded =
      row.keeps.differentiable && needs_recording(InputList(std::span<const Tensor>(inputs)));
  for (size_t k = 1; k < N; ++k)
    if (inputs[k].defined()) inputs[k] = apart_from(x, inputs[k], recorded);

  std::array<Tensor, N> kept = inputs;
  if (recorded && (needs_of<N>(op, inputs) & kernels::table::a) != 0)
    kept[0] = x.clone();  // recorded, so that the gradient can be differentiated again
  std::array<const Tensor*, N> tensors{};
  for (size_t k = 0; k < N; ++k) tensors[k] = inputs[k].defined() ? &inputs[k] : nullptr;
  launch_elementwise<N>(op, 0, x.dtype(), tensors, numbers, parameters, x);

  const InputList recorded_inputs{std::span<const Tensor>(inputs)};
  if (!recorded) {
    record_in_place(row.in_place_name, x, recorded_inputs, {}, Saves::nothing);
    return;
  }
  ElementwiseBackward<N> backward(op, inputs, numbers, parameters);
  Tensor result;
  if ((needs_of<N>(op, inputs) & kernels::table::y) != 0) {
    const NoGradGuard no_grad;
    result = x.clone();  // x itself may be written again
  }
  const Saves saves = backward.keep(kept, result);
  record_in_place(row.in_place_name, x, recorded_inputs, std::move(backward), saves);
}

}  // namespace

template <int N>
Tensor& elementwise_in_place(Elementwise op, Tensor& x, const Argument (&operands)[N],
                             std::span<const Scalar> parameters) {
  const ElementwiseRow& row = row_of(op);
  const std::string_view name = spoken_name(op, /*in_place=*/true);
  const DType dtype = check_elementwise<N>(op, name, operands, parameters);
  const bool truth = row.gives == kernels::table::boolean;
  if (!truth) check_result_fits(name, x, dtype);
  for (const Argument& operand : operands) {
    if (operand.is_number()) continue;
    check_shape_stays(name, x, *operand.tensor);
    check_in_place(name, x, {*operand.tensor});
  }
  if (dtype == x.dtype() && (!truth || dtype == boolean))
    write<N>(op, x, operands, parameters);
  else
    x.copy_(elementwise<N>(op, operands, parameters));
  return x;
}

template Tensor& elementwise_in_place(Elementwise, Tensor&, const Argument (&)[1],
                                      std::span<const Scalar>);
template Tensor& elementwise_in_place(Elementwise, Tensor&, const Argument (&)[2],
                                      std::span<const Scalar>);
template Tensor& elementwise_in_place(Elementwise, Tensor&, const Argument (&)[3],
                                      std::span<const Scalar>);

}  // namespace cuttle
