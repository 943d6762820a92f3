// Average pooling and interpolation as one recorded operation. For core/ops alone.
#pragma once

#include <string_view>

#include "../../kernels/resample.h"
#include "../tensor.h"

namespace cuttle {

/// x (N, C, H, W) resampled to (N, C, OH, OW), channels last (kernels/resample.h); n and c of the
/// shape are set here. Linear, with derivatives of every order: it and its gradient are each
/// other's. Halves are computed in float32 and rounded once. `op` is a literal.
Tensor resample(std::string_view op, kernels::ResampleShape shape, const Tensor& x);

}  // namespace cuttle
