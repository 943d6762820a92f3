// Convolution in the plane, recorded, and its backward.
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "conv2d_gradients.h"
#include "conv2d_run.h"
#include "conv2d_shape.h"

namespace cuttle {
namespace {

using kernels::Conv2dShape;

// Kernels that give the bias's gradient with the weight's; or, where the gradients will themselves
// be differentiated, recorded operations.
std::vector<Tensor> conv2d_backward(const Conv2dShape& s, const Tensor& x, const Tensor& weight,
                                    const Tensor& gradient, const NeededInputs& needed) {
  if (is_grad_enabled()) return recorded_conv2d_gradients(s, x, weight, gradient, needed);
  const Tensor dy = channels_last(gradient);  // once for both
  Tensor dx, dbias;
  WeightGradients of_weight;
  if (needed[1]) of_weight = run_conv2d_weight_gradient(s, x, dy, needed[2]);
  if (needed[0]) dx = run_conv2d_input_gradient(s, dy, weight);
  if (needed[2]) dbias = needed[1] ? of_weight.bias : dy.sum({0, 2, 3});
  return {dx, of_weight.weight, dbias};
}

}  // namespace

Tensor conv2d_by_shape(std::string_view op, const Conv2dShape& s, const Tensor& input,
                       const Tensor& kernel, const Tensor& bias) {
  const Tensor x = channels_last(input), weight = channels_last(kernel);
  return record(
      op, run_conv2d(s, x, weight, bias), {x, weight, bias},
      [s, x = save(x), weight = save(weight)](const Tensor& gradient, const NeededInputs& needed) {
        return conv2d_backward(s, x.get(), weight.get(), gradient, needed);
      });
}

}  // namespace cuttle
