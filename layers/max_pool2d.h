// MaxPool2d: the largest value of each window.
#pragma once

#include "../core/ops/max_pool2d.h"
#include "module.h"

namespace cuttle {

/// torch.nn.MaxPool2d: input (N, C, H, W), gives (N, C, OH, OW). The stride is the kernel's size
/// where none is given.
class MaxPool2d : public Module {
 public:
  /// Throws Error for sizes below 1 and for padding below 0 or above half the kernel.
  explicit MaxPool2d(Pair kernel_size, const MaxPool2dOptions& options = {});

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  Pair kernel_size_;
  MaxPool2dOptions options_;
};

}  // namespace cuttle
