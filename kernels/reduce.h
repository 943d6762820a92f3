// Reductions over some dimensions of a tensor: sum, and the index of the largest element.
#pragma once

#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// Output element o is the reduction of `inner.numel()` inputs:
///   x + Σ o_d · outer.strides[0][d] + Σ r_d · inner.strides[0][d].
/// outer's operands are (x, out), inner's are (x). inner.numel() may be 0 for sum (the result is
/// 0).
struct ReduceLoop {
  StridedLoop<2> outer;
  StridedLoop<1> inner;
};

/// out = Σ x. Accumulated in T at least as wide as float, in an order fixed by shape, strides and
/// the alignment of x alone, so that the result is the same in every run: in double on the CPU, and
/// on the GPU compensated and in a tree, so that a sum of 10⁸ numbers of one sign is right to some
/// units of its last digit. T: float, double, int64_t, int32_t.
template <class T>
void sum(cpu::Stream, const ReduceLoop& loop, const T* x, T* out);
template <class T>
void sum(cuda::Stream, const ReduceLoop& loop, const T* x, T* out);

/// out = position, in inner order, of the first largest element; a NaN counts as largest.
/// inner.numel() ≥ 1. T: float, double, int64_t, int32_t, uint8_t.
template <class T>
void argmax(cpu::Stream, const ReduceLoop& loop, const T* x, int64_t* out);
template <class T>
void argmax(cuda::Stream, const ReduceLoop& loop, const T* x, int64_t* out);

}  // namespace cuttle::kernels
