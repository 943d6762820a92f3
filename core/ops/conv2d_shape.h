// What the operations with a convolution in them share: its checks and the layout of their tensors.
// For core/ops alone.
#pragma once

#include "../../kernels/conv2d.h"
#include "conv2d.h"
#include "convolution_settings.h"

namespace cuttle {

/// A convolution x -> y of any number of dimensions, its arguments checked. `padding` lies in
/// front; behind, there is as much as the sizes of y need.
struct ConvolutionShape {
  int64_t n = 0, c = 0, o = 0, groups = 1;
  Extents in = {}, kernel = {}, out = {}, stride = {}, padding = {}, dilation = {};

  /// Along height and width alone.
  kernels::Conv2dShape plane() const;
};

/// What a convolution works on: the input, padded where that is not by zeros, and the measures.
struct PreparedConvolution {
  Tensor x;
  ConvolutionShape shape;
};

/// Checks the arguments of a convolution, throwing the Errors of conv2d.
PreparedConvolution prepare_convolution(const Tensor& input, const Tensor& weight,
                                        const Tensor& bias, const ConvolutionSettings& settings);

/// Checks those of a transposed one. Its input is the shape's y, what it gives the shape's x.
ConvolutionShape transposed_convolution_shape(const Tensor& input, const Tensor& weight,
                                              const Tensor& bias,
                                              const ConvolutionSettings& settings,
                                              const std::optional<Shape>& output_size);

/// The tensor, copied where it does not lie channels last.
Tensor channels_last(const Tensor& x);
/// Of the dtype and on the device of `like`.
Tensor empty_channels_last(const Shape& shape, const Tensor& like);

}  // namespace cuttle
