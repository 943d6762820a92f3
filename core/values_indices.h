// What operations give that pick elements along a dimension.
#pragma once

#include "tensor.h"

namespace cuttle {

/// The elements picked, and where along the dimension each was found (int64):
///   const auto [values, indices] = x.sort(0);
struct ValuesIndices {
  Tensor values, indices;
};

/// What Tensor::unique gives. `inverse`: for each element of the input which of the values it is;
/// `counts`: how often each value occurs. int64; undefined where they were not asked for.
struct Uniques {
  Tensor values, inverse, counts;
};

}  // namespace cuttle
