// Sums and their kin, over some or all dimensions.
#pragma once

#include <cstdint>
#include <optional>

#include "dims.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: reductions over dimensions.
class ReductionMethods {
 public:
  // Integers are summed in int64.
  Tensor sum(const Dims& dims = {}, bool keepdim = false) const;
  Tensor mean(const Dims& dims = {}, bool keepdim = false) const;
  /// The place of the largest element along a dimension or, without one, of all in row-major order.
  Tensor argmax(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor softmax(int64_t dim) const;
  Tensor log_softmax(int64_t dim) const;

 protected:
  ReductionMethods() = default;
  ReductionMethods(const ReductionMethods&) = default;
  ReductionMethods& operator=(const ReductionMethods&) = default;
  ~ReductionMethods() = default;
};

}  // namespace cuttle
