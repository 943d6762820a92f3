// Normalisation: what its kernels share, and the gradients of weight and bias, which are the same
// sums for batches, layers, groups and instances. batch_norm.h and row_norm.h have the rest.
#pragma once

#include <cstdint>

#include "host_device.h"
#include "stream.h"

namespace cuttle::kernels {

/// How x falls apart: (outer, channels, inner), dense. inner is 1 where channels are innermost, as
/// in channels-last memory and in rows of features. The channels make `groups` of neighbours; each
/// has a mean and a variance, one of the whole batch where `shared` (groups == channels), else one
/// in every outer slice. Statistics: (channels), or (outer, groups).
struct NormShape {
  int64_t outer = 0, channels = 0, inner = 1;
  int64_t groups = 1;
  bool shared = false;

  CUTTLE_HOST_DEVICE int64_t per_group() const { return channels / groups; }
  /// Elements with one mean.
  int64_t count() const { return (shared ? outer : per_group()) * inner; }
};

/// y = (x − mean) · rstd · weight + bias, cut off at 0 with `relu` (NaN stay). rstd is what
/// `spread` holds or, if that is the variance, 1 / √(variance + eps). mean nullptr: 0; weight
/// (channels) nullptr: 1; bias nullptr: 0.
template <class T>
struct NormTerms {
  const T* mean = nullptr;
  const T* spread = nullptr;
  bool spread_is_variance = false;
  double eps = 0;
  const T* weight = nullptr;
  const T* bias = nullptr;
  bool relu = false;
};

/// dbias[c] = Σ g and dweight[c] = Σ g · (x − mean) · rstd over channel c, with g = dy, or 0 where
/// `relu` cut y off. Of no elements 0. Summed in an order that the shape fixes: on the CPU in
/// double, on the GPU in T and as a tree. T: float, double.
template <class T>
void norm_backward_affine(cpu::Stream, const NormShape& shape, const NormTerms<T>& terms,
                          const T* x, const T* dy, T* dweight, T* dbias);
template <class T>
void norm_backward_affine(cuda::Stream, const NormShape& shape, const NormTerms<T>& terms,
                          const T* x, const T* dy, T* dweight, T* dbias);

}  // namespace cuttle::kernels
