// The gradients of a convolution as operations on the tape. For core/ops alone.
#pragma once

#include "../../kernels/conv2d.h"
#include "../autograd/node.h"

namespace cuttle {

/// Those of x, weight and bias that are needed, from the convolution's gradient dy (N, O, OH, OW).
/// Convolution, the gradient of its input and the gradient of its weight are each linear in both of
/// their operands, and their derivatives are the other two: there are derivatives of every order.
std::vector<Tensor> recorded_conv2d_gradients(const kernels::Conv2dShape& shape, const Tensor& x,
                                              const Tensor& weight, const Tensor& dy,
                                              const NeededInputs& needed);

}  // namespace cuttle
