// Conv2d: a bank of two-dimensional filters.
#pragma once

#include "../../core/ops/conv2d.h"
#include "convolution.h"

namespace cuttle {

/// torch.nn.Conv2d: input (N, in_channels, H, W), gives (N, out_channels, OH, OW) with
///   OH = ⌊(H + 2 · padding − dilation · (kernel − 1) − 1) / stride⌋ + 1, OW likewise.
class Conv2d : public ConvolutionOf<Conv2d, Pair> {
 public:
  using ConvolutionOf::ConvolutionOf;
};

}  // namespace cuttle
