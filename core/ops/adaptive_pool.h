// Adaptive pooling: as many windows as the output has places, of sizes that follow.
#pragma once

#include <optional>

#include "../values_indices.h"
#include "conv2d.h"

namespace cuttle {

/// One number for both sides, or two; {} keeps the input's: OutputSize({}, 7).
struct OutputSize {
  OutputSize(int64_t both) : height(both), width(both) {}           // NOLINT: 7 is (7, 7)
  OutputSize(int both) : OutputSize(static_cast<int64_t>(both)) {}  // NOLINT
  OutputSize(std::optional<int64_t> h, std::optional<int64_t> w) : height(h), width(w) {}

  std::optional<int64_t> height, width;
};

// Output o of O takes the inputs from ⌊o · I / O⌋ to before ⌈(o + 1) · I / O⌉. Inputs are (N, C, H,
// W) or (C, H, W), in one dimension (N, C, L) or (C, L). Derivatives of every order. Throw Error
// for output sizes below 0 and for inputs without elements in their planes.

/// torch.nn.functional.adaptive_avg_pool2d: the mean of each window, with channels-last strides.
/// Size 1, the mean of the plane, is a reduction that takes any layout.
Tensor adaptive_avg_pool2d(const Tensor& input, const OutputSize& output_size);
Tensor adaptive_avg_pool1d(const Tensor& input, int64_t output_size);

/// torch.nn.functional.adaptive_max_pool2d: the largest element of each window; of equals the first
/// gets the gradient.
Tensor adaptive_max_pool2d(const Tensor& input, const OutputSize& output_size);
Tensor adaptive_max_pool1d(const Tensor& input, int64_t output_size);

/// The same with return_indices: where in its plane, row-major, each was found.
ValuesIndices adaptive_max_pool2d_with_indices(const Tensor& input, const OutputSize& output_size);
ValuesIndices adaptive_max_pool1d_with_indices(const Tensor& input, int64_t output_size);

}  // namespace cuttle
