// ConvTranspose1d, ConvTranspose2d, ConvTranspose3d: from a convolution's output size to its input.
#pragma once

#include "convolution.h"

namespace cuttle {

/// torch.nn.ConvTranspose1d: input (N, in_channels, L), gives (N, out_channels, OL) with
///   OL = (L − 1) · stride − 2 · padding + dilation · (kernel − 1) + output_padding + 1.
class ConvTranspose1d : public TransposedConvolutionOf<ConvTranspose1d, Single> {
 public:
  using TransposedConvolutionOf::TransposedConvolutionOf;
};

/// torch.nn.ConvTranspose2d: input (N, in_channels, H, W), gives (N, out_channels, OH, OW), each as
/// OL of ConvTranspose1d.
class ConvTranspose2d : public TransposedConvolutionOf<ConvTranspose2d, Pair> {
 public:
  using TransposedConvolutionOf::TransposedConvolutionOf;
};

/// torch.nn.ConvTranspose3d: input (N, in_channels, D, H, W), gives (N, out_channels, OD, OH, OW).
class ConvTranspose3d : public TransposedConvolutionOf<ConvTranspose3d, Triple> {
 public:
  using TransposedConvolutionOf::TransposedConvolutionOf;
};

}  // namespace cuttle
