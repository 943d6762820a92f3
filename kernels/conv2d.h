// Two-dimensional convolution (cross-correlation, as in PyTorch), channels last.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

/// Memory layout: x (N, H, W, C), weight (O, KH, KW, C / groups), y (N, OH, OW, O), all dense; bias
/// (O).
///   y[n,oh,ow,o] = bias[o] + Σ_{kh,kw,c} x[n, oh·stride − padding + kh·dilation, …, g·C/groups +
///   c]
///                                        · weight[o,kh,kw,c],      g = o / (O / groups)
/// with x = 0 outside its bounds. OH, OW >= 1 as given: the padding in front is said, behind there
/// is as much as the last window needs. N may be 0 (weight gradients are then 0).
struct Conv2dShape {
  int64_t n = 0, c = 0, h = 0, w = 0;
  int64_t o = 0, kh = 0, kw = 0;
  int64_t oh = 0, ow = 0;
  int64_t stride_h = 1, stride_w = 1;
  int64_t padding_h = 0, padding_w = 0;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t groups = 1;

  friend bool operator==(const Conv2dShape&, const Conv2dShape&) = default;
};

/// `bias` may be nullptr. T: float, double, on the CPU also BFloat16, with sums in float that are
/// rounded once (all three functions).
template <class T>
void conv2d_forward(cpu::Stream, const Conv2dShape& shape, const T* x, const T* weight,
                    const T* bias, T* y);
template <class T>
void conv2d_forward(cuda::Stream, const Conv2dShape& shape, const T* x, const T* weight,
                    const T* bias, T* y);

/// Overwrites dx (N, H, W, C) with the gradient of the input.
template <class T>
void conv2d_backward_input(cpu::Stream, const Conv2dShape& shape, const T* dy, const T* weight,
                           T* dx);
template <class T>
void conv2d_backward_input(cuda::Stream, const Conv2dShape& shape, const T* dy, const T* weight,
                           T* dx);

/// Overwrites dweight (O, KH, KW, C / groups) and, unless nullptr, dbias (O).
template <class T>
void conv2d_backward_weight(cpu::Stream, const Conv2dShape& shape, const T* x, const T* dy,
                            T* dweight, T* dbias);
template <class T>
void conv2d_backward_weight(cuda::Stream, const Conv2dShape& shape, const T* x, const T* dy,
                            T* dweight, T* dbias);

}  // namespace cuttle::kernels
