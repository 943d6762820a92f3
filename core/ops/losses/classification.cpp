#include "classification.h"

#include "../../creation.h"
#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../reduce.h"
#include "../scan.h"
#include "class_targets.h"
#include "cross_entropy.h"
#include "pointwise_loss.h"

namespace cuttle {
namespace {

using kernels::PointwiseLoss;

void check_same_shape(std::string_view op, const Tensor& input, const Tensor& target) {
  check_defined(op, input);
  check_defined(op, target);
  if (input.shape() != target.shape())
    fail(op, ": expected a target of the input's shape ", input.shape(), ", got ", target.shape());
}

// loss(reduction), with the losses weighted where there are weights.
template <class Loss>
Tensor weighted(const Tensor& weight, LossReduction reduction, const Loss& loss) {
  if (!weight.defined()) return loss(reduction);
  return reduced(loss(LossReduction::none) * weight.detach(), reduction);
}

// The kernel makes NaN of a probability that is none, so that it is asked for only then.
void check_probabilities(const Tensor& input, const Tensor& loss) {
  if (!input.is_cpu() || !any(isnan(loss.detach())).item<bool>()) return;
  const Tensor x = input.detach();
  const Tensor outside = !((x >= 0) & (x <= 1));
  if (any(outside).item<bool>())
    fail(
        "binary_cross_entropy: the input must hold probabilities, in [0, 1]; of logits, "
        "binary_cross_entropy_with_logits takes the sigmoid itself");
}

// x (N, K) of the input, and indices (N, 1) of the target.
Tensor batch_of(const Tensor& x) {
  return x.dim() == 1 ? x.unsqueeze(0) : x;
}
void check_matrix(std::string_view op, const Tensor& input) {
  if (input.dim() > 2)
    fail(op, ": expected an input of shape (classes) or (N, classes), got ", input.shape());
}

// As it was given: the loss of a single row has no dimension.
Tensor without_batch(const Tensor& loss, const Tensor& input, LossReduction reduction) {
  return reduced(input.dim() == 1 ? loss.squeeze(0) : loss, reduction);
}

}  // namespace

Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight,
                const NLLLossOptions& options) {
  const std::string_view name = "nll_loss";
  check_class_input(name, input, target, weight);
  check_class_indices(name, input, target);
  check_class_range(name, class_count(input), target, options.ignore_index);
  if (is_half(input))
    return nll_loss(input.to(float32), target, weight.defined() ? weight.to(float32) : weight,
                    options)
        .to(input.dtype());
  const int dim = class_dim(input);
  const Tensor counts = target != options.ignore_index;
  const Tensor index = where(counts, target, 0);
  Tensor loss = -input.gather(dim, index.unsqueeze(dim)).squeeze(dim);
  Tensor factor = counts.to(input.dtype());
  if (weight.defined())
    factor = factor * weight.detach().index_select(0, index.reshape({-1})).reshape(target.shape());
  loss = where(counts, loss * factor, 0);
  return options.reduction == LossReduction::mean ? loss.sum() / factor.sum()
                                                  : reduced(loss, options.reduction);
}

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target,
                            const BCELossOptions& options) {
  const std::string_view name = "binary_cross_entropy";
  check_same_shape(name, input, target);
  const Tensor loss = weighted(options.weight, options.reduction, [&](LossReduction reduction) {
    return pointwise_loss(name, PointwiseLoss::bce, {input, target}, {}, reduction);
  });
  check_probabilities(input, loss);
  return loss;
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const BCEWithLogitsLossOptions& options) {
  const std::string_view name = "binary_cross_entropy_with_logits";
  check_same_shape(name, input, target);
  return weighted(options.weight, options.reduction, [&](LossReduction reduction) {
    if (!options.pos_weight.defined())
      return pointwise_loss(name, PointwiseLoss::bce_with_logits, {input, target}, {}, reduction);
    if (broadcast_shapes(name, input.shape(), options.pos_weight.shape()) != input.shape())
      fail(name, ": pos_weight ", options.pos_weight.shape(), " does not broadcast to the input ",
           input.shape());
    return pointwise_loss(name, PointwiseLoss::bce_with_logits_weighted,
                          {input, target, options.pos_weight.detach()}, {}, reduction);
  });
}

Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivLossOptions& options) {
  const auto loss = [&](LossReduction reduction) {
    return pointwise_loss(
        "kl_div", options.log_target ? PointwiseLoss::kl_div_log_target : PointwiseLoss::kl_div,
        {input, target}, {}, reduction);
  };
  switch (options.reduction) {
    case KLDivReduction::none:
      return loss(LossReduction::none);
    case KLDivReduction::mean:
      return loss(LossReduction::mean);
    case KLDivReduction::sum:
      return loss(LossReduction::sum);
    case KLDivReduction::batchmean:
      break;
  }
  check_defined("kl_div", input);
  if (input.dim() == 0) fail("kl_div: batchmean needs a batch, got an input without dimensions");
  return loss(LossReduction::sum) / static_cast<double>(input.size(0));
}

Tensor multi_margin_loss(const Tensor& input, const Tensor& target,
                         const MultiMarginLossOptions& options) {
  const std::string_view name = "multi_margin_loss";
  check_class_input(name, input, target, options.weight);
  check_matrix(name, input);
  check_class_indices(name, input, target);
  check_class_range(name, class_count(input), target, -1);
  if (options.p != 1 && options.p != 2) fail(name, ": p must be 1 or 2, got ", options.p);
  const Tensor x = batch_of(input), index = target.reshape({-1, 1});
  Tensor excess = (x - x.gather(1, index) + options.margin).relu();
  if (options.p == 2) excess = excess * excess;
  if (options.weight.defined())
    excess = excess * options.weight.detach().index_select(0, index.squeeze(1)).unsqueeze(1);
  const Tensor classes = arange(x.size(1), {.dtype = int64, .device = x.device()});
  const Tensor loss = where(index == classes, 0, excess).sum(1) / static_cast<double>(x.size(1));
  return without_batch(loss, input, options.reduction);
}

Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target, LossReduction reduction) {
  const std::string_view name = "multilabel_margin_loss";
  check_class_input(name, input, target, {});
  check_matrix(name, input);
  check_same_shape(name, input, target);
  if (target.dtype() != int64)
    fail(name, ": targets are labels of dtype int64, got ", target.dtype(),
         "; convert with .to(int64)");
  check_class_range(name, class_count(input), target, -1);
  const Tensor x = batch_of(input), labels = batch_of(target);
  const Tensor listed = (labels < 0).to(int64).cumsum(1) == 0;  // (N, K): before the first −1
  const Tensor index = where(listed, labels, 0);
  const Tensor is_label = zeros(labels.shape(), {.dtype = int64, .device = x.device()})
                              .scatter_add(1, index, listed.to(int64)) != 0;
  // (N, labels, K)
  const Tensor excess = (x.unsqueeze(1) - x.gather(1, index).unsqueeze(2) + 1).relu();
  const Tensor counts = listed.unsqueeze(2) & !is_label.unsqueeze(1);
  const Tensor loss = where(counts, excess, 0).sum({1, 2}) / static_cast<double>(x.size(1));
  return without_batch(loss, input, reduction);
}

Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target,
                                   const MultiLabelSoftMarginLossOptions& options) {
  const Tensor loss = binary_cross_entropy_with_logits(
      input, target, {.weight = options.weight, .reduction = LossReduction::none});
  if (input.dim() == 0)
    fail("multilabel_soft_margin_loss: expected an input of shape (classes) or (N, classes), got ",
         input.shape());
  return reduced(loss.mean(-1), options.reduction);
}

}  // namespace cuttle
