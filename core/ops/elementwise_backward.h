// The tape's side of the elementwise table: one backward for all rows. See elementwise_run.h.
#pragma once

#include <array>
#include <span>

#include "../../kernels/elementwise.h"
#include "../autograd/record.h"
#include "../scalar.h"
#include "term.h"

namespace cuttle {

/// The gradients of an operation with N operands. Each is the launch of one kernel or, while
/// recording (create_graph) and where the table's formula is one operation anyway, that formula
/// written in recorded operations.
template <int N>
class ElementwiseBackward {
 public:
  ElementwiseBackward(kernels::Elementwise op, const std::array<Tensor, N>& operands,
                      const std::array<Scalar, N>& numbers, std::span<const Scalar> parameters);

  /// Saves what the gradients that are asked for need. Once, before it goes on the tape.
  Saves keep(const std::array<Tensor, N>& operands, const Tensor& result);

  std::vector<Tensor> operator()(const Tensor& gradient, const NeededInputs& needed) const;

 private:
  Tensor gradient_of(int operand, const Tensor& gradient) const;
  /// Operand k as the gradients read it: the result stands in the place of a single operand.
  Term term(int k) const;

  kernels::Elementwise op_;
  uint8_t parameter_count_;
  std::array<bool, N> is_number_;
  std::array<SavedTensor, N> kept_;
  std::array<Scalar, N> number_;
  std::array<Scalar, kernels::kMaxParameters> parameter_{0, 0, 0};
  std::array<Shape, N> shape_;
};

/// What the row's gradients need, as bits of kernels::table, where `operand` is among those that
/// require one.
template <int N>
unsigned needs_of(kernels::Elementwise op, const std::array<Tensor, N>& operands) {
  unsigned needs = 0;
  for (size_t k = 0; k < N; ++k)
    if (operands[k].defined() && operands[k].requires_grad())
      needs |= kernels::row_of(op).keeps.of[k];
  return needs;
}

/// The formula of the row's gradient with respect to an operand, in recorded operations.
Term recorded_gradient(kernels::Elementwise op, int operand, const Term& gradient,
                       const Term* operands, const Term* parameters);
/// Whether that gradient has a kernel of its own.
bool has_gradient_kernel(kernels::Elementwise op, int operand);

}  // namespace cuttle
