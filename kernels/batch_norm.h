// Batch normalisation with given statistics: forward, and the gradient of x. The statistics come
// from a reduction (reduce.h), the gradients of weight and bias from norm.h.
#pragma once

#include "norm.h"

namespace cuttle::kernels {

/// What a training step leaves behind, beside y:
///   mean ← mean + factor · (batch mean − mean), variance likewise with that of the batch,
///   unbiased.
/// factor is `momentum` or, where `steps` is given, 1 / steps[0]: the average of all batches.
/// mean nullptr: there is nothing to keep.
template <class T>
struct RunningStatistics {
  T* mean = nullptr;
  T* variance = nullptr;
  double momentum = 0;
  const int64_t* steps = nullptr;
};

/// y as in NormTerms, whose spread is the variance, and the running statistics. x and y are as in
/// NormShape, `shared`. T: float, double.
template <class T>
void batch_norm_forward(cpu::Stream, const NormShape& shape, const NormTerms<T>& terms,
                        const RunningStatistics<T>& running, const T* x, T* y);
template <class T>
void batch_norm_forward(cuda::Stream, const NormShape& shape, const NormTerms<T>& terms,
                        const RunningStatistics<T>& running, const T* x, T* y);

/// dx = rstd · weight · (g − (dbias + x̂ · dweight) / count), with norm_backward_affine's g and
/// sums, x̂ = (x − mean) · rstd; or rstd · weight · g where dweight is nullptr: the statistics were
/// constants.
template <class T>
void batch_norm_backward(cpu::Stream, const NormShape& shape, const NormTerms<T>& terms, const T* x,
                         const T* dy, const T* dweight, const T* dbias, T* dx);
template <class T>
void batch_norm_backward(cuda::Stream, const NormShape& shape, const NormTerms<T>& terms,
                         const T* x, const T* dy, const T* dweight, const T* dbias, T* dx);

}  // namespace cuttle::kernels
