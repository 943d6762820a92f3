// CrossEntropyLoss: checks, the weight buffer, and the call of the operation.
#include "cross_entropy_loss.h"

namespace cuttle {

CrossEntropyLoss::CrossEntropyLoss(const CrossEntropyLossOptions& options)
    : weight(register_buffer("weight", options.weight)),
      options_{.reduction = options.reduction,
               .ignore_index = options.ignore_index,
               .label_smoothing = options.label_smoothing} {
  if (weight.defined() && (weight.dim() != 1 || !is_floating_point(weight.dtype())))
    fail("CrossEntropyLoss: weight must hold one floating-point factor a class, got shape ",
         weight.shape(), " of ", weight.dtype());
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    fail("CrossEntropyLoss: label_smoothing must lie in [0, 1], got ", options.label_smoothing);
  constructed_from<CrossEntropyLoss>(options);
}

Tensor CrossEntropyLoss::forward(const Tensor& input, const Tensor& target) {
  return cross_entropy(input, target, weight, options_);
}

}  // namespace cuttle
