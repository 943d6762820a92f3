#include "conv2d_shape.h"

#include "../creation.h"
#include "../dispatch.h"

namespace cuttle {
namespace {

void check_options(const Conv2dOptions& options) {
  if (options.stride.height < 1 || options.stride.width < 1)
    fail("conv2d: the stride must be at least 1, got ", options.stride);
  if (options.dilation.height < 1 || options.dilation.width < 1)
    fail("conv2d: the dilation must be at least 1, got ", options.dilation);
  if (options.padding.height < 0 || options.padding.width < 0)
    fail("conv2d: the padding must not be negative, got ", options.padding);
  if (options.groups < 1) fail("conv2d: groups must be at least 1, got ", options.groups);
}

void check_tensors(const Tensor& input, const Tensor& weight, const Tensor& bias, int64_t groups) {
  check_defined("conv2d", input);
  check_defined("conv2d", weight);
  check_same_device("conv2d", {&input, &weight, &bias});
  check_same_dtype("conv2d", {&input, &weight, &bias});
  if (input.dim() != 4)
    fail("conv2d: expected an input of shape (N, C, H, W), got ", input.shape(),
         input.dim() == 3 ? "; a single image needs .unsqueeze(0)" : "");
  if (weight.dim() != 4)
    fail("conv2d: expected a weight of shape (O, C / groups, KH, KW), got ", weight.shape());
  if (input.size(1) != weight.size(1) * groups)
    fail("conv2d: expected ", weight.size(1) * groups, " input channels, got ", input.size(1),
         " (input ", input.shape(), ", weight ", weight.shape(), ", groups ", groups, ")");
  if (weight.size(0) == 0 || weight.size(0) % groups != 0)
    fail("conv2d: ", weight.size(0), " output channels cannot be split into ", groups, " groups");
  if (bias.defined() && bias.shape() != Shape{weight.size(0)})
    fail("conv2d: the bias must have shape [", weight.size(0), "], got ", bias.shape());
}

}  // namespace

kernels::Conv2dShape conv2d_shape(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                  const Conv2dOptions& options) {
  check_options(options);
  check_tensors(x, weight, bias, options.groups);
  kernels::Conv2dShape s;
  s.n = x.size(0), s.c = x.size(1), s.h = x.size(2), s.w = x.size(3);
  s.o = weight.size(0), s.kh = weight.size(2), s.kw = weight.size(3);
  s.stride_h = options.stride.height, s.stride_w = options.stride.width;
  s.padding_h = options.padding.height, s.padding_w = options.padding.width;
  s.dilation_h = options.dilation.height, s.dilation_w = options.dilation.width;
  s.groups = options.groups;
  const int64_t room_h = s.h + 2 * s.padding_h - s.dilation_h * (s.kh - 1) - 1;
  const int64_t room_w = s.w + 2 * s.padding_w - s.dilation_w * (s.kw - 1) - 1;
  if (s.kh < 1 || s.kw < 1 || room_h < 0 || room_w < 0)
    fail("conv2d: the kernel (", s.kh, ", ", s.kw, ") with dilation ", options.dilation,
         " does not fit into the input ", x.shape(), " with padding ", options.padding,
         "; use more padding or a smaller kernel");
  s.oh = room_h / s.stride_h + 1;
  s.ow = room_w / s.stride_w + 1;
  return s;
}

Tensor channels_last(const Tensor& x) {
  return x.contiguous(MemoryFormat::channels_last);
}

Tensor empty_channels_last(const Shape& shape, const Tensor& like) {
  return empty(shape, {.dtype = like.dtype(), .device = like.device()},
               MemoryFormat::channels_last);
}

}  // namespace cuttle
