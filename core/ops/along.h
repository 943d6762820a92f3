// Elements moved to and from places, for the files of this folder that found the places.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// out[…, k, …] = x[…, places[…, k, …], …] along dimension d. The places of a line differ, so that
/// the gradient is put_along, and they lie within x: nobody checks. Differentiable again.
Tensor take_along(const Tensor& x, int d, const Tensor& places);
/// Zeros, `length` along dimension d, but for out[…, places[…, k, …], …] = x[…, k, …].
Tensor put_along(const Tensor& x, int d, const Tensor& places, int64_t length);

/// (n, dim()) of `mask`, a bool tensor: the indices of what is true. Waits for the device; `op` is
/// refused while a CUDA graph is captured.
Tensor places_of(std::string_view op, const Tensor& mask);

}  // namespace cuttle
