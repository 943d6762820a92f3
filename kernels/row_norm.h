// Normalisation of each row by its own mean and variance: layers, groups of channels, instances;
// or by its root mean square alone.
#pragma once

#include "norm.h"

namespace cuttle::kernels {

/// A row is one outer slice of one group: per_group · inner elements, dense; outer · groups of
/// them. Writes mean and rstd = 1 / √(variance + eps) of each, and y = (x − mean) · rstd · weight +
/// bias with weight and bias (channels), nullptr: 1 and 0. With `mean` nullptr the mean is taken as
/// 0 and the variance as the mean of the squares. Rows hold less than 2³¹ elements. T: float,
/// double.
template <class T>
void row_norm_forward(cpu::Stream, const NormShape& shape, double eps, const T* x, const T* weight,
                      const T* bias, T* y, T* mean, T* rstd);
template <class T>
void row_norm_forward(cuda::Stream, const NormShape& shape, double eps, const T* x, const T* weight,
                      const T* bias, T* y, T* mean, T* rstd);

/// dx = rstd · (g − a − x̂ · b), with g = dy · weight, x̂ = (x − mean) · rstd, a the row's mean of g
/// (0 where terms.mean is nullptr) and b that of g · x̂. terms.spread is rstd.
template <class T>
void row_norm_backward(cpu::Stream, const NormShape& shape, const NormTerms<T>& terms, const T* x,
                       const T* dy, T* dx);
template <class T>
void row_norm_backward(cuda::Stream, const NormShape& shape, const NormTerms<T>& terms, const T* x,
                       const T* dy, T* dx);

}  // namespace cuttle::kernels
