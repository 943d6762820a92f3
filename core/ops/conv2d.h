// Two-dimensional convolution.
#pragma once

#include "../tensor.h"
#include "convolution_options.h"

namespace cuttle {

/// torch.nn.functional.conv2d: input (N, C, H, W), weight (O, C / groups, KH, KW), bias (O) or
/// undefined; gives (N, O, OH, OW) with channels-last strides,
///   OH = ⌊(H + 2 · padding − dilation · (KH − 1) − 1) / stride⌋ + 1, OW likewise.
/// A padding_mode other than "zeros" is a pad() before. float16 and bfloat16 are computed with
/// float32 sums and rounded once. Throws Error for shapes, dtypes, devices and options that do not
/// fit.
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});

}  // namespace cuttle
