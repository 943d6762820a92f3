#include "batch_norm.h"

#include "../../../kernels/batch_norm.h"
#include "../../autograd/grad_mode.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../reduce.h"
#include "norm_gradients.h"

namespace cuttle {
namespace {

using kernels::NormShape;
using kernels::NormTerms;

/// x where its channels lie: innermost or, as in row-major order, outermost behind N.
struct ChannelLayout {
  explicit ChannelLayout(const Tensor& x)
      : innermost(x.dim() > 2 && x.size(1) > 1 && x.strides()[1] == 1 && !x.is_contiguous()) {}

  /// The tensor itself where it lies densely so, else a copy.
  Tensor dense(const Tensor& x) const {
    if (!innermost) return x.contiguous();
    if (x.dim() == 4) return x.contiguous(MemoryFormat::channels_last);
    if (x.detach().movedim(1, -1).is_contiguous()) return x;
    return x.movedim(1, -1).contiguous().movedim(-1, 1);
  }
  NormShape shape_of(const Tensor& x) const {
    const int64_t n = x.size(0), c = x.size(1), places = x.numel() / std::max<int64_t>(1, n * c);
    NormShape s = {.outer = n, .channels = c, .inner = places, .groups = c, .shared = true};
    if (innermost) s.outer = n * places, s.inner = 1;
    return s;
  }

  bool innermost;
};

Tensor empty_as(const Tensor& dense) {
  return empty_strided(dense.shape(), dense.strides(),
                       {.dtype = dense.dtype(), .device = dense.device()});
}

void check_arguments(const Tensor& input, const BatchNormArguments& a) {
  if (input.dim() < 2)
    fail("batch_norm: expected an input of shape (N, C, …), got ", input.shape());
  const Shape channels{input.size(1)};
  check_norm_operand("batch_norm", "the weight", a.weight, channels, input);
  check_norm_operand("batch_norm", "the bias", a.bias, channels, input);
  check_norm_operand("batch_norm", "running_mean", a.running_mean, channels, input);
  check_norm_operand("batch_norm", "running_var", a.running_var, channels, input);
  const bool tracks = a.running_mean.defined();
  if (tracks != a.running_var.defined())
    fail("batch_norm: running_mean and running_var come together, got one without the other");
  if (!a.training && !tracks)
    fail(
        "batch_norm: evaluation needs running_mean and running_var; with `training` the statistics "
        "are those of the batch");
  if (a.training && input.numel() == input.size(1) && input.numel() > 0)
    fail("batch_norm: expected more than 1 value per channel when training, got an input of shape ",
         input.shape(), "; use a larger batch, or eval()");
  if (!a.training) return;
  if (a.num_batches_tracked.defined() &&
      (a.num_batches_tracked.dtype() != int64 || a.num_batches_tracked.numel() != 1))
    fail("batch_norm: num_batches_tracked must be an int64 tensor of one element, got ",
         a.num_batches_tracked.dtype(), " of shape ", a.num_batches_tracked.shape());
  check_same_device("batch_norm", {&input, &a.num_batches_tracked});
  if (tracks && !a.momentum && !a.num_batches_tracked.defined())
    fail(
        "batch_norm: without a momentum the running statistics are averages of all batches; give "
        "num_batches_tracked, which counts them");
  for (const Tensor* running : {&a.running_mean, &a.running_var})
    if (running->defined()) check_in_place("batch_norm", *running, {});
}

/// The parameters as the kernels take them, all of one dtype; statistics are those in use.
struct Operands {
  NormShape shape;
  ChannelLayout layout;
  double eps;
  bool relu, of_batch;
  SavedTensor x, weight, bias, mean, variance;

