// A convolution and the gradients of its operands, by measures that are known, on the tape. For
// core/ops alone.
#pragma once

#include "../../kernels/conv2d.h"
#include "../autograd/node.h"

namespace cuttle {

/// conv2d with its arguments checked. Recorded as `op`.
Tensor conv2d_by_shape(std::string_view op, const kernels::Conv2dShape& shape, const Tensor& x,
                       const Tensor& weight, const Tensor& bias = {});

/// dx (N, C, H, W) from dy (N, O, OH, OW) and weight, plus a bias (C) unless undefined: which is a
/// transposed convolution. Recorded as `op`.
Tensor conv2d_input_gradient(std::string_view op, const kernels::Conv2dShape& shape,
                             const Tensor& dy, const Tensor& weight, const Tensor& bias = {});

/// Those of x, weight and bias that are needed, from the convolution's gradient dy (N, O, OH, OW).
/// Convolution, the gradient of its input and the gradient of its weight are each linear in both of
/// their operands, and their derivatives are the other two: there are derivatives of every order.
std::vector<Tensor> recorded_conv2d_gradients(const kernels::Conv2dShape& shape, const Tensor& x,
                                              const Tensor& weight, const Tensor& dy,
                                              const NeededInputs& needed);

}  // namespace cuttle
