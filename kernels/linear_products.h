// The linear layer as three calls of gemm and one of sum: for CPUs, and for large layers on GPUs.
#pragma once

#include "gemm.h"
#include "linear.h"
#include "reduce.h"

namespace cuttle::kernels {

/// See linear_forward.
template <class Stream, class T>
void linear_forward_by_gemm(Stream stream, const LinearShape& s, const T* x, const T* weight,
                            const T* bias, T* y) {
  gemm(stream, GemmShape{s.rows, s.out, s.in, false, true}, x, weight, bias, y);
}

/// See linear_backward.
template <class Stream, class T>
void linear_backward_by_gemm(Stream stream, const LinearShape& s, const T* x, const T* weight,
                             const T* dy, const LinearGradients<T>& gradients) {
  const T* const no_bias = nullptr;
  if (gradients.dx) gemm(stream, GemmShape{s.rows, s.in, s.out}, dy, weight, no_bias, gradients.dx);
  if (gradients.dweight)
    gemm(stream, GemmShape{s.out, s.in, s.rows, true}, dy, x, no_bias, gradients.dweight);
  if (gradients.dbias) {
    const ReduceLoop columns = {{1, {s.out}, {{1}, {1}}}, {1, {s.rows}, {{s.out}}}};
    reduce(stream, ReduceOp::sum, 0, columns, dy, {gradients.dbias});
  }
}

}  // namespace cuttle::kernels
