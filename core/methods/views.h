// Other shapes and strides on the same memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../shape.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: views, which share memory with the tensor.
class ViewMethods {
 public:
  /// Throws Error where the elements do not lie so that strides can express it; reshape copies
  /// then.
  Tensor view(const Shape& shape) const;
  template <SizeArgument... Sizes>
  Tensor view(Sizes... sizes) const;
  Tensor reshape(const Shape& shape) const;
  template <SizeArgument... Sizes>
  Tensor reshape(Sizes... sizes) const;
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1) const;
  Tensor transpose(int64_t dim0, int64_t dim1) const;
  /// The transpose of a matrix.
  Tensor t() const;
  Tensor permute(const std::vector<int64_t>& dims) const;
  template <SizeArgument... Sizes>
  Tensor permute(Sizes... dims) const;
  /// Without one dimension of size 1, or without all of them.
  Tensor squeeze(std::optional<int64_t> dim = {}) const;
  Tensor unsqueeze(int64_t dim) const;
  /// Broadcasts dimensions of size 1; -1 keeps a size.
  Tensor expand(const Shape& shape) const;
  template <SizeArgument... Sizes>
  Tensor expand(Sizes... sizes) const;
  Tensor select(int64_t dim, int64_t index) const;
  Tensor narrow(int64_t dim, int64_t start, int64_t length) const;
  Tensor slice(int64_t dim, int64_t start, int64_t end, int64_t step = 1) const;

 protected:
  ViewMethods() = default;
  ViewMethods(const ViewMethods&) = default;
  ViewMethods& operator=(const ViewMethods&) = default;
  ~ViewMethods() = default;
};

}  // namespace cuttle
