#include "resample.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "conv2d_shape.h"
#include "losses/pointwise_loss.h"

namespace cuttle {
namespace {

using kernels::ResampleShape;

Tensor run(std::string_view op, const ResampleShape& s, bool backward, const Tensor& input) {
  const Tensor from = channels_last(input);
  Tensor to = empty_channels_last(backward ? Shape{s.n, s.c, s.height.in, s.width.in}
                                           : Shape{s.n, s.c, s.height.out, s.width.out},
                                  from);
  dispatch_float_double(op, from.dtype(), [&]<class T>() {
    on_device(from.device(), [&](auto stream) {
      if (backward)
        kernels::resample_backward(stream, s, from.data<T>(), to.data<T>());
      else
        kernels::resample_forward(stream, s, from.data<T>(), to.data<T>());
    });
  });
  // Either way the derivative is the other way.
  return record(
      op, to, {from},
      [op, s, backward](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {run(op, s, !backward, gradient)};
      },
      Saves::nothing);
}

}  // namespace

Tensor resample(std::string_view op, ResampleShape shape, const Tensor& x) {
  if (is_half(x)) return resample(op, shape, x.to(float32)).to(x.dtype());
  shape.n = x.size(0), shape.c = x.size(1);
  return run(op, shape, false, x);
}

}  // namespace cuttle
