#include "conv2d_gradients.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "conv2d_shape.h"

namespace cuttle {
namespace {

using kernels::Conv2dShape;

Conv2dOptions options_of(const Conv2dShape& s) {
  return {.stride = {s.stride_h, s.stride_w},
          .padding = {s.padding_h, s.padding_w},
          .dilation = {s.dilation_h, s.dilation_w},
          .groups = s.groups};
}

Tensor weight_gradient(const Conv2dShape& s, const Tensor& input, const Tensor& gradient);

Tensor input_gradient(const Conv2dShape& s, const Tensor& gradient, const Tensor& kernel) {
  const Tensor dy = channels_last(gradient), weight = channels_last(kernel);
  Tensor dx = empty_channels_last({s.n, s.c, s.h, s.w}, dy);
  dispatch_float_double("conv2d", dy.dtype(), [&]<class T>() {
    on_device(dy.device(), [&](auto stream) {
      kernels::conv2d_backward_input(stream, s, dy.data<T>(), weight.data<T>(), dx.data<T>());
    });
  });
  return record("conv2d_input_gradient", dx, {dy, weight},
                [s, dy = save(dy), weight = save(weight)](
                    const Tensor& outer, const NeededInputs& needed) -> std::vector<Tensor> {
                  Tensor for_dy, for_weight;
                  if (needed[0]) for_dy = conv2d(outer, weight.get(), {}, options_of(s));
                  if (needed[1]) for_weight = weight_gradient(s, outer, dy.get());
                  return {for_dy, for_weight};
                });
}

Tensor weight_gradient(const Conv2dShape& s, const Tensor& input, const Tensor& gradient) {
  const Tensor x = channels_last(input), dy = channels_last(gradient);
  Tensor dweight = empty_channels_last({s.o, s.c / s.groups, s.kh, s.kw}, x);
  dispatch_float_double("conv2d", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::conv2d_backward_weight(stream, s, x.data<T>(), dy.data<T>(), dweight.data<T>(),
                                      static_cast<T*>(nullptr));
    });
  });
  return record("conv2d_weight_gradient", dweight, {x, dy},
                [s, x = save(x), dy = save(dy)](const Tensor& outer,
                                                const NeededInputs& needed) -> std::vector<Tensor> {
                  Tensor for_x, for_dy;
                  if (needed[0]) for_x = input_gradient(s, dy.get(), outer);
                  if (needed[1]) for_dy = conv2d(x.get(), outer, {}, options_of(s));
                  return {for_x, for_dy};
                });
}

}  // namespace

std::vector<Tensor> recorded_conv2d_gradients(const Conv2dShape& s, const Tensor& x,
                                              const Tensor& weight, const Tensor& dy,
                                              const NeededInputs& needed) {
  Tensor dx, dweight, dbias;
  if (needed[0]) dx = input_gradient(s, dy, weight);
  if (needed[1]) dweight = weight_gradient(s, x, dy);
  if (needed[2]) dbias = dy.sum({0, 2, 3});
  return {dx, dweight, dbias};
}

}  // namespace cuttle
