// Elements picked and written by index.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "../scalar.h"

namespace cuttle {

class Tensor;
class TensorIndex;      // core/indexing.h
class IndexedElements;  // core/indexing.h

/// What Tensor inherits: gather and scatter, index_select and index_add, and their kin. Indices are
/// integers of any dtype, on the tensor's device, from 0 to the size − 1. One that is out of range
/// throws Error on the CPU; on a GPU it is reported at the next wait for the device, picks NaN (0
/// in an integer tensor) and is not written. Each function without underscore returns a changed
/// copy; the other one changes the tensor.
///
/// What is written to one element several times is combined in the order in which the index lists
/// it, the last assignment winning, so that every run and every device gives the same bits.
/// Gradients of all but `multiply` are defined, twice and more. An element that is assigned several
/// times gives each of the values the gradient, as in PyTorch.
class IndexingMethods {
 public:
  /// out[i][j] = this[index[i][j]][j] for dim 0, this[i][index[i][j]] for dim 1, and so on; of the
  /// index's shape, which may be smaller than the tensor in other dimensions.
  Tensor gather(int64_t dim, const Tensor& index) const;
  /// The opposite: this[index[i][j]][j] = source[i][j] for dim 0. `source` has at least the index's
  /// sizes and this dtype.
  Tensor scatter(int64_t dim, const Tensor& index, const Tensor& source) const;
  Tensor scatter(int64_t dim, const Tensor& index, Scalar value) const;
  /// With reduce "add" or "multiply", the value is added to or multiplied with what is there.
  Tensor scatter(int64_t dim, const Tensor& index, const Tensor& source,
                 std::string_view reduce) const;
  Tensor scatter(int64_t dim, const Tensor& index, Scalar value, std::string_view reduce) const;
  Tensor scatter_add(int64_t dim, const Tensor& index, const Tensor& source) const;
  Tensor& scatter_(int64_t dim, const Tensor& index, const Tensor& source);
  Tensor& scatter_(int64_t dim, const Tensor& index, Scalar value);
  Tensor& scatter_(int64_t dim, const Tensor& index, const Tensor& source, std::string_view reduce);
  Tensor& scatter_(int64_t dim, const Tensor& index, Scalar value, std::string_view reduce);
  Tensor& scatter_add_(int64_t dim, const Tensor& index, const Tensor& source);

  /// scatter with more ways to combine: "sum", "prod", "mean", "amax" or "amin" of all that goes to
  /// one element and, with include_self, of what it holds. What nothing goes to stays. Means of
  /// integers are rounded down; sums and products go in the order of the index. Gradients, of any
  /// order, are right where a product has zeros; equal extremes share theirs evenly.
  Tensor scatter_reduce(int64_t dim, const Tensor& index, const Tensor& source,
                        std::string_view reduce, bool include_self = true) const;
  Tensor& scatter_reduce_(int64_t dim, const Tensor& index, const Tensor& source,
                          std::string_view reduce, bool include_self = true);
  /// The same for whole slices, as index_add: "prod", "mean", "amax" or "amin".
  Tensor index_reduce(int64_t dim, const Tensor& index, const Tensor& source,
                      std::string_view reduce, bool include_self = true) const;
  Tensor& index_reduce_(int64_t dim, const Tensor& index, const Tensor& source,
                        std::string_view reduce, bool include_self = true);

  /// The slices along `dim` that a list of numbers names.
  Tensor index_select(int64_t dim, const Tensor& index) const;
  /// this's slice index[i] += alpha · source's slice i; `source` has this shape but for `dim`,
  /// where it has the index's length.
  Tensor index_add(int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha = 1) const;
  Tensor& index_add_(int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha = 1);
  /// this's slice index[i] = source's slice i.
  Tensor index_copy(int64_t dim, const Tensor& index, const Tensor& source) const;
  Tensor& index_copy_(int64_t dim, const Tensor& index, const Tensor& source);
  /// The slices that the index names become one number; a tensor without dimensions gets its
  /// gradient.
  Tensor index_fill(int64_t dim, const Tensor& index, Scalar value) const;
  Tensor index_fill(int64_t dim, const Tensor& index, const Tensor& value) const;
  Tensor& index_fill_(int64_t dim, const Tensor& index, Scalar value);
  Tensor& index_fill_(int64_t dim, const Tensor& index, const Tensor& value);

  /// x[…] with libtorch's tokens (core/indexing.h), in any combination, by NumPy's and PyTorch's
  /// rules: a number picks a slice; Slice(start, stop, step) a range; None makes a dimension of 1;
  /// Ellipsis or "..." stands for the dimensions not named; a bool tensor picks where it is set, in
  /// as many dimensions as it has, and true and false make a dimension of 1 or 0; index tensors
  /// (negative ones count from the back) are broadcast to one shape, which takes their dimensions'
  /// place if these are neighbours and else comes first. uint8 tensors are masks. Numbers, slices,
  /// None and Ellipsis alone give a view, everything else a copy; masks, and index tensors without
  /// dimensions, wait for the device. As a temporary, x.index({…}) = y writes to x as index_put_
  /// does.
  IndexedElements index(const std::vector<TensorIndex>& indices) const;
  /// x[…] = values or, with accumulate, += values: converted to this dtype and broadcast.
  Tensor& index_put_(const std::vector<TensorIndex>& indices, const Tensor& values,
                     bool accumulate = false);
  Tensor& index_put_(const std::vector<TensorIndex>& indices, Scalar value,
                     bool accumulate = false);
  Tensor index_put(const std::vector<TensorIndex>& indices, const Tensor& values,
                   bool accumulate = false) const;

  /// The elements where a bool tensor, which broadcasts to this one, is set become one number; a
  /// tensor without dimensions gets its gradient.
  Tensor masked_fill(const Tensor& mask, Scalar value) const;
  Tensor masked_fill(const Tensor& mask, const Tensor& value) const;
  Tensor& masked_fill_(const Tensor& mask, Scalar value);
  Tensor& masked_fill_(const Tensor& mask, const Tensor& value);
  /// They become the first elements of `source`, in row-major order. Waits for the device.
  Tensor masked_scatter(const Tensor& mask, const Tensor& source) const;
  Tensor& masked_scatter_(const Tensor& mask, const Tensor& source);

  /// The elements at positions of the tensor in row-major order, in the index's shape; negative
  /// ones count from the back. put writes them; put_ needs a tensor that view({-1}) can read.
  Tensor take(const Tensor& index) const;
  Tensor put(const Tensor& index, const Tensor& source, bool accumulate = false) const;
  Tensor& put_(const Tensor& index, const Tensor& source, bool accumulate = false);
  /// gather with both broadcast in other dimensions than `dim`; without one, of the flattened
  /// tensor: x.take_along_dim(x.argmax(1, true), 1).
  Tensor take_along_dim(const Tensor& indices, std::optional<int64_t> dim = {}) const;

 protected:
  IndexingMethods() = default;
  IndexingMethods(const IndexingMethods&) = default;
  IndexingMethods& operator=(const IndexingMethods&) = default;
  ~IndexingMethods() = default;
};

}  // namespace cuttle
