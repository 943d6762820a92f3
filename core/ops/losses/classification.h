// Losses of classes: whether each holds (binary), how far apart distributions are, and margins
// between the scores of the right and the wrong ones. By index or probability: cross_entropy.h.
#pragma once

#include "../../tensor.h"
#include "loss_reduction.h"

namespace cuttle {

// `weight` and `pos_weight` broadcast to the input, and get no gradient. Where a target may have a
// gradient, it gets one. Throw Error where shapes, dtypes or devices do not fit.

struct BCELossOptions {
  Tensor weight = {};  // of the losses; undefined: all 1
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.binary_cross_entropy: −(y log x + (1 − y) log(1 − x)) of probabilities x and
/// y of one shape; logarithms are not below −100. Throws Error for an x outside of [0, 1] on the
/// CPU; on a GPU its loss is NaN.
Tensor binary_cross_entropy(const Tensor& input, const Tensor& target,
                            const BCELossOptions& options = {});

struct BCEWithLogitsLossOptions {
  Tensor weight = {};      // of the losses
  Tensor pos_weight = {};  // of the positive class: counts y more, or less, than 1 − y
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.binary_cross_entropy_with_logits: the same of p = sigmoid(x), for any x:
/// −(pos_weight y log p + (1 − y) log(1 − p)).
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const BCEWithLogitsLossOptions& options = {});

/// batchmean: the sum divided by the first dimension, which is the divergence's mean.
enum class KLDivReduction { none, mean, sum, batchmean };

struct KLDivLossOptions {
  KLDivReduction reduction = KLDivReduction::mean;
  bool log_target = false;  // the target holds logarithms too
};
/// torch.nn.functional.kl_div: y (log y − x) of log-probabilities x, 0 where y is; shapes
/// broadcast.
Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivLossOptions& options = {});

struct MultiMarginLossOptions {
  int64_t p = 1;  // 1 or 2
  double margin = 1;
  Tensor weight = {};  // (K), one a class
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.multi_margin_loss: Σ_{k ≠ t} w_t max(0, margin − x_t + x_k)^p / K of scores
/// x (N, K) or (K) and int64 indices t (N) or ().
Tensor multi_margin_loss(const Tensor& input, const Tensor& target,
                         const MultiMarginLossOptions& options = {});

/// torch.nn.functional.multilabel_margin_loss: Σ max(0, 1 − (x_t − x_k)) / K over the labels t and
/// all k that are none, of scores x (N, K) or (K) and int64 targets of that shape: the labels of a
/// row up to its first −1.
Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target,
                              LossReduction reduction = LossReduction::mean);

struct MultiLabelSoftMarginLossOptions {
  Tensor weight = {};  // (K), one a class
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.multilabel_soft_margin_loss: the mean over the last dimension of
/// binary_cross_entropy_with_logits.
Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target,
                                   const MultiLabelSoftMarginLossOptions& options = {});

}  // namespace cuttle
