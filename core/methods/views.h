// Other shapes and strides on the same memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../shape.h"
#include "dims.h"

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
  /// The dimensions reversed.
  Tensor T() const;  // NOLINT: PyTorch's name
  /// The last two dimensions exchanged: each matrix of a stack transposed.
  Tensor mT() const;  // NOLINT: PyTorch's name
  /// Each dimension of `source` at the place of the same number in `destination`; the others keep
  /// their order: movedim(0, -1), movedim({0, 1}, {1, 2}).
  Tensor movedim(const Dims& source, const Dims& destination) const;
  Tensor moveaxis(const Dims& source, const Dims& destination) const;
  /// NumPy's and PyTorch's other names of transpose.
  Tensor swapaxes(int64_t axis0, int64_t axis1) const;
  Tensor swapdims(int64_t dim0, int64_t dim1) const;
  /// Without those of the named dimensions that have size 1, or without all that have.
  Tensor squeeze(const Dims& dims = {}) const;
  Tensor unsqueeze(int64_t dim) const;
  /// Broadcasts dimensions of size 1; -1 keeps a size.
  Tensor expand(const Shape& shape) const;
  template <SizeArgument... Sizes>
  Tensor expand(Sizes... sizes) const;
  Tensor broadcast_to(const Shape& shape) const;
  Tensor view_as(const Tensor& other) const;
  Tensor reshape_as(const Tensor& other) const;
  Tensor expand_as(const Tensor& other) const;
  /// One dimension in place of several; ravel() of all of them.
  Tensor ravel() const;
  /// Dimension `dim` as several ones of these sizes, of which one may be -1.
  Tensor unflatten(int64_t dim, const Shape& sizes) const;
  /// With dimensions of size 1 in front (atleast_3d: one behind a matrix), where it has fewer.
  Tensor atleast_1d() const;
  Tensor atleast_2d() const;
  Tensor atleast_3d() const;
  Tensor select(int64_t dim, int64_t index) const;
  Tensor narrow(int64_t dim, int64_t start, int64_t length) const;
  Tensor slice(int64_t dim, int64_t start, int64_t end, int64_t step = 1) const;

  // Cut along a dimension into views.
  /// Parts of `split_size`, the last one shorter where it must be.
  std::vector<Tensor> split(int64_t split_size, int64_t dim = 0) const;
  /// Parts of these sizes, which add up to the dimension's.
  std::vector<Tensor> split(const std::vector<int64_t>& sizes, int64_t dim = 0) const;
  /// At most `chunks` parts of one size, the last one shorter where it must be.
  std::vector<Tensor> chunk(int64_t chunks, int64_t dim = 0) const;
  /// Exactly `sections` parts, the first ones longer by one where it must be; or cut at these
  /// places.
  std::vector<Tensor> tensor_split(int64_t sections, int64_t dim = 0) const;
  std::vector<Tensor> tensor_split(const std::vector<int64_t>& indices, int64_t dim = 0) const;
  /// All slices, without the dimension.
  std::vector<Tensor> unbind(int64_t dim = 0) const;

  // Elements chosen by strides.
  /// The diagonals of the matrices in two dimensions, as a last dimension; `offset` > 0 lies above
  /// the main one.
  Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) const;
  /// The opposite, a copy: zeros with the last dimension on such diagonals.
  Tensor diag_embed(int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1) const;
  /// Of a vector the matrix with that diagonal, of a matrix the diagonal; copies.
  Tensor diag(int64_t diagonal = 0) const;
  /// All windows of `size` neighbours along a dimension, `step` apart: their numbers take its
  /// place, their elements are a last dimension. Gradients of windows that overlap are summed.
  Tensor unfold(int64_t dim, int64_t size, int64_t step) const;
  /// Any strides on the tensor's memory, from element `storage_offset` (the tensor's own first) on.
  /// Throws Error where they lead out of it. Gradients of elements that share a place are summed.
  Tensor as_strided(const Shape& size, const Strides& stride,
                    std::optional<int64_t> storage_offset = {}) const;

 protected:
  ViewMethods() = default;
  ViewMethods(const ViewMethods&) = default;
  ViewMethods& operator=(const ViewMethods&) = default;
  ~ViewMethods() = default;
};

/// Views of all tensors in the shape that they broadcast to.
std::vector<Tensor> broadcast_tensors(const std::vector<Tensor>& tensors);

}  // namespace cuttle
