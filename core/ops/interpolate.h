// Planes and lines in other sizes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../tensor.h"

namespace cuttle {

struct InterpolateOptions {
  std::vector<int64_t> size = {};         // of the result, one for each dimension or one for all;
  std::vector<double> scale_factor = {};  // or factors, likewise, whose products are rounded down
  std::string mode =
      "nearest";  // "nearest", "nearest-exact", "linear" (lines), "bilinear", "bicubic"
  bool align_corners = false;           // of the last three: the ends lie on each other
  bool recompute_scale_factor = false;  // place outputs by the sizes, not by the given factors
};

/// torch.nn.functional.interpolate: input (N, C, L) or (N, C, H, W), gives that with other L, H, W,
/// planes with channels-last strides. Linear in the input, with derivatives of every order. Throws
/// Error unless just one of size and scale_factor is given, for a mode that there is none of or
/// that does not fit the input, and for align_corners with a nearest mode.
Tensor interpolate(const Tensor& input, const InterpolateOptions& options);

}  // namespace cuttle
