// Cross-entropy between logits and class indices: softmax and negative log likelihood, fused.
#pragma once

#include "../../kernels/cross_entropy.h"
#include "../tensor.h"

namespace cuttle {

using kernels::LossReduction;

struct CrossEntropyOptions {
  LossReduction reduction = LossReduction::mean;
  int64_t ignore_index = -100;
  double label_smoothing = 0;
};

/// torch.nn.functional.cross_entropy: input (N, K) logits, target (N) int64 with values in [0, K)
/// or ignore_index, weight (K) or undefined. Gives a scalar, or (N) with LossReduction::none.
/// Throws Error for a target out of range; on a GPU that error comes with the next item() or copy
/// to the host.
Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                     const CrossEntropyOptions& options = {});

}  // namespace cuttle
