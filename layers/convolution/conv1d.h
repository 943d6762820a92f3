// Conv1d: a bank of filters along a sequence.
#pragma once

#include "convolution.h"

namespace cuttle {

/// torch.nn.Conv1d: input (N, in_channels, L), gives (N, out_channels, OL), OL as OH of Conv2d.
class Conv1d : public ConvolutionOf<Conv1d, Single> {
 public:
  using ConvolutionOf::ConvolutionOf;
};

}  // namespace cuttle
