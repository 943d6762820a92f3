#include "conv2d.h"

#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "conv2d_gradients.h"
#include "conv2d_shape.h"

namespace cuttle {

std::ostream& operator<<(std::ostream& out, const Pair& pair) {
  return out << '(' << pair.height << ", " << pair.width << ')';
}

namespace {

using kernels::Conv2dShape;

// Kernels that give the bias's gradient with the weight's; or, where the gradients will themselves
// be differentiated, recorded operations.
std::vector<Tensor> conv2d_backward(const Conv2dShape& s, const Tensor& x, const Tensor& weight,
                                    const Tensor& gradient, const NeededInputs& needed) {
  if (is_grad_enabled()) return recorded_conv2d_gradients(s, x, weight, gradient, needed);
  const Tensor dy = channels_last(gradient);
  Tensor dx, dweight, dbias;
  if (needed[0]) dx = empty_channels_last(x.shape(), x);
  if (needed[1]) dweight = empty_channels_last(weight.shape(), weight);
  if (needed[2] && needed[1]) dbias = empty({s.o}, {.dtype = x.dtype(), .device = x.device()});
  dispatch_float_double("conv2d", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      if (needed[1])
        kernels::conv2d_backward_weight(stream, s, x.data<T>(), dy.data<T>(), dweight.data<T>(),
                                        dbias.defined() ? dbias.data<T>() : nullptr);
      if (needed[0])
        kernels::conv2d_backward_input(stream, s, dy.data<T>(), weight.data<T>(), dx.data<T>());
    });
  });
  if (needed[2] && !needed[1]) dbias = dy.sum({0, 2, 3});
  return {dx, dweight, dbias};
}

}  // namespace

Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
  const Conv2dShape s = conv2d_shape(input, weight, bias, options);
  const Tensor x = channels_last(input), w = channels_last(weight);
  const Tensor b = bias.defined() ? bias.contiguous() : bias;
  Tensor y = empty_channels_last({s.n, s.o, s.oh, s.ow}, x);
  dispatch_float_double("conv2d", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::conv2d_forward(stream, s, x.data<T>(), w.data<T>(),
                              b.defined() ? b.data<T>() : nullptr, y.data<T>());
    });
  });
  return record("conv2d", y, {x, w, b},
                [s, x = save(x), w = save(w)](const Tensor& gradient, const NeededInputs& needed) {
                  return conv2d_backward(s, x.get(), w.get(), gradient, needed);
                });
}

}  // namespace cuttle
