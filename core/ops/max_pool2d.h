// Max pooling of planes and lines, and what undoes it.
#pragma once

#include <optional>

#include "../values_indices.h"
#include "conv2d.h"

namespace cuttle {

struct MaxPool2dOptions {
  std::optional<Pair> stride = {};  // the kernel's size where not given
  Pair padding = 0;                 // at most half the kernel; padded places never win
  Pair dilation = 1;
  bool ceil_mode = false;  // round output sizes up: windows may reach over the edge
};

/// torch.nn.functional.max_pool2d: input (N, C, H, W) or (C, H, W), gives (N, C, OH, OW) with
/// channels-last strides, or (C, OH, OW). Of equal elements the first gets the gradient; a NaN
/// counts as largest, and of several the last gets it.
Tensor max_pool2d(const Tensor& input, Pair kernel_size, const MaxPool2dOptions& options = {});

/// PyTorch's positional arguments: max_pool2d(x, 3, 2, 1).
inline Tensor max_pool2d(const Tensor& input, Pair kernel_size, Pair stride, Pair padding = 0) {
  return max_pool2d(input, kernel_size, MaxPool2dOptions{.stride = stride, .padding = padding});
}

/// The same with return_indices: where in its plane, row-major, each was found.
ValuesIndices max_pool2d_with_indices(const Tensor& input, Pair kernel_size,
                                      const MaxPool2dOptions& options = {});

struct MaxPool1dOptions {
  std::optional<int64_t> stride = {};
  int64_t padding = 0;
  int64_t dilation = 1;
  bool ceil_mode = false;
};

/// torch.nn.functional.max_pool1d: the same of (N, C, L) or (C, L).
Tensor max_pool1d(const Tensor& input, int64_t kernel_size, const MaxPool1dOptions& options = {});
ValuesIndices max_pool1d_with_indices(const Tensor& input, int64_t kernel_size,
                                      const MaxPool1dOptions& options = {});

struct MaxUnpool2dOptions {
  std::optional<Pair> stride = {};  // the kernel's size where not given
  Pair padding = 0;
  std::optional<Pair> output_size = {};  // (H, W); where not given, the smallest that fits
};

/// torch.nn.functional.max_unpool2d: the elements of the input (N, C, OH, OW) or (C, OH, OW) at
/// their `indices` (int64, of the input's shape) in planes of zeros. Throws Error for an index out
/// of range; on a GPU it comes with the next wait for the device.
Tensor max_unpool2d(const Tensor& input, const Tensor& indices, Pair kernel_size,
                    const MaxUnpool2dOptions& options = {});

}  // namespace cuttle
