#include "cross_entropy.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"

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

}  // namespace

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight,
                     const CrossEntropyOptions& options) {
  check_arguments(input, target, weight, options);
  const kernels::CrossEntropyShape shape{.rows = input.size(0),
                                         .classes = input.size(1),
                                         .ignore_index = options.ignore_index,
                                         .label_smoothing = options.label_smoothing,
                                         .reduction = options.reduction};
  const TensorOptions like{.dtype = input.dtype(), .device = input.device()};
  const Tensor x = input.contiguous(), targets = target.contiguous();
  const Tensor weights = weight.defined() ? weight.detach().contiguous() : weight;
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
  return record_once(
      "cross_entropy", loss, {x},
      [=, x = save(x), targets = save(targets), weights = save(weights)](
          const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const Tensor logits = x.get(), classes = targets.get(), w = weights.get();
        const Tensor dloss = gradient.contiguous();
        Tensor dx = empty(logits.shape(), like);
        dispatch_float_double("cross_entropy", *like.dtype, [&]<class T>() {
          const kernels::CrossEntropySaved<T> saved{.x = logits.data<T>(),
                                                    .target = classes.data<int64_t>(),
                                                    .weight = w.defined() ? w.data<T>() : nullptr,
                                                    .terms = terms.data<T>(),
                                                    .total_weight = total_weight.data<T>()};
          on_device(like.device, [&](auto stream) {
            kernels::cross_entropy_backward(stream, shape, saved, dloss.data<T>(), dx.data<T>());
          });
        });
        return {dx};
      });
}

}  // namespace cuttle
