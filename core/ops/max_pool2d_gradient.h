// The gradient of a max pooling as an operation of its own, for pooling alone and behind a
// convolution. For core/ops alone.
#pragma once

#include "../../kernels/max_pool2d.h"
#include "../tensor.h"

namespace cuttle {

/// (N, C, H, W), channels last: the sum of the elements of `dy` (N, C, OH, OW) at the places in
/// their planes that `index` names (int32, of dy's shape, channels last). Linear in dy and
/// recorded, so it has derivatives of every order.
Tensor max_pool2d_gradient(const kernels::MaxPool2dShape& shape, const Tensor& index,
                           const Tensor& dy);

/// How a gradient depends on dy is linear as well: the elements of `x` (N, C, H, W) that index
/// names, recorded, with `gradient`, such a function as the one above, as its gradient.
using MaxPool2dGradient = Tensor (*)(const kernels::MaxPool2dShape& shape, const Tensor& index,
                                     const Tensor& dy);
Tensor max_pool2d_pick(const kernels::MaxPool2dShape& shape, const Tensor& index, const Tensor& x,
                       MaxPool2dGradient gradient);

}  // namespace cuttle
