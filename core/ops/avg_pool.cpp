#include "avg_pool.h"

#include "pool_shape.h"
#include "resample.h"

namespace cuttle {
namespace {

kernels::ResampleShape windows(std::string_view op, const Tensor& x, Pair kernel,
                               const AvgPool2dOptions& options) {
  const Pair stride = options.stride.value_or(kernel), padding = options.padding;
  check_windows(op, kernel, stride, padding);
  if (options.divisor_override == 0) fail(op, ": divisor_override must not be 0");
  const auto axis = [&](int64_t size, int64_t Pair::*side) {
    return kernels::ResampleAxis{
        .in = size,
        .out = window_count(size, kernel.*side, stride.*side, padding.*side, 1, options.ceil_mode),
        .kernel = kernel.*side,
        .stride = stride.*side,
        .padding = padding.*side,
        .counts_padding = options.count_include_pad};
  };
  kernels::ResampleShape shape;
  shape.height = axis(x.size(2), &Pair::height);
  shape.width = axis(x.size(3), &Pair::width);
  if (options.divisor_override) {
    shape.height.divisor = *options.divisor_override;
    shape.width.divisor = 1;
  }
  if (shape.height.out < 1 || shape.width.out < 1)
    fail(op, ": the kernel ", kernel, " does not fit into the input ", x.shape());
  return shape;
}

}  // namespace

Tensor avg_pool2d(const Tensor& input, Pair kernel_size, const AvgPool2dOptions& options) {
  const Planes x("avg_pool2d", input, 2);
  return x.restore(
      resample("avg_pool2d", windows("avg_pool2d", x.planes(), kernel_size, options), x.planes()));
}

Tensor avg_pool1d(const Tensor& input, int64_t kernel_size, const AvgPool1dOptions& options) {
  const Planes x("avg_pool1d", input, 1);
  const AvgPool2dOptions in_planes{.stride = Pair(1, options.stride.value_or(kernel_size)),
                                   .padding = Pair(0, options.padding),
                                   .ceil_mode = options.ceil_mode,
                                   .count_include_pad = options.count_include_pad};
  return x.restore(resample("avg_pool1d",
                            windows("avg_pool1d", x.planes(), Pair(1, kernel_size), in_planes),
                            x.planes()));
}

}  // namespace cuttle
