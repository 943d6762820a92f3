#include "row_norm.h"

#include "../../../kernels/row_norm.h"
#include "../../autocast.h"
#include "../../autograd/grad_mode.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "norm_gradients.h"

namespace cuttle {
namespace {

using kernels::NormShape;

struct Saved {
  RowNorm norm;
  Shape weight_shape, bias_shape;
  SavedTensor x, weight;
  Tensor mean, rstd;  // (outer · groups); undefined mean: 0
};

// The gradients in their parameters' shapes.
std::vector<Tensor> shaped(const Saved& saved, std::vector<Tensor> gradients) {
  if (gradients[1].defined()) gradients[1] = gradients[1].reshape(saved.weight_shape);
  if (gradients[2].defined()) gradients[2] = gradients[2].reshape(saved.bias_shape);
  return gradients;
}

// Kernels; or, where the gradients will themselves be differentiated, recorded operations.
std::vector<Tensor> row_norm_backward(const Saved& saved, const Tensor& gradient,
                                      const NeededInputs& needed) {
  const NormShape& s = saved.norm.shape;
  const Tensor x = saved.x.get(), weight = saved.weight.get();
  if (is_grad_enabled()) {
    const NormRecord record = {.parts = {s.outer, s.groups, s.per_group(), s.inner},
                               .centred = saved.norm.centred,
                               .eps = saved.norm.eps};
    return shaped(saved, recorded_norm_gradients(record, x, weight, gradient, needed));
  }
  const Tensor dy = gradient.contiguous();
  const Tensor w = weight.defined() ? weight.contiguous() : weight;
  const TensorOptions like = {.dtype = x.dtype(), .device = x.device()};
  Tensor dx, dweight, dbias;
  if (needed[0]) dx = empty(x.shape(), like);
  if (needed[1] || needed[2])
    dweight = empty({s.channels}, like), dbias = empty({s.channels}, like);
  dispatch_float_double(saved.norm.op, x.dtype(), [&]<class T>() {
    const kernels::NormTerms<T> terms = {.mean = data_or_null<T>(saved.mean),
                                         .spread = saved.rstd.data<T>(),
                                         .weight = data_or_null<T>(w)};
    on_device(x.device(), [&](auto stream) {
      if (dx.defined())
        kernels::row_norm_backward(stream, s, terms, x.data<T>(), dy.data<T>(), dx.data<T>());
      if (dweight.defined())
        kernels::norm_backward_affine(stream, s, terms, x.data<T>(), dy.data<T>(),
                                      dweight.data<T>(), dbias.data<T>());
    });
  });
  return shaped(saved, {dx, needed[1] ? dweight : Tensor(), needed[2] ? dbias : Tensor()});
}

}  // namespace

Tensor row_norm(const RowNorm& norm, const Tensor& input, const Tensor& weight,
                const Tensor& bias) {
  if (autocast_raises({&input, &weight, &bias}))
    return row_norm(norm, autocast_raised(input), autocast_raised(weight), autocast_raised(bias));
  const NormShape& s = norm.shape;
  const DType dtype = norm_compute_dtype(norm.op, input);
  if (dtype != input.dtype()) {
    const auto converted = [&](const Tensor& t) { return t.defined() ? t.to(dtype) : t; };
    return row_norm(norm, input.to(dtype), converted(weight), converted(bias)).to(input.dtype());
  }
  if (s.groups > 0 && s.per_group() * s.inner > INT32_MAX)
    fail(norm.op,
         ": 2^31 elements and more with one mean are not supported, got an input of shape ",
         input.shape());
  const Tensor x = input.contiguous();
  const Tensor w = weight.defined() ? weight.detach().contiguous() : weight;
  const Tensor b = bias.defined() ? bias.detach().contiguous() : bias;
  const TensorOptions like = {.dtype = dtype, .device = x.device()};
  Tensor y = empty(x.shape(), like), mean, rstd = empty({s.outer * s.groups}, like);
  if (norm.centred) mean = empty({s.outer * s.groups}, like);
  dispatch_float_double(norm.op, dtype, [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::row_norm_forward(stream, s, norm.eps, x.data<T>(), data_or_null<const T>(w),
                                data_or_null<const T>(b), y.data<T>(), data_or_null<T>(mean),
                                rstd.data<T>());
    });
  });
  return record(norm.op, y, {x, weight, bias},
                [saved = Saved{norm, weight.defined() ? weight.shape() : Shape(),
                               bias.defined() ? bias.shape() : Shape(), save(x), save(weight), mean,
                               rstd}](const Tensor& gradient, const NeededInputs& needed) {
                  return row_norm_backward(saved, gradient, needed);
                });
}

}  // namespace cuttle
