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
  /// MaxPool2d({3, 2}): without it the braces might as well be another layer's arguments.
  explicit MaxPool2d(const int64_t (&kernel_size)[2], const MaxPool2dOptions& options = {})
      : MaxPool2d(Pair(kernel_size[0], kernel_size[1]), options) {}
  /// PyTorch's positional arguments: MaxPool2d(3, 2, 1). (A stride in braces needs its name,
  /// {.stride = Pair(2, 1)}: alone they might as well be the options, and do not compile.)
  MaxPool2d(Pair kernel_size, Pair stride, Pair padding = 0)
      : MaxPool2d(kernel_size, MaxPool2dOptions{.stride = stride, .padding = padding}) {}

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

  const Pair& kernel_size() const noexcept { return kernel_size_; }
  const MaxPool2dOptions& options() const noexcept { return options_; }

 private:
  Pair kernel_size_;
  MaxPool2dOptions options_;
};

}  // namespace cuttle
