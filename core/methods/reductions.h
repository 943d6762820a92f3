// Sums and their kin, over some or all dimensions.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

#include "../dtype.h"
#include "../scalar.h"
#include "dims.h"

namespace cuttle {

class Tensor;
struct ValuesIndices;

/// What Tensor inherits: reductions over dimensions. `dims`: a number, a list, or nothing for all
/// of them; negative ones count from the back. `keepdim` keeps reduced dimensions with size 1.
///
/// Results are accumulated in float32 or wider, in an order that shape and strides fix. All but
/// argmax, argmin, any, all and count_nonzero have gradients, which can be differentiated again.
/// They throw Error for a dimension that is out of range or given twice, and a dtype that the
/// reduction is not defined for.
class ReductionMethods {
 public:
  // With a dtype (x.sum(float64) is short for x.sum({}, false, float64)) x is converted to it
  // first; without one integers and bool are summed and multiplied in int64. Of no elements: 0, 0
  // and 1.
  Tensor sum(const Dims& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  auto sum(std::same_as<DType> auto dtype) const { return sum({}, false, dtype); }
  /// Without the NaN.
  Tensor nansum(const Dims& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  Tensor prod(const Dims& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  auto prod(std::same_as<DType> auto dtype) const { return prod({}, false, dtype); }

  // Floating dtypes alone (mean: or a floating `dtype`); NaN of no elements.
  Tensor mean(const Dims& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  auto mean(std::same_as<DType> auto dtype) const { return mean({}, false, dtype); }
  /// Of what is not NaN.
  Tensor nanmean(const Dims& dims = {}, bool keepdim = false,
                 std::optional<DType> dtype = {}) const;
  /// Σ (x − mean)² / max(0, n − correction), by Welford's method. PyTorch's `unbiased` is a
  /// correction of 1, not so one of 0: true and false may stand in the number's place.
  Tensor var(const Dims& dims = {}, double correction = 1, bool keepdim = false) const;
  auto var(std::same_as<bool> auto unbiased) const { return var({}, unbiased); }
  /// The root of the variance. Its gradient is 0 where it is 0.
  Tensor std(const Dims& dims = {}, double correction = 1, bool keepdim = false) const;
  auto std(std::same_as<bool> auto unbiased) const { return std({}, unbiased); }

  // Every dtype. A NaN is both the largest and the smallest. They throw Error where a slice is
  // empty.
  /// Equal elements share the gradient evenly.
  Tensor amax(const Dims& dims = {}, bool keepdim = false) const;
  Tensor amin(const Dims& dims = {}, bool keepdim = false) const;
  /// The largest / smallest of all; equal elements share the gradient.
  Tensor max() const;
  Tensor min() const;
  /// The largest / smallest along a dimension and the place of the first that is such, which alone
  /// gets the gradient.
  ValuesIndices max(int64_t dim, bool keepdim = false) const;
  ValuesIndices min(int64_t dim, bool keepdim = false) const;
  /// The place (int64) of the first largest / smallest element along a dimension or, without one,
  /// of all in row-major order. Not of bool.
  Tensor argmax(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor argmin(std::optional<int64_t> dim = {}, bool keepdim = false) const;

  // Every dtype; a NaN is not 0. bool: is one not 0; is none 0? (Of nothing: false, true.)
  Tensor any(const Dims& dims = {}, bool keepdim = false) const;
  Tensor all(const Dims& dims = {}, bool keepdim = false) const;
  /// How many are not 0, int64.
  Tensor count_nonzero(const Dims& dims = {}) const;

  // Floating dtypes alone.
  /// The vector norm (Σ |x|^p)^(1/p), also of matrices; p = ±∞: the largest / smallest |x|, p = 0:
  /// how many are not 0. The gradient is 0 where x is 0. With a dtype x is converted first.
  Tensor norm(Scalar p = 2, const Dims& dims = {}, bool keepdim = false,
              std::optional<DType> dtype = {}) const;
  /// log Σ exp(x), without overflow; −∞ of no elements. Its gradient is the softmax of the slice, 0
  /// where all of it is −∞.
  Tensor logsumexp(const Dims& dims, bool keepdim = false) const;

  Tensor softmax(int64_t dim) const;
  Tensor log_softmax(int64_t dim) const;

 protected:
  ReductionMethods() = default;
  ReductionMethods(const ReductionMethods&) = default;
  ReductionMethods& operator=(const ReductionMethods&) = default;
  ~ReductionMethods() = default;
};

}  // namespace cuttle
