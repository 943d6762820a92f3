// What pooling and interpolation share: inputs with and without a batch, of one dimension and two;
// the number of windows. For core/ops alone.
#pragma once

#include <string_view>

#include "conv2d.h"

namespace cuttle {

/// An input as planes (N, C, H, W); restore() gives a result back the dimensions that the input
/// had. Lines (N, C, L) are planes of height 1.
class Planes {
 public:
  /// `dims`: 1 for (N, C, L) or (C, L), 2 for (N, C, H, W) or (C, H, W). Throws Error naming `op`
  /// for another shape and for a dtype that is not floating.
  Planes(std::string_view op, const Tensor& input, int dims);

  const Tensor& planes() const noexcept { return planes_; }
  Tensor restore(const Tensor& result) const;

 private:
  Tensor planes_;
  bool batch_, line_;
};

/// Windows along one dimension. With ceil_mode the last may reach over the edge, but must begin
/// inside the input or its left padding. 0 where not one fits.
int64_t window_count(int64_t size, int64_t kernel, int64_t stride, int64_t padding,
                     int64_t dilation, bool ceil_mode);

/// Throws Error naming `op` for a kernel or stride below 1, a padding below 0 or above half the
/// kernel.
void check_windows(std::string_view op, Pair kernel, Pair stride, Pair padding);

}  // namespace cuttle
