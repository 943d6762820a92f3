// The kernels of convolution on tensors: allocation, dispatch, and what becomes of the dtypes that
// have no kernel. Nothing here is recorded. For core/ops alone.
#pragma once

#include "../../kernels/conv2d.h"
#include "../tensor.h"

namespace cuttle {

/// y (N, O, OH, OW), channels last, of x (N, C, H, W), weight (O, C / groups, KH, KW) and bias (O)
/// or undefined; they may lie as they like.
Tensor run_conv2d(const kernels::Conv2dShape& shape, const Tensor& x, const Tensor& weight,
                  const Tensor& bias);

/// The gradient of x, channels last, from that of y; plus a bias (C) unless undefined.
Tensor run_conv2d_input_gradient(const kernels::Conv2dShape& shape, const Tensor& dy,
                                 const Tensor& weight, const Tensor& bias = {});

struct WeightGradients {
  Tensor weight, bias;
};
/// That of the weight, channels last, and `with_bias` that of the bias.
WeightGradients run_conv2d_weight_gradient(const kernels::Conv2dShape& shape, const Tensor& x,
                                           const Tensor& dy, bool with_bias);

}  // namespace cuttle
