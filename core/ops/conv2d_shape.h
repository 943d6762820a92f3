// What the operations with a convolution in them share: its checks and the layout of their tensors.
// For core/ops alone.
#pragma once

#include "../../kernels/conv2d.h"
#include "conv2d.h"

namespace cuttle {

/// Checks the arguments of a convolution, throwing the Errors of conv2d, and returns its measures.
kernels::Conv2dShape conv2d_shape(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                  const Conv2dOptions& options);

/// The tensor, copied where it does not lie channels last.
Tensor channels_last(const Tensor& x);
/// Of the dtype and on the device of `like`.
Tensor empty_channels_last(const Shape& shape, const Tensor& like);

}  // namespace cuttle
