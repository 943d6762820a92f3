// Average pooling over windows.
#pragma once

#include <optional>

#include "conv2d.h"

namespace cuttle {

struct AvgPool2dOptions {
  std::optional<Pair> stride = {};  // the kernel's size where not given
  Pair padding = 0;                 // at most half the kernel; zeros
  bool ceil_mode = false;           // round output sizes up: windows may reach over the edge
  bool count_include_pad = true;    // padded places count as elements of a window
  std::optional<int64_t> divisor_override = {};  // in place of the window's size; not 0
};

/// torch.nn.functional.avg_pool2d: input (N, C, H, W) or (C, H, W), gives (N, C, OH, OW) with
/// channels-last strides, or (C, OH, OW): the sum of each window divided by its size. Derivatives
/// of every order. Throws Error for a kernel that does not fit and for options out of range.
Tensor avg_pool2d(const Tensor& input, Pair kernel_size, const AvgPool2dOptions& options = {});

struct AvgPool1dOptions {
  std::optional<int64_t> stride = {};
  int64_t padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
};

/// torch.nn.functional.avg_pool1d: the same of (N, C, L) or (C, L).
Tensor avg_pool1d(const Tensor& input, int64_t kernel_size, const AvgPool1dOptions& options = {});

}  // namespace cuttle
