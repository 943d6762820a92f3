// What turns a convolution of volumes into one of planes: the slices that a place along the depth
// sees, as channels. For core/ops alone.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// Place o of `out` sees the slices o · stride − padding + k · dilation, k < kernel, of `depth`;
/// zeros where there is none. The volume has groups · channels channels.
struct DepthWindows {
  int64_t n = 0, channels = 0, groups = 1;
  int64_t depth = 0, height = 0, width = 0;
  int64_t kernel = 1, out = 0;
  int64_t stride = 1, padding = 0, dilation = 1;
};

/// x (N, groups · C, D, H, W) as planes (N · out, groups · kernel · C, H, W), channels last.
/// Recorded; its adjoint is added_along_depth.
Tensor windows_along_depth(const DepthWindows& windows, const Tensor& x);

/// The adjoint: planes as above, each slice added to where it came from, (N, groups · C, D, H, W),
/// channels last. In the order of k. Recorded.
Tensor added_along_depth(const DepthWindows& windows, const Tensor& planes);

}  // namespace cuttle
