#include "cross_entropy.h"

#include "../../../kernels/cross_entropy.h"
#include "../../autograd/grad_mode.h"
#include "../../autograd/record.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../binary.h"
#include "class_targets.h"
#include "pointwise_loss.h"

namespace cuttle {
namespace {

void check_arguments(const Tensor& input, const Tensor& target, const Tensor& weight,
                     const CrossEntropyOptions& options) {
  check_class_input("cross_entropy", input, target, weight);
  if (is_floating_point(target.dtype())) {
    check_same_dtype("cross_entropy", {&input, &target});
    if (target.shape() != input.shape())
      fail("cross_entropy: expected class indices of dtype int64 and shape ",
           without_classes(input), " or class probabilities of shape ", input.shape(), ", got ",
           target.dtype(), " ", target.shape());
    if (options.ignore_index >= 0)
      fail("cross_entropy: class probabilities have no index to ignore, got ignore_index ",
           options.ignore_index);
  } else {
    check_class_indices("cross_entropy", input, target);
  }
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    fail("cross_entropy: label_smoothing must lie in [0, 1], got ", options.label_smoothing);
}

/// What the backward needs; weight: undefined where all classes count alike.
struct Saved {
  kernels::CrossEntropyShape shape;
  SavedTensor logits, target, weight;
  Tensor terms, total_weight;
};

Tensor fused_backward(const Saved& saved, const Tensor& gradient) {
  const Tensor x = saved.logits.get(), target = saved.target.get(), weight = saved.weight.get();
  const Tensor dloss = gradient.contiguous();
  Tensor dx = empty(x.shape(), {.dtype = x.dtype(), .device = x.device()});
  dispatch_float_double("cross_entropy", x.dtype(), [&]<class T>() {
    const kernels::CrossEntropySaved<T> from{
        .x = x.data<T>(),
        .target = target.data<int64_t>(),
        .weight = weight.defined() ? weight.data<T>() : nullptr,
        .terms = saved.terms.data<T>(),
        .total_weight = saved.total_weight.data<T>()};
    on_device(x.device(), [&](auto stream) {
      kernels::cross_entropy_backward(stream, saved.shape, from, dloss.data<T>(), dx.data<T>());
    });
  });
  return dx;
}

// The same in recorded operations: dx[r,k] = s_r · (p_rk · Σ_j c_rj − c_rk), p = softmax(x), where
// the loss counts −log p_rk c_rk times: c_rk = (1 − ε) · w_k · [k = t_r] + ε/K · w_k, 0 in an
// ignored row; s_r as in kernels/cross_entropy.h.
Tensor recorded_backward(const Saved& saved, const Tensor& gradient) {
  const kernels::CrossEntropyShape& shape = saved.shape;
  const Tensor x = saved.logits.get(), weight = saved.weight.get();
  const Tensor target = saved.target.get().unsqueeze(1);
  const Tensor counts = target != shape.ignore_index;  // (rows, 1)
  const Tensor classes = arange(shape.classes, {.dtype = int64, .device = x.device()});
  Tensor count = (target == classes).to(x.dtype()) * (1 - shape.label_smoothing) +
                 shape.label_smoothing / static_cast<double>(shape.classes);
  if (weight.defined()) count = count * weight;
  count = masked(count, counts.expand(x.shape()));
  Tensor scale = gradient;
  if (shape.reduction == LossReduction::mean) scale = gradient / saved.total_weight;
  if (shape.reduction == LossReduction::none) scale = gradient.unsqueeze(1);
  scale = masked(scale.expand(counts.shape()), counts);
  return scale * (x.softmax(1) * count.sum(1, /*keepdim=*/true) - count);
}

// Of class indices: x (rows, K), target (rows).
Tensor loss_of_indices(const Tensor& input, const Tensor& target, const Tensor& weight,
                       const CrossEntropyOptions& options) {
  const kernels::CrossEntropyShape shape{.rows = input.size(0),
                                         .classes = input.size(1),
                                         .ignore_index = options.ignore_index,
                                         .label_smoothing = options.label_smoothing,
                                         .reduction = options.reduction};
  const Tensor x = input.contiguous(), targets = target.contiguous();
  const Tensor weights = weight.defined() ? weight.detach().contiguous() : weight;
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
  const bool per_row = options.reduction == LossReduction::none;
  Tensor loss = empty(per_row ? Shape{shape.rows} : Shape{}, like);
  Tensor terms = empty({shape.rows, 2}, like), total_weight = empty({1}, like);
  dispatch_float_double("cross_entropy", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::cross_entropy_forward(stream, shape, x.data<T>(), targets.data<int64_t>(),
                                     weights.defined() ? weights.data<T>() : nullptr,
                                     loss.data<T>(), terms.data<T>(), total_weight.data<T>());
    });
  });
  return record("cross_entropy", loss, {x},
                [saved = Saved{shape, save(x), save(targets), save(weights), terms, total_weight}](
                    const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  return {is_grad_enabled() ? recorded_backward(saved, gradient)
                                            : fused_backward(saved, gradient)};
                });
}

// Of class probabilities, both (…, K): the sum over classes of −q w log p, and its mean over rows.
Tensor loss_of_probabilities(const Tensor& input, const Tensor& target, const Tensor& weight,
                             const CrossEntropyOptions& options) {
  const double smoothing = options.label_smoothing;
  Tensor q = target;
  if (smoothing > 0) q = q * (1 - smoothing) + smoothing / static_cast<double>(input.size(-1));
  if (weight.defined()) q = q * weight.detach();
  return reduced(-(q * input.log_softmax(-1)).sum(-1), options.reduction);
}

}  // namespace

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight,
                     const CrossEntropyOptions& options) {
  check_arguments(input, target, weight, options);
  const bool probabilities = is_floating_point(target.dtype());
  if (is_half(input))  // computed in float32 and rounded once
    return cross_entropy(input.to(float32), probabilities ? target.to(float32) : target,
                         weight.defined() ? weight.to(float32) : weight, options)
        .to(input.dtype());
  if (probabilities)
    return loss_of_probabilities(classes_last(input), classes_last(target), weight, options);
  if (input.dim() == 2) return loss_of_indices(input, target, weight, options);
  const Tensor loss =
      loss_of_indices(classes_last(input).reshape({target.numel(), class_count(input)}),
                      target.reshape({target.numel()}), weight, options);
  return options.reduction == LossReduction::none ? loss.reshape(target.shape()) : loss;
}

}  // namespace cuttle
