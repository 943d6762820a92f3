#include "creation.h"
#include "dispatch.h"

namespace cuttle {
namespace {

TensorOptions options_of(std::string_view op, const Tensor& like, const LikeOptions& options) {
  check_defined(op, like);
  return {.dtype = options.dtype.value_or(like.dtype()),
          .device = options.device.value_or(like.device()),
          .requires_grad = options.requires_grad};
}

}  // namespace

Tensor CreationMethods::new_empty(const Shape& shape, const LikeOptions& options) const {
  return empty(shape, options_of("new_empty", self(*this), options));
}
Tensor CreationMethods::new_empty_strided(const Shape& shape, const Strides& strides,
                                          const LikeOptions& options) const {
  return empty_strided(shape, strides, options_of("new_empty_strided", self(*this), options));
}
Tensor CreationMethods::new_zeros(const Shape& shape, const LikeOptions& options) const {
  return zeros(shape, options_of("new_zeros", self(*this), options));
}
Tensor CreationMethods::new_ones(const Shape& shape, const LikeOptions& options) const {
  return ones(shape, options_of("new_ones", self(*this), options));
}
Tensor CreationMethods::new_full(const Shape& shape, Scalar value,
                                 const LikeOptions& options) const {
  return full(shape, value, options_of("new_full", self(*this), options));
}
Tensor CreationMethods::new_tensor(const NestedList& values, const LikeOptions& options) const {
  return tensor(values, options_of("new_tensor", self(*this), options));
}

}  // namespace cuttle
