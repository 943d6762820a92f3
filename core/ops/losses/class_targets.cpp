#include "class_targets.h"

#include "../../dispatch.h"

namespace cuttle {

Shape without_classes(const Tensor& input) {
  Shape shape = input.shape();
  shape.erase(class_dim(input));
  return shape;
}

void check_class_input(std::string_view op, const Tensor& input, const Tensor& target,
                       const Tensor& weight) {
  check_defined(op, input);
  check_defined(op, target);
  check_same_device(op, {&input, &target, &weight});
  if (!is_floating_point(input.dtype()))
    fail(op, ": expected a floating dtype, got ", input.dtype(), " ", input.shape(),
         "; convert first, with .to(float32) for example");
  check_same_dtype(op, {&input, &weight});
  if (input.dim() == 0)
    fail(op, ": expected an input of shape (classes), (N, classes) or (N, classes, d1, …), got ",
         input.shape());
  const int64_t classes = class_count(input);
  if (classes == 0) fail(op, ": an input of shape ", input.shape(), " has no class");
  if (weight.defined() && weight.shape() != Shape{classes})
    fail(op, ": expected one weight for each of ", classes, " classes, got shape ", weight.shape());
}

void check_class_indices(std::string_view op, const Tensor& input, const Tensor& target) {
  if (target.dtype() != int64)
    fail(op, ": targets are class indices of dtype int64, got ", target.dtype(),
         "; convert with .to(int64)");
  const Shape expected = without_classes(input);
  if (target.shape() == expected) return;
  const bool one_hot = target.shape() == input.shape();
  Shape column = expected;
  column.push_back(1);
  fail(op, ": expected targets of shape ", expected, " for an input of shape ", input.shape(),
       ", got ", target.shape(),
       one_hot                    ? "; if they are one-hot, .argmax(1) gives the class indices"
       : target.shape() == column ? "; .squeeze(-1) drops the last dimension"
                                  : "");
}

void check_class_range(std::string_view op, int64_t classes, const Tensor& target,
                       int64_t ignore_index) {
  if (!target.is_cpu()) return;
  const Tensor dense = target.contiguous();
  const auto* at = dense.data<int64_t>();
  for (int64_t i = 0; i < dense.numel(); ++i)
    if ((at[i] < 0 || at[i] >= classes) && at[i] != ignore_index)
      fail(op, ": the target ", at[i], " is out of range for ", classes,
           " classes; it must be in [0, ", classes, ")");
}

}  // namespace cuttle
