// The losses of classes: checks, weight buffers, and the calls of their functions.
#include "classification.h"

namespace cuttle {
namespace {

// One floating-point factor a class, or none.
const Tensor& checked_weight(const char* loss, const Tensor& weight) {
  if (weight.defined() && (weight.dim() != 1 || !is_floating_point(weight.dtype())))
    fail(loss, ": weight must hold one floating-point factor a class, got shape ", weight.shape(),
         " of ", weight.dtype());
  return weight;
}

}  // namespace

CrossEntropyLoss::CrossEntropyLoss(const CrossEntropyLossOptions& options)
    : weight(register_buffer("weight", checked_weight("CrossEntropyLoss", options.weight))),
      options_{.reduction = options.reduction,
               .ignore_index = options.ignore_index,
               .label_smoothing = options.label_smoothing} {
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    fail("CrossEntropyLoss: label_smoothing must lie in [0, 1], got ", options.label_smoothing);
  constructed_from<CrossEntropyLoss>(options);
}

Tensor CrossEntropyLoss::forward(const Tensor& input, const Tensor& target) {
  return cross_entropy(input, target, weight, options_);
}

NLLLoss::NLLLoss(const NLLLossModuleOptions& options)
    : weight(register_buffer("weight", checked_weight("NLLLoss", options.weight))),
      options_{.reduction = options.reduction, .ignore_index = options.ignore_index} {
  constructed_from<NLLLoss>(options);
}

Tensor NLLLoss::forward(const Tensor& input, const Tensor& target) {
  return nll_loss(input, target, weight, options_);
}

BCELoss::BCELoss(const BCELossOptions& options)
    : weight(register_buffer("weight", options.weight)), reduction_(options.reduction) {
  constructed_from<BCELoss>(options);
}

Tensor BCELoss::forward(const Tensor& input, const Tensor& target) {
  return binary_cross_entropy(input, target, {.weight = weight, .reduction = reduction_});
}

BCEWithLogitsLoss::BCEWithLogitsLoss(const BCEWithLogitsLossOptions& options)
    : weight(register_buffer("weight", options.weight)),
      pos_weight(register_buffer("pos_weight", options.pos_weight)),
      reduction_(options.reduction) {
  constructed_from<BCEWithLogitsLoss>(options);
}

Tensor BCEWithLogitsLoss::forward(const Tensor& input, const Tensor& target) {
  return binary_cross_entropy_with_logits(
      input, target, {.weight = weight, .pos_weight = pos_weight, .reduction = reduction_});
}

Tensor KLDivLoss::forward(const Tensor& input, const Tensor& target) {
  return kl_div(input, target, options());
}

MultiMarginLoss::MultiMarginLoss(const MultiMarginLossOptions& options)
    : weight(register_buffer("weight", checked_weight("MultiMarginLoss", options.weight))),
      options_{.p = options.p, .margin = options.margin, .reduction = options.reduction} {
  if (options.p != 1 && options.p != 2) fail("MultiMarginLoss: p must be 1 or 2, got ", options.p);
  constructed_from<MultiMarginLoss>(options);
}

Tensor MultiMarginLoss::forward(const Tensor& input, const Tensor& target) {
  MultiMarginLossOptions options = options_;
  options.weight = weight;
  return multi_margin_loss(input, target, options);
}

Tensor MultiLabelMarginLoss::forward(const Tensor& input, const Tensor& target) {
  return multilabel_margin_loss(input, target, options().reduction);
}

MultiLabelSoftMarginLoss::MultiLabelSoftMarginLoss(const MultiLabelSoftMarginLossOptions& options)
    : weight(register_buffer("weight", checked_weight("MultiLabelSoftMarginLoss", options.weight))),
      reduction_(options.reduction) {
  constructed_from<MultiLabelSoftMarginLoss>(options);
}

Tensor MultiLabelSoftMarginLoss::forward(const Tensor& input, const Tensor& target) {
  return multilabel_soft_margin_loss(input, target, {.weight = weight, .reduction = reduction_});
}

}  // namespace cuttle
