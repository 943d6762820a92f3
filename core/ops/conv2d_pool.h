// Two-dimensional convolution and max pooling as one operation.
#pragma once

#include "conv2d.h"

namespace cuttle {

/// What an operation does to its result before it gives it on.
enum class Activation { none, relu };

/// max_pool2d(conv2d(input, weight, bias, options), 2), or with relu() between the two, without
/// the unpooled tensor: input (N, C, H, W) gives (N, O, OH / 2, OW / 2) with channels-last strides,
/// where (OH, OW) is the convolution's size and an odd last row or column is left out. Values and
/// gradients are those of the operations one after the other, with equal elements and NaN too; on
/// a GPU sums may be added in another order. For the backward a byte for each element is kept.
/// Throws the Errors of conv2d, and max_pool2d's where the convolution is smaller than a window.
Tensor conv2d_max_pool2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                         const Conv2dOptions& options = {},
                         Activation activation = Activation::none);

}  // namespace cuttle
