// Losses of classes. Formulas, options and errors: core/ops/losses/cross_entropy.h and
// classification.h. Weights are buffers: to() and cuda() move them.
#pragma once

#include "../../core/ops/losses/classification.h"
#include "../../core/ops/losses/cross_entropy.h"
#include "loss.h"

namespace cuttle {

struct CrossEntropyLossOptions {
  Tensor weight = {};  // (K), one factor a class; undefined: all 1
  LossReduction reduction = LossReduction::mean;
  int64_t ignore_index = -100;  // rows with this target count for nothing
  double label_smoothing = 0;   // in [0, 1]
};

/// torch.nn.CrossEntropyLoss: logits (N, K), (N, K, d1, …) or (K) and targets, int64 class indices
/// or class probabilities, give a scalar, or the losses with LossReduction::none.
class CrossEntropyLoss : public Loss {
 public:
  /// Throws Error for a weight that is not a floating-point vector, and for smoothing outside
  /// [0, 1].
  explicit CrossEntropyLoss(const CrossEntropyLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

  Tensor& weight;  // undefined without

 private:
  CrossEntropyOptions options_;
};

struct NLLLossModuleOptions {
  Tensor weight = {};  // (K)
  LossReduction reduction = LossReduction::mean;
  int64_t ignore_index = -100;
};

/// torch.nn.NLLLoss: the same of log-probabilities and class indices.
class NLLLoss : public Loss {
 public:
  explicit NLLLoss(const NLLLossModuleOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

  Tensor& weight;  // undefined without

 private:
  NLLLossOptions options_;
};

/// torch.nn.BCELoss: of the probability of one class.
class BCELoss : public Loss {
 public:
  explicit BCELoss(const BCELossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

  Tensor& weight;  // undefined without

 private:
  LossReduction reduction_;
};

/// torch.nn.BCEWithLogitsLoss: of its logit.
class BCEWithLogitsLoss : public Loss {
 public:
  explicit BCEWithLogitsLoss(const BCEWithLogitsLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

  Tensor& weight;      // undefined without
  Tensor& pos_weight;  // undefined without

 private:
  LossReduction reduction_;
};

/// torch.nn.KLDivLoss: of log-probabilities; KLDivReduction::batchmean is the divergence's mean.
class KLDivLoss : public LossWith<KLDivLoss, Loss, KLDivLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.MultiMarginLoss: the right class's score above all others by a margin.
class MultiMarginLoss : public Loss {
 public:
  explicit MultiMarginLoss(const MultiMarginLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

  Tensor& weight;  // undefined without

 private:
  MultiMarginLossOptions options_;  // without the weight
};

/// torch.nn.MultiLabelMarginLoss: the scores of all labels above those of the other classes.
class MultiLabelMarginLoss : public LossWith<MultiLabelMarginLoss, Loss, LossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.MultiLabelSoftMarginLoss: the mean of the binary losses of all classes.
class MultiLabelSoftMarginLoss : public Loss {
 public:
  explicit MultiLabelSoftMarginLoss(const MultiLabelSoftMarginLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

  Tensor& weight;  // undefined without

 private:
  LossReduction reduction_;
};

}  // namespace cuttle
