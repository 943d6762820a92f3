#include "cross_entropy.h"

#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "binary.h"

namespace cuttle {
namespace {

void check_targets(const Tensor& input, const Tensor& target) {
  const bool for_each_class = target.shape() == input.shape();
  if (is_floating_point(target.dtype()))
    fail("cross_entropy: targets are class indices of dtype int64 and shape [", input.size(0),
         "]; got ", target.dtype(), " ", target.shape(), ", and class probabilities are ",
         for_each_class ? "not supported; .argmax(1) gives the likeliest class of each row"
                        : "not supported; make the indices with dtype int64");
  if (target.dtype() != int64)
    fail("cross_entropy: targets are class indices of dtype int64, got ", target.dtype(),
         "; convert with .to(int64)");
  if (target.shape() != Shape{input.size(0)})
    fail("cross_entropy: expected targets of shape [", input.size(0), "] for logits ",
         input.shape(), ", got ", target.shape(),
         for_each_class ? "; if they are one-hot, .argmax(1) gives the class indices"
         : target.shape() == Shape{input.size(0), 1} ? "; .squeeze(1) drops the last dimension"
                                                     : "");
}

void check_arguments(const Tensor& input, const Tensor& target, const Tensor& weight,
                     const CrossEntropyOptions& options) {
  check_defined("cross_entropy", input);
  check_defined("cross_entropy", target);
  check_same_device("cross_entropy", {&input, &target, &weight});
  check_same_dtype("cross_entropy", {&input, &weight});
  if (input.dim() != 2)
    fail("cross_entropy: expected logits of shape (N, classes), got ", input.shape());
  check_targets(input, target);
  if (input.size(1) == 0) fail("cross_entropy: logits of shape ", input.shape(), " have no class");
  if (weight.defined() && weight.shape() != Shape{input.size(1)})
    fail("cross_entropy: expected one weight for each of ", input.size(1), " classes, got shape ",
         weight.shape());
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

}  // namespace

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight,
                     const CrossEntropyOptions& options) {
  check_arguments(input, target, weight, options);
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

}  // namespace cuttle
