// Conv2d: a bank of two-dimensional filters.
#pragma once

#include "../core/ops/conv2d.h"
#include "module.h"

namespace cuttle {

/// torch.nn.Conv2d: input (N, in_channels, H, W), gives (N, out_channels, OH, OW) with
///   OH = ⌊(H + 2 · padding − dilation · (kernel − 1) − 1) / stride⌋ + 1, OW likewise.
/// weight (out_channels, in_channels / groups, KH, KW), stored channels-last, and bias
/// (out_channels) start uniform on ±1 / √(in_channels / groups · KH · KW), PyTorch's values.
class Conv2d : public Module {
 public:
  /// Throws Error for sizes below 1, negative padding, and channels that `groups` does not divide.
  Conv2d(int64_t in_channels, int64_t out_channels, Pair kernel_size,
         const Conv2dOptions& options = {});
  /// PyTorch's positional arguments: Conv2d(3, 32, 5, 1, 2). (A stride in braces needs its name,
  /// {.stride = {2, 1}}: alone they might as well be the options, and do not compile.)
  Conv2d(int64_t in_channels, int64_t out_channels, Pair kernel_size, Pair stride, Pair padding = 0)
      : Conv2d(in_channels, out_channels, kernel_size,
               Conv2dOptions{.stride = stride, .padding = padding}) {}

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;
  /// Draws the initial values anew.
  void reset_parameters();

  const Conv2dOptions& options() const noexcept { return options_; }

  Parameter& weight;
  Parameter& bias;  // undefined without

 private:
  Conv2dOptions options_;
};

}  // namespace cuttle
