#include "max_pool2d.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "conv2d_shape.h"
#include "max_pool2d_gradient.h"

namespace cuttle {
namespace {

using kernels::MaxPool2dShape;

// Windows along one dimension. With ceil_mode the last may reach over the edge, but must begin
// inside the input or its left padding.
int64_t output_size(int64_t size, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation,
                    bool ceil_mode) {
  const int64_t room = size + 2 * padding - dilation * (kernel - 1) - 1;
  if (room < 0) return 0;
  int64_t out = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
  if (ceil_mode && (out - 1) * stride >= size + padding) --out;
  return out;
}

// A window that begins in the left padding and is dilated may step over a small input altogether.
bool every_window_meets_input(int64_t size, int64_t stride, int64_t padding, int64_t dilation,
                              int64_t out) {
  for (int64_t o = 0; o < out && o * stride < padding; ++o) {
    const int64_t begin = o * stride - padding;  // < 0
    const int64_t first_inside = begin + (-begin + dilation - 1) / dilation * dilation;
    if (first_inside >= size) return false;
  }
  return true;
}

MaxPool2dShape geometry(const Tensor& x, Pair kernel, const MaxPool2dOptions& options) {
  check_defined("max_pool2d", x);
  if (x.dim() != 4)
    fail("max_pool2d: expected an input of shape (N, C, H, W), got ", x.shape(),
         x.dim() == 3 ? "; a single image needs .unsqueeze(0)" : "");
  const Pair stride = options.stride.value_or(kernel);
  if (kernel.height < 1 || kernel.width < 1 || stride.height < 1 || stride.width < 1 ||
      options.dilation.height < 1 || options.dilation.width < 1)
    fail("max_pool2d: kernel, stride and dilation must be at least 1");
  if (options.padding.height < 0 || options.padding.width < 0 ||
      2 * options.padding.height > kernel.height || 2 * options.padding.width > kernel.width)
    fail("max_pool2d: the padding must be at most half the kernel (", kernel.height, ", ",
         kernel.width, "), got (", options.padding.height, ", ", options.padding.width, ")");
  MaxPool2dShape s;
  s.n = x.size(0), s.c = x.size(1), s.h = x.size(2), s.w = x.size(3);
  s.kh = kernel.height, s.kw = kernel.width;
  s.stride_h = stride.height, s.stride_w = stride.width;
  s.padding_h = options.padding.height, s.padding_w = options.padding.width;
  s.dilation_h = options.dilation.height, s.dilation_w = options.dilation.width;
  s.oh = output_size(s.h, s.kh, s.stride_h, s.padding_h, s.dilation_h, options.ceil_mode);
  s.ow = output_size(s.w, s.kw, s.stride_w, s.padding_w, s.dilation_w, options.ceil_mode);
  if (s.oh < 1 || s.ow < 1)
    fail("max_pool2d: the kernel (", kernel.height, ", ", kernel.width,
         ") does not fit into the input ", x.shape());
  if (!every_window_meets_input(s.h, s.stride_h, s.padding_h, s.dilation_h, s.oh) ||
      !every_window_meets_input(s.w, s.stride_w, s.padding_w, s.dilation_w, s.ow))
    fail("max_pool2d: with padding ", options.padding, " and dilation ", options.dilation,
         " a window of the kernel ", kernel, " holds no element of the input ", x.shape(),
         "; use less padding or dilation");
  if (s.h * s.w > INT32_MAX)
    fail("max_pool2d: planes of more than 2^31 elements are not supported, got ", x.shape());
  return s;
}

// The elements of x (N, C, H, W) that index names: how max_pool2d_gradient depends on dy.
Tensor pick(const MaxPool2dShape& s, const Tensor& index, const Tensor& input) {
  const Tensor x = channels_last(input);
  Tensor y = empty_channels_last({s.n, s.c, s.oh, s.ow}, x);
  dispatch_float_double("max_pool2d", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::max_pool2d_pick(stream, s, x.data<T>(), index.data<int32_t>(), y.data<T>());
    });
  });
  return record("max_pool2d_pick", y, {x},
                [s, index](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  return {max_pool2d_gradient(s, index, gradient)};
                });
}

}  // namespace

Tensor max_pool2d_gradient(const MaxPool2dShape& s, const Tensor& index, const Tensor& gradient) {
  const Tensor dy = channels_last(gradient);
  Tensor dx = empty_channels_last({s.n, s.c, s.h, s.w}, dy);
  dispatch_float_double("max_pool2d", dy.dtype(), [&]<class T>() {
    on_device(dy.device(), [&](auto stream) {
      kernels::max_pool2d_backward(stream, s, dy.data<T>(), index.data<int32_t>(), dx.data<T>());
    });
  });
  return record("max_pool2d_gradient", dx, {dy},
                [s, index](const Tensor& outer, const NeededInputs&) -> std::vector<Tensor> {
                  return {pick(s, index, outer)};
                });
}

Tensor max_pool2d(const Tensor& input, Pair kernel_size, const MaxPool2dOptions& options) {
  const MaxPool2dShape s = geometry(input, kernel_size, options);
  // float16 and bfloat16 have no kernel: the largest of floats is exact, a gradient rounded once.
  if (is_floating_point(input.dtype()) && element_size(input.dtype()) == 2)
    return max_pool2d(input.to(float32), kernel_size, options).to(input.dtype());
  const Device device = input.device();
  const Tensor x = channels_last(input);
  const Shape out_shape{s.n, s.c, s.oh, s.ow};
  Tensor y = empty_channels_last(out_shape, x), index;
  if (needs_recording({x}))
    index = empty(out_shape, {.dtype = int32, .device = device}, MemoryFormat::channels_last);
  dispatch_float_double("max_pool2d", x.dtype(), [&]<class T>() {
    on_device(device, [&](auto stream) {
      kernels::max_pool2d_forward(stream, s, x.data<T>(), y.data<T>(),
                                  index.defined() ? index.data<int32_t>() : nullptr);
    });
  });
  return record("max_pool2d", y, {x},
                [s, index](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  return {max_pool2d_gradient(s, index, gradient)};
                });
}

}  // namespace cuttle
