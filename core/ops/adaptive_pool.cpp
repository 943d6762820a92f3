#include "adaptive_pool.h"

#include "../../kernels/adaptive_max_pool2d.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "conv2d_shape.h"
#include "losses/pointwise_loss.h"
#include "max_pool2d_gradient.h"
#include "pool_shape.h"
#include "reduce.h"
#include "resample.h"

namespace cuttle {
namespace {

using kernels::MaxPool2dShape;

// The sizes of x (N, C, H, W) and of its result, checked.
MaxPool2dShape geometry(std::string_view op, const Tensor& x, const OutputSize& size) {
  MaxPool2dShape s;
  s.n = x.size(0), s.c = x.size(1), s.h = x.size(2), s.w = x.size(3);
  s.oh = size.height.value_or(s.h), s.ow = size.width.value_or(s.w);
  if (s.h < 1 || s.w < 1)
    fail(op, ": expected planes with elements, got an input of shape ", x.shape());
  if (s.oh < 0 || s.ow < 0) fail(op, ": output sizes must be at least 0, got ", Pair(s.oh, s.ow));
  for (const auto& [in, out] : {std::pair{s.h, s.oh}, {s.w, s.ow}})
    if (in >= INT32_MAX || out >= INT32_MAX || (in + 1) * (out + 1) > UINT32_MAX)
      fail(op, ": ", in, " places to ", out, " are over the limit of 2^32 for their product");
  if (s.h * s.w > INT32_MAX)
    fail(op, ": planes of more than 2^31 elements are not supported, got ", x.shape());
  return s;
}

Tensor average(std::string_view op, const Tensor& x, const OutputSize& size) {
  const MaxPool2dShape s = geometry(op, x, size);
  if (s.oh == 1 && s.ow == 1) return x.mean({2, 3}, /*keepdim=*/true);
  kernels::ResampleShape shape;
  shape.mode = kernels::ResampleMode::adaptive;
  shape.height = {.in = s.h, .out = s.oh};
  shape.width = {.in = s.w, .out = s.ow};
  return resample(op, shape, x);
}

Tensor max_gradient(const MaxPool2dShape& s, const Tensor& index, const Tensor& gradient) {
  const Tensor dy = channels_last(gradient);
  Tensor dx = empty_channels_last({s.n, s.c, s.h, s.w}, dy);
  dispatch_float_double("adaptive_max_pool", dy.dtype(), [&]<class T>() {
    on_device(dy.device(), [&](auto stream) {
      if (dx.numel() > 0)
        kernels::adaptive_max_pool2d_backward(stream, s, dy.data<T>(), index.data<int32_t>(),
                                              dx.data<T>());
    });
  });
  return record("adaptive_max_pool_gradient", dx, {dy},
                [s, index](const Tensor& outer, const NeededInputs&) -> std::vector<Tensor> {
                  return {max_pool2d_pick(s, index, outer, max_gradient)};
                });
}

ValuesIndices maximum_of(std::string_view op, const Tensor& input, const OutputSize& size) {
  const MaxPool2dShape s = geometry(op, input, size);
  if (is_half(input)) {
    const auto [values, indices] = maximum_of(op, input.to(float32), size);
    return {values.to(input.dtype()), indices};
  }
  const Tensor x = channels_last(input);
  const Shape shape{s.n, s.c, s.oh, s.ow};
  Tensor y = empty_channels_last(shape, x);
  const Tensor index =
      empty(shape, {.dtype = int32, .device = x.device()}, MemoryFormat::channels_last);
  dispatch_float_double(op, x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      if (y.numel() > 0)
        kernels::adaptive_max_pool2d_forward(stream, s, x.data<T>(), y.data<T>(),
                                             index.data<int32_t>());
    });
  });
  y = record(op, y, {x},
             [s, index](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
               return {max_gradient(s, index, gradient)};
             });
  return {y, index};
}

ValuesIndices with_indices(std::string_view op, const Planes& x, const OutputSize& size) {
  const auto [values, indices] = maximum_of(op, x.planes(), size);
  return {x.restore(values), x.restore(indices.to(int64))};
}

}  // namespace

Tensor adaptive_avg_pool2d(const Tensor& input, const OutputSize& output_size) {
  const Planes x("adaptive_avg_pool2d", input, 2);
  return x.restore(average("adaptive_avg_pool2d", x.planes(), output_size));
}

Tensor adaptive_avg_pool1d(const Tensor& input, int64_t output_size) {
  const Planes x("adaptive_avg_pool1d", input, 1);
  return x.restore(average("adaptive_avg_pool1d", x.planes(), {1, output_size}));
}

Tensor adaptive_max_pool2d(const Tensor& input, const OutputSize& output_size) {
  const Planes x("adaptive_max_pool2d", input, 2);
  return x.restore(maximum_of("adaptive_max_pool2d", x.planes(), output_size).values);
}

Tensor adaptive_max_pool1d(const Tensor& input, int64_t output_size) {
  const Planes x("adaptive_max_pool1d", input, 1);
  return x.restore(maximum_of("adaptive_max_pool1d", x.planes(), {1, output_size}).values);
}

ValuesIndices adaptive_max_pool2d_with_indices(const Tensor& input, const OutputSize& output_size) {
  return with_indices("adaptive_max_pool2d", {"adaptive_max_pool2d", input, 2}, output_size);
}

ValuesIndices adaptive_max_pool1d_with_indices(const Tensor& input, int64_t output_size) {
  return with_indices("adaptive_max_pool1d", {"adaptive_max_pool1d", input, 1}, {1, output_size});
}

}  // namespace cuttle
