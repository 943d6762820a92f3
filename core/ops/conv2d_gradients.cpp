#include "conv2d_gradients.h"

#include "../autograd/record.h"
#include "conv2d_run.h"
#include "conv2d_shape.h"

namespace cuttle {
namespace {

using kernels::Conv2dShape;

Tensor conv2d_weight_gradient(const Conv2dShape& s, const Tensor& x, const Tensor& dy) {
  return record("conv2d_weight_gradient", run_conv2d_weight_gradient(s, x, dy, false).weight,
                {x, dy},
                [s, x = save(x), dy = save(dy)](const Tensor& outer,
                                                const NeededInputs& needed) -> std::vector<Tensor> {
                  Tensor for_x, for_dy;
                  if (needed[0])
                    for_x = conv2d_input_gradient("conv2d_input_gradient", s, dy.get(), outer);
                  if (needed[1]) for_dy = conv2d_by_shape("conv2d", s, x.get(), outer);
                  return {for_x, for_dy};
                });
}

}  // namespace

Tensor conv2d_input_gradient(std::string_view op, const Conv2dShape& s, const Tensor& gradient,
                             const Tensor& kernel, const Tensor& bias) {
  const Tensor dy = channels_last(gradient), weight = channels_last(kernel);
  return record(op, run_conv2d_input_gradient(s, dy, weight, bias), {dy, weight, bias},
                [s, dy = save(dy), weight = save(weight)](
                    const Tensor& given, const NeededInputs& needed) -> std::vector<Tensor> {
                  const Tensor outer = channels_last(given);
                  Tensor for_dy, for_weight, for_bias;
                  if (needed[0]) for_dy = conv2d_by_shape("conv2d", s, outer, weight.get());
                  if (needed[1]) for_weight = conv2d_weight_gradient(s, outer, dy.get());
                  if (needed[2]) for_bias = outer.sum({0, 2, 3});
                  return {for_dy, for_weight, for_bias};
                });
}

std::vector<Tensor> recorded_conv2d_gradients(const Conv2dShape& s, const Tensor& x,
                                              const Tensor& weight, const Tensor& dy,
                                              const NeededInputs& needed) {
  Tensor dx, dweight, dbias;
  if (needed[0]) dx = conv2d_input_gradient("conv2d_input_gradient", s, dy, weight);
  if (needed[1]) dweight = conv2d_weight_gradient(s, x, dy);
  if (needed[2]) dbias = dy.sum({0, 2, 3});
  return {dx, dweight, dbias};
}

}  // namespace cuttle
