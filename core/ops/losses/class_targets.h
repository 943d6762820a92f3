// What losses over classes share: where the dimension of the classes is, the checks of targets and
// weights. For core/ops/losses alone.
#pragma once

#include <string_view>

#include "../../tensor.h"

namespace cuttle {

/// The classes are dimension 1, or 0 of a tensor without a batch.
inline int class_dim(const Tensor& input) {
  return input.dim() == 1 ? 0 : 1;
}
inline int64_t class_count(const Tensor& input) {
  return input.size(class_dim(input));
}
inline Tensor classes_last(const Tensor& input) {
  return input.dim() <= 2 ? input : input.movedim(1, -1);
}
/// The input's shape without its classes: the shape of class indices.
Shape without_classes(const Tensor& input);

/// Throws Error naming `op` unless the input is floating with at least one class, weights, where
/// defined, are one a class in its dtype, and devices agree.
void check_class_input(std::string_view op, const Tensor& input, const Tensor& target,
                       const Tensor& weight);
/// Throws Error naming `op` unless the target holds int64 indices, one for each place of the input.
void check_class_indices(std::string_view op, const Tensor& input, const Tensor& target);
/// Throws Error naming `op` for an index outside of [0, classes) other than `ignore_index`; looks
/// on the CPU alone.
void check_class_range(std::string_view op, int64_t classes, const Tensor& target,
                       int64_t ignore_index);

}  // namespace cuttle
