// Cross-entropy between logits and classes, by index or by probability, and the negative log
// likelihood of classes.
#pragma once

#include "../../tensor.h"
#include "loss_reduction.h"

namespace cuttle {

struct CrossEntropyOptions {
  LossReduction reduction = LossReduction::mean;
  int64_t ignore_index = -100;  // not for class probabilities
  double label_smoothing = 0;   // in [0, 1]
};

/// torch.nn.functional.cross_entropy: input (K), (N, K) or (N, K, d1, …) logits; weight (K) or
/// undefined; target either
///   int64 class indices, of the input's shape without K: values in [0, K) or ignore_index; or
///   class probabilities of the input's shape and dtype, which get a gradient too.
/// Gives a scalar, or with LossReduction::none the losses in the input's shape without K. The mean
/// is over Σ w of the targets, or over N · d1 · … for probabilities. Logits of 16 bits are computed
/// in float32. Throws Error for a target out of range; on a GPU that error comes with the next
/// item() or copy to the host.
Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                     const CrossEntropyOptions& options = {});

struct NLLLossOptions {
  LossReduction reduction = LossReduction::mean;
  int64_t ignore_index = -100;
};

/// torch.nn.functional.nll_loss: −w_t · input_t with log-probabilities as input; shapes, targets
/// and mean as for cross_entropy of class indices.
Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                const NLLLossOptions& options = {});

}  // namespace cuttle
