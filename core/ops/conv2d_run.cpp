#include "conv2d_run.h"

#include "../autograd/grad_mode.h"
#include "../creation.h"
#include "arithmetic.h"
#include "conv2d_shape.h"
#include "product_types.h"

namespace cuttle {

using kernels::Conv2dShape;

namespace {

Tensor as_float32(const Tensor& bias) {
  return bias.defined() ? bias.to(float32) : bias;
}

}  // namespace

Tensor run_conv2d(const Conv2dShape& s, const Tensor& input, const Tensor& kernel,
                  const Tensor& bias) {
  const NoGradGuard no_grad;
  if (computes_in_float32(input))
    return run_conv2d(s, input.to(float32), kernel.to(float32), as_float32(bias)).to(input.dtype());
  const Tensor x = channels_last(input), weight = channels_last(kernel);
  const Tensor b = bias.defined() ? bias.contiguous() : bias;
  Tensor y = empty_channels_last({s.n, s.o, s.oh, s.ow}, x);
  dispatch_product("conv2d", x, [&]<class T>(auto stream) {
    kernels::conv2d_forward<T>(stream, s, x.data<T>(), weight.data<T>(),
                               b.defined() ? b.data<T>() : nullptr, y.data<T>());
  });
  return y;
}

Tensor run_conv2d_input_gradient(const Conv2dShape& s, const Tensor& gradient, const Tensor& kernel,
                                 const Tensor& bias) {
  const NoGradGuard no_grad;
  if (computes_in_float32(gradient))
    return run_conv2d_input_gradient(s, gradient.to(float32), kernel.to(float32), as_float32(bias))
        .to(gradient.dtype());
  const Tensor dy = channels_last(gradient), weight = channels_last(kernel);
  Tensor dx = empty_channels_last({s.n, s.c, s.h, s.w}, dy);
  dispatch_product("conv2d", dy, [&]<class T>(auto stream) {
    kernels::conv2d_backward_input<T>(stream, s, dy.data<T>(), weight.data<T>(), dx.data<T>());
  });
  if (bias.defined()) dx.add_(bias.detach().unsqueeze(1).unsqueeze(2));
  return dx;
}

WeightGradients run_conv2d_weight_gradient(const Conv2dShape& s, const Tensor& input,
                                           const Tensor& gradient, bool with_bias) {
  const NoGradGuard no_grad;
  if (computes_in_float32(input)) {
    const auto [dweight, dbias] =
        run_conv2d_weight_gradient(s, input.to(float32), gradient.to(float32), with_bias);
    return {dweight.to(input.dtype()), with_bias ? dbias.to(input.dtype()) : dbias};
  }
  const Tensor x = channels_last(input), dy = channels_last(gradient);
  Tensor dweight = empty_channels_last({s.o, s.c / s.groups, s.kh, s.kw}, x), dbias;
  if (with_bias) dbias = empty({s.o}, {.dtype = x.dtype(), .device = x.device()});
  dispatch_product("conv2d", x, [&]<class T>(auto stream) {
    kernels::conv2d_backward_weight<T>(stream, s, x.data<T>(), dy.data<T>(), dweight.data<T>(),
                                       with_bias ? dbias.data<T>() : nullptr);
  });
  return {dweight, dbias};
}

}  // namespace cuttle
