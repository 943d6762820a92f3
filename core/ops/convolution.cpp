// The functions of the family: what they have in common, and how one and three dimensions become
// two.
#include "convolution.h"

#include "../autocast.h"
#include "arithmetic.h"
#include "conv2d_gradients.h"
#include "conv2d_shape.h"
#include "depth_windows.h"

namespace cuttle {
namespace {

// (N, C, D, H, W) as the D planes of N images, (N · D, C, H, W), channels last.
Tensor as_planes(const Tensor& x) {
  const Shape planes{x.size(0) * x.size(2), x.size(3), x.size(4), x.size(1)};
  return x.permute({0, 2, 3, 4, 1}).reshape(planes).permute({0, 3, 1, 2});
}

// The planes of n images (n · D, C, H, W) as (n, C, D, H, W).
Tensor as_volumes(const Tensor& planes, int64_t n, int64_t depth) {
  const Shape shape{n, depth, planes.size(2), planes.size(3), planes.size(1)};
  return planes.permute({0, 2, 3, 1}).reshape(shape).permute({0, 4, 1, 2, 3});
}

// (O, C / groups, KD, KH, KW) for channels that are those of KD slices: (O, KD · C / groups, KH,
// KW).
Tensor as_plane_weight(const Tensor& weight) {
  return weight.transpose(1, 2).flatten(1, 2);
}

// The shape of the convolution in the plane that one of volumes comes down to.
kernels::Conv2dShape folded_plane(const ConvolutionShape& s) {
  kernels::Conv2dShape plane = s.plane();
  plane.n = s.n * s.out[0];
  plane.c = s.c * s.kernel[0];
  return plane;
}

DepthWindows depth_windows(const ConvolutionShape& s) {
  return {.n = s.n,
          .channels = s.c / s.groups,
          .groups = s.groups,
          .depth = s.in[0],
          .height = s.in[1],
          .width = s.in[2],
          .kernel = s.kernel[0],
          .out = s.out[0],
          .stride = s.stride[0],
          .padding = s.padding[0],
          .dilation = s.dilation[0]};
}

Tensor forward(const Tensor& input, const Tensor& weight, const Tensor& bias,
               const ConvolutionSettings& settings) {
  const std::string_view op = settings.function();
  const auto [x, s] = prepare_convolution(input, weight, bias, settings);
  if (settings.dims == 1)
    return conv2d_by_shape(op, s.plane(), x.unsqueeze(2), weight.unsqueeze(2), bias).squeeze(2);
  if (settings.dims == 2) return conv2d_by_shape(op, s.plane(), x, weight, bias);
  const Tensor slices = windows_along_depth(depth_windows(s), x);
  return as_volumes(conv2d_by_shape(op, folded_plane(s), slices, as_plane_weight(weight), bias),
                    s.n, s.out[0]);
}

Tensor transposed(const Tensor& x, const Tensor& weight, const Tensor& bias,
                  const ConvolutionSettings& settings, const std::optional<Shape>& output_size) {
  const std::string_view op = settings.function();
  const ConvolutionShape s = transposed_convolution_shape(x, weight, bias, settings, output_size);
  if (settings.dims == 1)
    return conv2d_input_gradient(op, s.plane(), x.unsqueeze(2), weight.unsqueeze(2), bias)
        .squeeze(2);
  if (settings.dims == 2) return conv2d_input_gradient(op, s.plane(), x, weight, bias);
  if (element_size(x.dtype()) == 2) {  // what is added below is rounded once
    const Tensor row = bias.defined() ? bias.to(float32) : bias;
    return transposed(x.to(float32), weight.to(float32), row, settings, output_size).to(x.dtype());
  }
  const Tensor slices =
      conv2d_input_gradient(op, folded_plane(s), as_planes(x), as_plane_weight(weight));
  const Tensor y = added_along_depth(depth_windows(s), slices);
  return bias.defined() ? y + bias.reshape({-1, 1, 1, 1}) : y;
}

}  // namespace

Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias,
                   const ConvolutionSettings& settings, const std::optional<Shape>& output_size) {
  if (autocast_lowers({&input, &weight, &bias}))
    return convolution(autocast_lowered(input), autocast_lowered(weight), autocast_lowered(bias),
                       settings, output_size);
  return settings.transposed ? transposed(input, weight, bias, settings, output_size)
                             : forward(input, weight, bias, settings);
}

Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias,
              const Conv1dOptions& options) {
  return convolution(input, weight, bias, options);
}

Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
  return convolution(input, weight, bias, options);
}

Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias,
              const Conv3dOptions& options) {
  return convolution(input, weight, bias, options);
}

Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose1dOptions& options) {
  return convolution(input, weight, bias, options);
}

Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose2dOptions& options) {
  return convolution(input, weight, bias, options);
}

Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose3dOptions& options) {
  return convolution(input, weight, bias, options);
}

}  // namespace cuttle
