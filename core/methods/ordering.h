// Running sums and their kin along a dimension; order: sorting, picking, counting.
#pragma once

#include <cstdint>
#include <optional>

#include "../dtype.h"

namespace cuttle {

class Tensor;
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
  /// equals (int64). A NaN counts as largest and as smallest. Not for bool. The gradient goes to
  /// the elements that were picked.
  ValuesIndices cummax(int64_t dim) const;
  ValuesIndices cummin(int64_t dim) const;

 protected:
  OrderingMethods() = default;
  OrderingMethods(const OrderingMethods&) = default;
  OrderingMethods& operator=(const OrderingMethods&) = default;
  ~OrderingMethods() = default;
};

}  // namespace cuttle
