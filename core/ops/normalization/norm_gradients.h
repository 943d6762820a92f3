// What the operations of this folder share: their checks, and their gradients as recorded
// operations. For this folder alone.
#pragma once

#include <optional>

#include "../../../kernels/norm.h"
#include "../../autograd/record.h"
#include "../../tensor.h"

namespace cuttle {

/// Throws Error unless `tensor` is undefined, or has this shape and fits `input` by device and
/// dtype: of its dtype, or float32 beside float16 and bfloat16.
void check_norm_operand(std::string_view op, const char* name, const Tensor& tensor,
                        const Shape& shape, const Tensor& input);

/// The dtype in which it is computed: float32 for the halves. Throws Error unless x is floating.
DType norm_compute_dtype(std::string_view op, const Tensor& x);

/// The pointer of a tensor that may be undefined.
template <class T>
T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

/// A normalisation as its recorded gradients see it.
struct NormRecord {
  Shape parts;  // (N, groups, channels of a group, elements): what x is reshaped to
  bool shared =
      false;  // statistics over N and elements, else over channels of a group and elements
  bool centred = true;  // else the mean counts as 0
  double eps = 0;
  // Statistics that do not depend on x, (groups).
  Tensor constant_mean = {}, constant_variance = {};
  // Of x's shape, not 0 where the gradient passes. Undefined: everywhere.
  Tensor mask = {};
};

/// The gradients of x, weight and bias, those that are needed; weight may be undefined, and the
/// last two gradients are vectors of all channels.
std::vector<Tensor> recorded_norm_gradients(const NormRecord& record, const Tensor& x,
                                            const Tensor& weight, const Tensor& gradient,
                                            const NeededInputs& needed);

}  // namespace cuttle
