// Two-dimensional convolution.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// One number for height and width, or two: {.padding = 2}, {.padding = {2, 1}}.
struct Pair {
  int64_t height = 0, width = 0;
  Pair(int64_t both) : height(both), width(both) {}     // NOLINT: 2 is (2, 2)
  Pair(int both) : Pair(static_cast<int64_t>(both)) {}  // NOLINT
  Pair(int64_t h, int64_t w) : height(h), width(w) {}
};

/// "(2, 1)".
std::ostream& operator<<(std::ostream& out, const Pair& pair);

struct Conv2dOptions {
  Pair stride = 1;
  Pair padding = 0;
  Pair dilation = 1;
  int64_t groups = 1;
  bool bias = true;  // for the layer; the function takes a bias tensor or an undefined one
};

/// torch.nn.functional.conv2d: input (N, C, H, W), weight (O, C / groups, KH, KW), bias (O) or
/// undefined; gives (N, O, OH, OW) with channels-last strides.
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});

}  // namespace cuttle
