// Whether two tensors are alike: as a whole, or element by element within tolerances.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// True if shapes and all elements are equal; NaN equals nothing. Waits for the device. Throws
/// Error for different devices or dtypes.
bool equal(const Tensor& a, const Tensor& b);

/// bool, broadcast: |a − b| ≤ atol + rtol · |b|, or a == b (so equal infinities are close), or,
/// with equal_nan, both NaN. Integers are compared without overflow, bool by equality. Throws Error
/// for different devices or dtypes and for a negative tolerance.
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
               bool equal_nan = false);

/// True if all are close. Waits for the device.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
              bool equal_nan = false);

}  // namespace cuttle
