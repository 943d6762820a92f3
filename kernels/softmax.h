// Softmax and log-softmax over the last dimension of a dense matrix.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

/// y (rows, cols) = softmax of each row of x, or its logarithm with `log`. The row's maximum is
/// subtracted first, so no finite input overflows. T: float, double.
template <class T>
void softmax_forward(cpu::Stream, bool log, int64_t rows, int64_t cols, const T* x, T* y);
template <class T>
void softmax_forward(cuda::Stream, bool log, int64_t rows, int64_t cols, const T* x, T* y);

/// dx = y · (dy − Σ dy·y), or with `log` dx = dy − exp(y) · Σ dy.
template <class T>
void softmax_backward(cpu::Stream, bool log, int64_t rows, int64_t cols, const T* y, const T* dy,
                      T* dx);
template <class T>
void softmax_backward(cuda::Stream, bool log, int64_t rows, int64_t cols, const T* y, const T* dy,
                      T* dx);

}  // namespace cuttle::kernels
