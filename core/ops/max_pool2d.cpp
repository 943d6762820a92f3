#include "max_pool2d.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "conv2d_shape.h"
#include "losses/pointwise_loss.h"
#include "max_pool2d_gradient.h"
#include "pool_shape.h"

namespace cuttle {
namespace {

using kernels::MaxPool2dShape;

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

MaxPool2dShape geometry(std::string_view op, const Tensor& x, Pair kernel,
                        const MaxPool2dOptions& options) {
  const Pair stride = options.stride.value_or(kernel);
  check_windows(op, kernel, stride, options.padding);
  if (options.dilation.height < 1 || options.dilation.width < 1)
    fail(op, ": dilation must be at least 1, got ", options.dilation);
  MaxPool2dShape s;
  s.n = x.size(0), s.c = x.size(1), s.h = x.size(2), s.w = x.size(3);
  s.kh = kernel.height, s.kw = kernel.width;
  s.stride_h = stride.height, s.stride_w = stride.width;
  s.padding_h = options.padding.height, s.padding_w = options.padding.width;
  s.dilation_h = options.dilation.height, s.dilation_w = options.dilation.width;
  s.oh = window_count(s.h, s.kh, s.stride_h, s.padding_h, s.dilation_h, options.ceil_mode);
  s.ow = window_count(s.w, s.kw, s.stride_w, s.padding_w, s.dilation_w, options.ceil_mode);
  if (s.oh < 1 || s.ow < 1)
    fail(op, ": the kernel ", kernel, " does not fit into the input ", x.shape());
  if (!every_window_meets_input(s.h, s.stride_h, s.padding_h, s.dilation_h, s.oh) ||
      !every_window_meets_input(s.w, s.stride_w, s.padding_w, s.dilation_w, s.ow))
    fail(op, ": with padding ", options.padding, " and dilation ", options.dilation,
         " a window of the kernel ", kernel, " holds no element of the input ", x.shape(),
         "; use less padding or dilation");
  if (s.h * s.w > INT32_MAX)
    fail(op, ": planes of more than 2^31 elements are not supported, got ", x.shape());
  return s;
}

}  // namespace

Tensor max_pool2d_pick(const MaxPool2dShape& s, const Tensor& index, const Tensor& input,
                       MaxPool2dGradient gradient_of) {
  const Tensor x = channels_last(input);
  Tensor y = empty_channels_last({s.n, s.c, s.oh, s.ow}, x);
  dispatch_float_double("max_pool2d", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::max_pool2d_pick(stream, s, x.data<T>(), index.data<int32_t>(), y.data<T>());
    });
  });
  return record(
      "max_pool2d_pick", y, {x},
      [s, index, gradient_of](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient_of(s, index, gradient)};
      });
}

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
                  return {max_pool2d_pick(s, index, outer, max_pool2d_gradient)};
                });
}

namespace {

// The largest elements and, where they are asked for or a backward will come, their places (int32).
ValuesIndices pooled(std::string_view op, const Tensor& input, Pair kernel,
                     const MaxPool2dOptions& options, bool with_indices) {
  const MaxPool2dShape s = geometry(op, input, kernel, options);
  if (is_half(input)) {
    const auto [values, indices] = pooled(op, input.to(float32), kernel, options, with_indices);
    return {values.to(input.dtype()), indices};
  }
  const Tensor x = channels_last(input);
  const Shape out_shape{s.n, s.c, s.oh, s.ow};
  Tensor y = empty_channels_last(out_shape, x), index;
  if (with_indices || needs_recording({x}))
    index = empty(out_shape, {.dtype = int32, .device = x.device()}, MemoryFormat::channels_last);
  dispatch_float_double(op, x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::max_pool2d_forward(stream, s, x.data<T>(), y.data<T>(),
                                  index.defined() ? index.data<int32_t>() : nullptr);
    });
  });
  y = record(op, y, {x},
             [s, index](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
               return {max_pool2d_gradient(s, index, gradient)};
             });
  return {y, index};
}

MaxPool2dOptions in_planes(int64_t kernel_size, const MaxPool1dOptions& options) {
  return {.stride = Pair(1, options.stride.value_or(kernel_size)),
          .padding = Pair(0, options.padding),
          .dilation = Pair(1, options.dilation),
          .ceil_mode = options.ceil_mode};
}

ValuesIndices restored(const Planes& x, const ValuesIndices& found) {
  return {x.restore(found.values), x.restore(found.indices.to(int64))};
}

}  // namespace

Tensor max_pool2d(const Tensor& input, Pair kernel_size, const MaxPool2dOptions& options) {
  const Planes x("max_pool2d", input, 2);
  return x.restore(pooled("max_pool2d", x.planes(), kernel_size, options, false).values);
}

ValuesIndices max_pool2d_with_indices(const Tensor& input, Pair kernel_size,
                                      const MaxPool2dOptions& options) {
  const Planes x("max_pool2d", input, 2);
  return restored(x, pooled("max_pool2d", x.planes(), kernel_size, options, true));
}

Tensor max_pool1d(const Tensor& input, int64_t kernel_size, const MaxPool1dOptions& options) {
  const Planes x("max_pool1d", input, 1);
  return x.restore(
      pooled("max_pool1d", x.planes(), Pair(1, kernel_size), in_planes(kernel_size, options), false)
          .values);
}

ValuesIndices max_pool1d_with_indices(const Tensor& input, int64_t kernel_size,
                                      const MaxPool1dOptions& options) {
  const Planes x("max_pool1d", input, 1);
  return restored(x, pooled("max_pool1d", x.planes(), Pair(1, kernel_size),
                            in_planes(kernel_size, options), true));
}

Tensor max_unpool2d(const Tensor& input, const Tensor& indices, Pair kernel_size,
                    const MaxUnpool2dOptions& options) {
  const Planes x("max_unpool2d", input, 2);
  check_defined("max_unpool2d", indices);
  if (indices.shape() != input.shape() || indices.dtype() != int64)
    fail("max_unpool2d: expected int64 indices of the input's shape ", input.shape(), ", got ",
         indices.dtype(), " ", indices.shape());
  const Pair stride = options.stride.value_or(kernel_size), padding = options.padding;
  check_windows("max_unpool2d", kernel_size, stride, padding);
  const Tensor planes = x.planes();
  const Pair size = options.output_size.value_or(
      Pair((planes.size(2) - 1) * stride.height - 2 * padding.height + kernel_size.height,
           (planes.size(3) - 1) * stride.width - 2 * padding.width + kernel_size.width));
  if (size.height < 1 || size.width < 1)
    fail("max_unpool2d: the output size must be at least 1, got ", size);
  const Shape flat{planes.size(0), planes.size(1), planes.size(2) * planes.size(3)};
  const Tensor y = planes.new_zeros({flat[0], flat[1], size.height * size.width})
                       .scatter(2, indices.reshape(flat), planes.reshape(flat))
                       .reshape({flat[0], flat[1], size.height, size.width});
  return x.restore(y);
}

}  // namespace cuttle
