// Conv3d: a bank of three-dimensional filters.
#pragma once

#include "convolution.h"

namespace cuttle {

/// torch.nn.Conv3d: input (N, in_channels, D, H, W), gives (N, out_channels, OD, OH, OW), each as
/// OH of Conv2d.
class Conv3d : public ConvolutionOf<Conv3d, Triple> {
 public:
  using ConvolutionOf::ConvolutionOf;
};

}  // namespace cuttle
