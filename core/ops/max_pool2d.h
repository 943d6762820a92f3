// Two-dimensional max pooling.
#pragma once

#include <optional>

#include "conv2d.h"

namespace cuttle {

struct MaxPool2dOptions {
  std::optional<Pair> stride = {};  // the kernel's size where not given
  Pair padding = 0;                 // at most half the kernel; padded places never win
  Pair dilation = 1;
  bool ceil_mode = false;  // round output sizes up: windows may reach over the edge
};

/// torch.nn.functional.max_pool2d: input (N, C, H, W), gives (N, C, OH, OW) with channels-last
/// strides. Of equal elements the first gets the gradient; a NaN counts as largest, and of several
/// the last gets it.
Tensor max_pool2d(const Tensor& input, Pair kernel_size, const MaxPool2dOptions& options = {});

/// PyTorch's positional arguments: max_pool2d(x, 3, 2, 1).
inline Tensor max_pool2d(const Tensor& input, Pair kernel_size, Pair stride, Pair padding = 0) {
  return max_pool2d(input, kernel_size, MaxPool2dOptions{.stride = stride, .padding = padding});
}

}  // namespace cuttle