  template <class T>
  NormTerms<T> terms(const Tensor& of_mean, const Tensor& of_variance, const Tensor& w,
                     const Tensor& b) const {
    return {.mean = of_mean.data<T>(),
            .spread = of_variance.data<T>(),
            .spread_is_variance = true,
            .eps = eps,
            .weight = data_or_null<T>(w),
            .bias = data_or_null<T>(b),
            .relu = relu};
  }
};

Tensor contiguous_or_none(const Tensor& x) {
  return x.defined() ? x.detach().contiguous() : x;
}

// Where relu let y through, from the numbers that the forward used: of x's shape.
Tensor relu_mask(const Operands& o, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const NoGradGuard no_grad;
  Shape channels = Shape::filled(x.dim(), 1);
  channels[1] = x.size(1);
  Tensor scale = 1 / (o.variance.get() + o.eps).sqrt();
  if (weight.defined()) scale = scale * weight;
  Tensor y = (x - o.mean.get().reshape(channels)) * scale.reshape(channels);
  if (bias.defined()) y = y + bias.reshape(channels);
  return y.relu();
}

std::vector<Tensor> recorded_gradients(const Operands& o, const Tensor& gradient,
                                       const NeededInputs& needed) {
  const Tensor x = o.x.get(), weight = o.weight.get(), bias = o.bias.get();
  const int64_t n = x.size(0), c = x.size(1);
  NormRecord record = {
      .parts = {n, c, 1, x.numel() / std::max<int64_t>(1, n * c)}, .shared = true, .eps = o.eps};
  if (!o.of_batch) {
    record.constant_mean = o.mean.get().detach();
    record.constant_variance = o.variance.get().detach();
  }
  if (o.relu) record.mask = relu_mask(o, x, weight, bias);
  return recorded_norm_gradients(record, x, weight, gradient, needed);
}

// Kernels; or, where the gradients will themselves be differentiated, recorded operations.
std::vector<Tensor> batch_norm_backward(const Operands& o, const Tensor& gradient,
                                        const NeededInputs& needed) {
  if (is_grad_enabled()) return recorded_gradients(o, gradient, needed);
  const Tensor x = o.x.get(), dy = o.layout.dense(gradient);
  const Tensor weight = contiguous_or_none(o.weight.get()), bias = contiguous_or_none(o.bias.get());
  const Tensor mean = o.mean.get(), variance = o.variance.get();
  const TensorOptions like = {.dtype = x.dtype(), .device = x.device()};
  Tensor dx, dweight, dbias;
  if (needed[0]) dx = empty_as(x);
  if (needed[1] || needed[2] || o.of_batch) {
    dweight = empty({o.shape.channels}, like);
    dbias = empty({o.shape.channels}, like);
  }
  dispatch_float_double("batch_norm", x.dtype(), [&]<class T>() {
    const NormTerms<T> terms = o.terms<T>(mean, variance, weight, bias);
    on_device(x.device(), [&](auto stream) {
      if (dweight.defined())
        kernels::norm_backward_affine(stream, o.shape, terms, x.data<T>(), dy.data<T>(),
                                      dweight.data<T>(), dbias.data<T>());
      if (dx.defined())
        kernels::batch_norm_backward<T>(stream, o.shape, terms, x.data<T>(), dy.data<T>(),
                                        o.of_batch ? dweight.data<T>() : nullptr,
                                        o.of_batch ? dbias.data<T>() : nullptr, dx.data<T>());
    });
  });
  return {dx, needed[1] ? dweight : Tensor(), needed[2] ? dbias : Tensor()};
}

// All floating tensors are of one dtype and checked, and the running statistics contiguous.
Tensor normalized(const Tensor& input, const BatchNormArguments& a) {
  const ChannelLayout layout(input);
  const Tensor x = layout.dense(input);
  const Tensor weight = contiguous_or_none(a.weight), bias = contiguous_or_none(a.bias);
  Tensor mean = a.running_mean, variance = a.running_var;
  if (a.training) {
    std::vector<int64_t> dims;
    for (int64_t d = 0; d < x.dim(); ++d)
      if (d != 1) dims.push_back(d);
    const VarAndMean moments = var_mean(x.detach(), dims, /*correction=*/0);
    mean = moments.mean, variance = moments.var;
  }
  const bool keeps = needs_recording({x, a.weight, a.bias});
  const auto kept = [&](const Tensor& t) { return keeps ? save(t) : SavedTensor(); };
  const Operands o = {
      layout.shape_of(x), layout,        a.eps,          a.activation == Activation::relu,
      a.training,         kept(x),       kept(a.weight), kept(a.bias),
      kept(mean),         kept(variance)};
  Tensor y = empty_as(x);
  const bool averages = a.training && a.running_mean.defined();
  dispatch_float_double("batch_norm", x.dtype(), [&]<class T>() {
    kernels::RunningStatistics<T> running;
    if (averages) {
      running = {.mean = a.running_mean.data<T>(),
                 .variance = a.running_var.data<T>(),
                 .momentum = a.momentum.value_or(0),
                 .steps = a.momentum ? nullptr : a.num_batches_tracked.data<int64_t>()};
    }
    on_device(x.device(), [&](auto stream) {
      kernels::batch_norm_forward(stream, o.shape, o.terms<T>(mean, variance, weight, bias),
                                  running, x.data<T>(), y.data<T>());
    });
  });
  return record(o.relu ? "batch_norm_relu" : "batch_norm", y, {x, a.weight, a.bias},
                [o](const Tensor& gradient, const NeededInputs& needed) {
                  return batch_norm_backward(o, gradient, needed);
                });
}

}  // namespace

Tensor batch_norm(const Tensor& input, const BatchNormArguments& arguments) {
  const DType dtype = norm_compute_dtype("batch_norm", input);
  check_arguments(input, arguments);
  BatchNormArguments a = arguments;
  const auto converted = [&](const Tensor& t) { return t.defined() ? t.to(dtype) : t; };
  a.weight = converted(a.weight), a.bias = converted(a.bias);
  {
    const NoGradGuard no_grad;
    if (a.training && a.num_batches_tracked.defined()) a.num_batches_tracked.add_(1);
    for (Tensor* running : {&a.running_mean, &a.running_var})
      if (running->defined()) *running = running->to(dtype).contiguous();
  }
  const Tensor y = normalized(input.to(dtype), a).to(input.dtype());
  if (!a.training || !a.running_mean.defined()) return y;
  const NoGradGuard no_grad;
  const auto written = [](Tensor given, const Tensor& kept) {
    if (given.is_same(kept))
      record_in_place("batch_norm", given, {}, {});  // counts the write
    else
      given.copy_(kept);
  };
  written(arguments.running_mean, a.running_mean);
  written(arguments.running_var, a.running_var);
  return y;
}

Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                  const Tensor& weight, const Tensor& bias, bool training, double momentum,
                  double eps) {
  return batch_norm(input, BatchNormArguments{.running_mean = running_mean,
                                              .running_var = running_var,
                                              .weight = weight,
                                              .bias = bias,
                                              .training = training,
                                              .momentum = momentum,
                                              .eps = eps});
}

Tensor batch_norm_relu(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                       const Tensor& weight, const Tensor& bias, bool training, double momentum,
                       double eps) {
  return batch_norm(input, BatchNormArguments{.running_mean = running_mean,
                                              .running_var = running_var,
                                              .weight = weight,
                                              .bias = bias,
                                              .training = training,
                                              .momentum = momentum,
                                              .eps = eps,
                                              .activation = Activation::relu});
}

}  // namespace cuttle
