// New tensors of a tensor's dtype and device.
#pragma once

#include "../nested_list.h"
#include "../options.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: new tensors, row-major, of its dtype and device where the options do not
/// say otherwise. See core/creation.h.
class CreationMethods {
 public:
  Tensor new_empty(const Shape& shape, const LikeOptions& options = {}) const;
  Tensor new_empty_strided(const Shape& shape, const Strides& strides,
                           const LikeOptions& options = {}) const;
  Tensor new_zeros(const Shape& shape, const LikeOptions& options = {}) const;
  Tensor new_ones(const Shape& shape, const LikeOptions& options = {}) const;
  Tensor new_full(const Shape& shape, Scalar value, const LikeOptions& options = {}) const;
  /// The numbers in the braces: x.new_tensor({{1, 2}, {3, 4}}).
  Tensor new_tensor(const NestedList& values, const LikeOptions& options = {}) const;

 protected:
  CreationMethods() = default;
  CreationMethods(const CreationMethods&) = default;
  CreationMethods& operator=(const CreationMethods&) = default;
  ~CreationMethods() = default;
};

}  // namespace cuttle
