// Two-dimensional max pooling, channels last.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

/// Memory layout: x (N, H, W, C), y and index (N, OH, OW, C), all dense. Output (oh, ow) looks at
/// x[oh·stride − padding + i·dilation, ow·stride − padding + j·dilation] for i < kh, j < kw inside
/// x. Every window holds at least one element of x.
struct MaxPool2dShape {
  int64_t n = 0, c = 0, h = 0, w = 0;
  int64_t kh = 0, kw = 0;
  int64_t oh = 0, ow = 0;
  int64_t stride_h = 1, stride_w = 1;
  int64_t padding_h = 0, padding_w = 0;
  int64_t dilation_h = 1, dilation_w = 1;

  friend bool operator==(const MaxPool2dShape&, const MaxPool2dShape&) = default;
};

/// y = the largest element of each window; index = its place h·W + w in the plane, the first one
/// where several are equal; a NaN counts as largest, and of several NaN the last, as in PyTorch.
/// With `index == nullptr` it is not written: no backward will come. T: float, double.
template <class T>
void max_pool2d_forward(cpu::Stream, const MaxPool2dShape& shape, const T* x, T* y, int32_t* index);
template <class T>
void max_pool2d_forward(cuda::Stream, const MaxPool2dShape& shape, const T* x, T* y,
                        int32_t* index);

/// Overwrites dx (N, H, W, C): each dy is added at its window's largest element, in the order of
/// the outputs, so both devices give the same bits.
template <class T>
void max_pool2d_backward(cpu::Stream, const MaxPool2dShape& shape, const T* dy,
                         const int32_t* index, T* dx);
template <class T>
void max_pool2d_backward(cuda::Stream, const MaxPool2dShape& shape, const T* dy,
                         const int32_t* index, T* dx);

/// The backward's own derivative, which is linear: y[n,oh,ow,c] = x at the place that index
/// [n,oh,ow,c] names in its plane.
template <class T>
void max_pool2d_pick(cpu::Stream, const MaxPool2dShape& shape, const T* x, const int32_t* index,
                     T* y);
template <class T>
void max_pool2d_pick(cuda::Stream, const MaxPool2dShape& shape, const T* x, const int32_t* index,
                     T* y);

}  // namespace cuttle::kernels
