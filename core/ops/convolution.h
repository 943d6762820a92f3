// Convolution of one and three dimensions, and the transposed ones. That of two is in conv2d.h.
#pragma once

#include "conv2d.h"

namespace cuttle {

/// torch.nn.functional.conv1d: input (N, C, L), weight (O, C / groups, K), bias (O) or undefined;
/// gives (N, O, OL), OL as OH of conv2d. Results lie channels last.
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
              const Conv1dOptions& options = {});

/// torch.nn.functional.conv3d: input (N, C, D, H, W), weight (O, C / groups, KD, KH, KW), bias (O)
/// or undefined; gives (N, O, OD, OH, OW), channels last. A conv2d whose channels are those of the
/// KD slices that a place of the output sees; they are copied together, KD times the input.
Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
              const Conv3dOptions& options = {});

/// torch.nn.functional.conv_transpose2d, what takes a convolution's output back to its input: the
/// adjoint of conv2d with the same weight. input (N, C, H, W), weight (C, O / groups, KH, KW), bias
/// (O) or undefined; gives (N, O, OH, OW) with channels-last strides,
///   OH = (H − 1) · stride − 2 · padding + dilation · (KH − 1) + output_padding + 1, OW likewise:
///   y[n, o, h · stride − padding + kh · dilation, …] += x[n, c, h, …] · weight[c, o, kh, …].
/// Throws Error for shapes, dtypes and devices that do not fit, an output_padding that is neither
/// below the stride nor the dilation, and where no output is left.
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose2dOptions& options = {});
/// The same for (N, C, L) and weight (C, O / groups, K).
Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose1dOptions& options = {});
/// The same for (N, C, D, H, W) and weight (C, O / groups, KD, KH, KW).
Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose3dOptions& options = {});

}  // namespace cuttle
