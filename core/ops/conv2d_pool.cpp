#include "conv2d_pool.h"

#include "../../kernels/conv2d_pool.h"
#include "../autocast.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "arithmetic.h"
#include "binary.h"
#include "conv2d_gradients.h"
#include "conv2d_shape.h"
#include "max_pool2d.h"
#include "max_pool2d_gradient.h"
#include "product_types.h"

namespace cuttle {
namespace {

using kernels::Conv2dPoolShape;

/// What the backward needs; index: which element of each window was the largest.
struct Saved {
  Conv2dPoolShape shape;
  SavedTensor x, weight;
  Tensor index;
};

// The gradient of the unpooled convolution (N, O, OH, OW), from that of the pooled one, recorded:
// in each window at the place that `index` names, or nowhere where ReLU let nothing through.
Tensor unpooled_gradient(const Conv2dPoolShape& shape, const Tensor& index, const Tensor& dy) {
  const kernels::Conv2dShape& conv = shape.conv;
  const kernels::MaxPool2dShape pool = {.n = conv.n,
                                        .c = conv.o,
                                        .h = conv.oh,
                                        .w = conv.ow,
                                        .kh = 2,
                                        .kw = 2,
                                        .oh = shape.ph(),
                                        .ow = shape.pw(),
                                        .stride_h = 2,
                                        .stride_w = 2};
  // Places in the window become places in the plane; where there is none, the window's first.
  const TensorOptions like = {.dtype = int32, .device = index.device()};
  const Tensor passes = index < 4;
  const Tensor below = ((index >= 2) * passes).to(int32);
  const Tensor beside = ((index == 1) + (index == 3)).to(int32);
  const Tensor top = arange(shape.ph(), like).unsqueeze(1) * 2, left = arange(shape.pw(), like) * 2;
  const Tensor place = (top + below) * conv.ow + (left + beside);
  return max_pool2d_gradient(pool, channels_last(place), masked(dy, passes));
}

// Kernels that expand the gradient as they read it; or, where the gradients will themselves be
// differentiated, recorded operations.
std::vector<Tensor> conv2d_pool_backward(const Saved& saved, const Tensor& gradient,
                                         const NeededInputs& needed) {
  const Tensor x = saved.x.get(), weight = saved.weight.get();
  if (is_grad_enabled())
    return recorded_conv2d_gradients(saved.shape.conv, x, weight,
                                     unpooled_gradient(saved.shape, saved.index, gradient), needed);
  const Tensor dy = channels_last(gradient);
  Tensor dx, dweight, dbias;
  if (needed[0]) dx = empty_channels_last(x.shape(), x);
  // A bias alone is rare: the weight's gradient comes with it and is dropped.
  if (needed[1] || needed[2]) dweight = empty_channels_last(weight.shape(), weight);
  if (needed[2]) dbias = empty({weight.size(0)}, {.dtype = x.dtype(), .device = x.device()});
  dispatch_product("conv2d", x, [&]<class T>(auto stream) {
    const uint8_t* const index = saved.index.data<uint8_t>();
    if (dweight.defined())
      kernels::conv2d_pool_backward_weight(stream, saved.shape, x.data<T>(), dy.data<T>(), index,
                                           dweight.data<T>(),
                                           dbias.defined() ? dbias.data<T>() : nullptr);
    if (dx.defined())
      kernels::conv2d_pool_backward_input(stream, saved.shape, dy.data<T>(), index,
                                          weight.data<T>(), dx.data<T>());
  });
  return {dx, needed[1] ? dweight : Tensor(), dbias};
}

}  // namespace

Tensor conv2d_max_pool2d(const Tensor& input, const Tensor& weight, const Tensor& bias,
                         const Conv2dOptions& options, Activation activation) {
  if (autocast_lowers({&input, &weight, &bias}))
    return conv2d_max_pool2d(autocast_lowered(input), autocast_lowered(weight),
                             autocast_lowered(bias), options, activation);
  const bool relu = activation == Activation::relu;
  const auto [given, measures] = prepare_convolution(input, weight, bias, options);
  if (computes_in_float32(input)) {  // one by one, for what is pooled is rounded
    const Tensor c = conv2d_by_shape("conv2d", measures.plane(), given, weight, bias);
    return max_pool2d(relu ? c.relu() : c, 2);
  }
  const Conv2dPoolShape shape = {.conv = measures.plane(), .relu = relu};
  const kernels::Conv2dShape& s = shape.conv;
  if (shape.ph() < 1 || shape.pw() < 1)
    fail("max_pool2d: the kernel (2, 2) does not fit into the input ", Shape{s.n, s.o, s.oh, s.ow});
  const Tensor x = channels_last(given), w = channels_last(weight);
  const Tensor b = bias.defined() ? bias.contiguous() : bias;
  const Shape out_shape{s.n, s.o, shape.ph(), shape.pw()};
  Tensor y = empty_channels_last(out_shape, x), index;
  if (needs_recording({x, w, b}))
    index = empty(out_shape, {.dtype = uint8, .device = x.device()}, MemoryFormat::channels_last);
  dispatch_product("conv2d", x, [&]<class T>(auto stream) {
    kernels::conv2d_pool_forward(stream, shape, x.data<T>(), w.data<T>(),
                                 b.defined() ? b.data<T>() : nullptr, y.data<T>(),
                                 index.defined() ? index.data<uint8_t>() : nullptr);
  });
  return record("conv2d_max_pool2d", y, {x, w, b},
                [saved = Saved{shape, save(x), save(w), index}](const Tensor& gradient,
                                                                const NeededInputs& needed) {
                  return conv2d_pool_backward(saved, gradient, needed);
                });
}

}  // namespace cuttle
