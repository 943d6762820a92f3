// How a loss of the table in kernels/pointwise_loss_table.h is carried out: broadcasting, dtypes,
// the launch, the tape. For core/ops/losses; programs call the functions of regression.h,
// probability.h and ranking.h.
#pragma once

#include <initializer_list>
#include <string_view>

#include "../../../kernels/pointwise_loss.h"
#include "../../tensor.h"
#include "loss_reduction.h"

namespace cuttle {

/// The reduced loss of operands that broadcast to one shape, recorded, with derivatives of every
/// order by the row's first operands; the others are constants. Operands have one floating dtype;
/// halves are computed in float32 and rounded once. Throws Error naming `name` where an operand is
/// undefined or not floating, where dtypes or devices differ, and where shapes do not broadcast.
Tensor pointwise_loss(std::string_view name, kernels::PointwiseLoss op,
                      const std::vector<Tensor>& operands, std::initializer_list<double> parameters,
                      LossReduction reduction);

/// Warns, as PyTorch does, where input and target have different sizes: they are broadcast, which
/// is seldom meant.
void warn_of_sizes(std::string_view name, const Tensor& input, const Tensor& target);

/// loss (any shape) as it is, its mean or its sum.
Tensor reduced(const Tensor& loss, LossReduction reduction);

/// True for float16 and bfloat16, in which losses are not computed.
bool is_half(const Tensor& x);

}  // namespace cuttle
