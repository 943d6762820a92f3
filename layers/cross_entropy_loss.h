// CrossEntropyLoss: softmax and negative log likelihood of class indices.
#pragma once

#include "../core/ops/cross_entropy.h"
#include "module.h"

namespace cuttle {

struct CrossEntropyLossOptions {
  Tensor weight = {};  // (K), one factor a class; undefined: all 1
  LossReduction reduction = LossReduction::mean;
  int64_t ignore_index = -100;  // rows with this target count for nothing
  double label_smoothing = 0;   // in [0, 1]
};

/// torch.nn.CrossEntropyLoss: logits (N, K) and targets (N) of int64 class indices give a scalar,
/// or (N) with LossReduction::none. The class weight is a buffer: to() and cuda() move it.
class CrossEntropyLoss : public Module {
 public:
  /// Throws Error for a weight that is not a floating-point vector, and for smoothing outside
  /// [0, 1].
  explicit CrossEntropyLoss(const CrossEntropyLossOptions& options = {});

  using Module::forward;
  virtual Tensor forward(const Tensor& input, const Tensor& target);
  Tensor operator()(const Tensor& input, const Tensor& target) {
    return call([this](const Tensor& x, const Tensor& y) { return forward(x, y); }, input, target);
  }

  Tensor& weight;  // undefined without

 private:
  CrossEntropyOptions options_;
};

}  // namespace cuttle
