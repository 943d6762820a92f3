// Planes resampled: average pooling and interpolation, which all are weighted sums of inputs, one
// weight a dimension. Channels last.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

enum class ResampleMode : uint8_t { average, adaptive, nearest, nearest_exact, linear, cubic };

/// One dimension; in and out below 2³¹, and of `adaptive` (in + 1) · (out + 1) below 2³². What each
/// mode makes of it: kernels/resample_axis.h.
struct ResampleAxis {
  int64_t in = 1, out = 1;
  // average
  int64_t kernel = 1, stride = 1, padding = 0;
  int64_t divisor = 0;         // the sum's, in place of the window's size; 0: none
  bool counts_padding = true;  // as part of the window's size
  // interpolation
  double scale = 1;  // inputs an output
  bool align_corners = false;
};

struct ResampleShape {
  ResampleMode mode = ResampleMode::average;
  int64_t n = 0, c = 0;
  ResampleAxis height, width;
};

/// y (N, OH, OW, C) from x (N, IH, IW, C): y[n,o,p,c] = Σ_i Σ_j a(o,i) b(p,j) x[n,i,j,c] / (d(o)
/// e(p)), i and j rising. A weight of 0 meets no element. T: float, double.
template <class T>
void resample_forward(cpu::Stream, const ResampleShape& shape, const T* x, T* y);
template <class T>
void resample_forward(cuda::Stream, const ResampleShape& shape, const T* x, T* y);

/// Its adjoint: overwrites dx (N, IH, IW, C) with the sums of dy (N, OH, OW, C) by the same
/// weights, outputs rising. Both devices give the same bits.
template <class T>
void resample_backward(cpu::Stream, const ResampleShape& shape, const T* dy, T* dx);
template <class T>
void resample_backward(cuda::Stream, const ResampleShape& shape, const T* dy, T* dx);

}  // namespace cuttle::kernels
