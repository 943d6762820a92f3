// Running sums and their kin along a dimension; order: sorting, picking, counting.
#pragma once

#include <cstdint>
#include <optional>

#include "../dtype.h"

namespace cuttle {

class Tensor;
struct Uniques;
struct ValuesIndices;

/// What Tensor inherits: operations in which the order of elements counts.
class OrderingMethods {
 public:
  /// Σ and Π of the elements up to each one along a dimension. Integers and bool are added and
  /// multiplied in int64; with `dtype` the tensor is converted to it first. Differentiable as often
  /// as one likes, products right where elements are 0.
  Tensor cumsum(int64_t dim, std::optional<DType> dtype = {}) const;
  Tensor cumprod(int64_t dim, std::optional<DType> dtype = {}) const;
  /// log Σ exp of the elements up to each one; floating types. No finite element overflows.
  Tensor logcumsumexp(int64_t dim) const;
  /// The largest (smallest) element up to each one and its place along the dimension, the last of
  /// equals (int64). A NaN counts as largest and as smallest. The gradient goes to
  /// the elements that were picked.
  ValuesIndices cummax(int64_t dim) const;
  ValuesIndices cummin(int64_t dim) const;

  // Sorting. Along the last dimension unless another is given; every type. A NaN is larger than
  // all, −0 equals 0, equal elements keep their order. The gradient goes to where the values came
  // from; like every one of this family it can be differentiated again.

  /// The elements in rising or falling order, and where they were. `stable` is accepted for
  /// PyTorch's sake: every sort is.
  ValuesIndices sort(int64_t dim = -1, bool descending = false, bool stable = true) const;
  Tensor argsort(int64_t dim = -1, bool descending = false, bool stable = true) const;
  /// The k largest or smallest, in order whether or not `sorted` asks for it; of equals the first.
  ValuesIndices topk(int64_t k, int64_t dim = -1, bool largest = true, bool sorted = true) const;
  /// The k-th smallest, counted from 1.
  ValuesIndices kthvalue(int64_t k, int64_t dim = -1, bool keepdim = false) const;
  /// The element in the middle, of two the smaller; a NaN where there is one (nanmedian: of what is
  /// none, where anything is). Not for bool. Of all elements: without dimensions, NaN of none; all
  /// that equal it share its gradient.
  Tensor median() const;
  ValuesIndices median(int64_t dim, bool keepdim = false) const;
  Tensor nanmedian() const;
  ValuesIndices nanmedian(int64_t dim, bool keepdim = false) const;

  /// The element that occurs most often along a dimension, of several the smallest, and where it
  /// stands last. A NaN equals nothing.
  ValuesIndices mode(int64_t dim = -1, bool keepdim = false) const;
  /// Each element less the one before it, n times over; of bool: whether they differ. `prepend` and
  /// `append`, where they are defined, stand before and behind the tensor along the dimension.
  Tensor diff(int64_t n = 1, int64_t dim = -1) const;
  Tensor diff(int64_t n, int64_t dim, const Tensor& prepend, const Tensor& append) const;

  // What follows has a shape that depends on the values: it waits for the device, and cannot be
  // captured into a CUDA graph.

  /// (n, dim()): the indices of the elements that are not 0, in row-major order (int64).
  Tensor nonzero() const;
  /// The elements where `mask`, a bool tensor, is true, in row-major order. Both broadcast.
  Tensor masked_select(const Tensor& mask) const;
  /// The different elements in rising order or, with `dim`, the different slices along it in
  /// lexicographic order. A NaN equals nothing. In order whether or not `sorted` asks for it.
  Uniques unique(bool sorted = true, bool return_inverse = false, bool return_counts = false,
                 std::optional<int64_t> dim = {}) const;
  /// One of each run of equal elements (in row-major order) or, with `dim`, of slices.
  Uniques unique_consecutive(bool return_inverse = false, bool return_counts = false,
                             std::optional<int64_t> dim = {}) const;
  /// How often each number from 0 to the largest occurs, at least `minlength` of them (int64); or
  /// the sums of their weights, floating ones in their dtype, others in float64. One dimension,
  /// integers ≥ 0.
  Tensor bincount(int64_t minlength = 0) const;
  Tensor bincount(const Tensor& weights, int64_t minlength = 0) const;
  /// How many elements lie in each of `bins` bins of one width from `min` to `max` (in the tensor's
  /// dtype); from the smallest to the largest element where both are 0. Floating types.
  Tensor histc(int64_t bins = 100, double min = 0, double max = 0) const;

 protected:
  OrderingMethods() = default;
  OrderingMethods(const OrderingMethods&) = default;
  OrderingMethods& operator=(const OrderingMethods&) = default;
  ~OrderingMethods() = default;
};

}  // namespace cuttle
