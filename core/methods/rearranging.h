// The same elements in another order, or some of them again or set to 0.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../shape.h"
#include "dims.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: elements moved and repeated (more in core/ops/rearrange.h).
class RearrangingMethods {
 public:
  /// The order of the elements along these dimensions turned round. A copy, as all of these are.
  Tensor flip(const std::vector<int64_t>& dims) const;
  template <SizeArgument... Sizes>
  Tensor flip(Sizes... dims) const;
  /// flip(1) / flip(0): a matrix from right to left / upside down.
  Tensor fliplr() const;
  Tensor flipud() const;
  /// Moved by shifts[i] places along dims[i]; what leaves at one end enters at the other. Without
  /// dimensions one shift moves all elements in row-major order.
  Tensor roll(const Dims& shifts, const Dims& dims = {}) const;
  /// Turned k times by 90° from the first of the two dimensions towards the second.
  Tensor rot90(int64_t k = 1, const std::vector<int64_t>& dims = {0, 1}) const;
  /// Matrices, or batches of them, with 0 above / below a diagonal: 0 is the main one, positive
  /// ones lie above it.
  Tensor tril(int64_t diagonal = 0) const;
  Tensor triu(int64_t diagonal = 0) const;
  Tensor& tril_(int64_t diagonal = 0);
  Tensor& triu_(int64_t diagonal = 0);
  /// Writes a number to the main diagonal, where all indices are equal; beyond two dimensions all
  /// sizes must be. With `wrap` the diagonal of a matrix with more rows than columns begins again
  /// below each square, after a row without one.
  Tensor& fill_diagonal_(Scalar value, bool wrap = false);
  /// Each element, or each slice along `dim`, so many times in a row. Without a dimension the
  /// tensor is flattened.
  Tensor repeat_interleave(int64_t repeats, std::optional<int64_t> dim = {}) const;
  /// The same with a number of its own for each (int64, a vector; of one element: for all). Waits
  /// for the device, since the numbers give the size of the result.
  Tensor repeat_interleave(const Tensor& repeats, std::optional<int64_t> dim = {}) const;
  /// The tensor so many times along each dimension; more numbers than dimensions add dimensions in
  /// front. Throws Error for fewer, or a negative one.
  Tensor repeat(const Shape& repeats) const;
  template <SizeArgument... Sizes>
  Tensor repeat(Sizes... repeats) const;
  /// The same where missing leading numbers count as 1.
  Tensor tile(const Shape& repeats) const;
  template <SizeArgument... Sizes>
  Tensor tile(Sizes... repeats) const;

 protected:
  RearrangingMethods() = default;
  RearrangingMethods(const RearrangingMethods&) = default;
  RearrangingMethods& operator=(const RearrangingMethods&) = default;
  ~RearrangingMethods() = default;
};

}  // namespace cuttle
