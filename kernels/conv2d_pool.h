// Convolution, bias, ReLU where wanted, and 2 × 2 max pooling in one, channels last.
#pragma once

#include "conv2d.h"

namespace cuttle::kernels {

/// y[n,ph,pw,o] = the largest of relu(c[n, 2·ph + i, 2·pw + j, o]), i, j in {0, 1}, where c (N, OH,
/// OW, O) is the convolution with its bias, which is never stored. An odd OH or OW leaves its last
/// row or column out, as pooling without padding does. Dense layouts: x (N, H, W, C), weight (O,
/// KH, KW, C / groups), bias (O), y, dy and index (N, PH, PW, O). N, PH and PW may be 0.
///
/// index: the place 2·i + j of the largest in its window: the first one where several are equal, of
/// several NaN the last, as in max_pool2d.h. 4 where ReLU let nothing through (the largest is 0 or
/// less): no element of the window gets a gradient. ReLU lets a NaN pass.
struct Conv2dPoolShape {
  Conv2dShape conv;
  bool relu = false;

  int64_t ph() const { return conv.oh / 2; }
  int64_t pw() const { return conv.ow / 2; }

  friend bool operator==(const Conv2dPoolShape&, const Conv2dPoolShape&) = default;
};

/// `bias` may be nullptr; with `index == nullptr` it is not written: no backward will come. T:
/// float, double, on the CPU also BFloat16, whose pooled numbers are those of the rounded
/// convolution (all three functions).
template <class T>
void conv2d_pool_forward(cpu::Stream, const Conv2dPoolShape& shape, const T* x, const T* weight,
                         const T* bias, T* y, uint8_t* index);
template <class T>
void conv2d_pool_forward(cuda::Stream, const Conv2dPoolShape& shape, const T* x, const T* weight,
                         const T* bias, T* y, uint8_t* index);

/// Overwrites dx (N, H, W, C) with the gradient of the input.
template <class T>
void conv2d_pool_backward_input(cpu::Stream, const Conv2dPoolShape& shape, const T* dy,
                                const uint8_t* index, const T* weight, T* dx);
template <class T>
void conv2d_pool_backward_input(cuda::Stream, const Conv2dPoolShape& shape, const T* dy,
                                const uint8_t* index, const T* weight, T* dx);

/// Overwrites dweight (O, KH, KW, C / groups) and, unless nullptr, dbias (O).
template <class T>
void conv2d_pool_backward_weight(cpu::Stream, const Conv2dPoolShape& shape, const T* x, const T* dy,
                                 const uint8_t* index, T* dweight, T* dbias);
template <class T>
void conv2d_pool_backward_weight(cuda::Stream, const Conv2dPoolShape& shape, const T* x,
                                 const T* dy, const uint8_t* index, T* dweight, T* dbias);

}  // namespace cuttle::kernels
