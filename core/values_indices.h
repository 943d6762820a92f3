// What operations give that pick elements along a dimension.
#pragma once

#include "tensor.h"

namespace cuttle {

/// The elements picked, and where along the dimension each was found (int64):
///   const auto [values, indices] = x.sort(0);
struct ValuesIndices {
  Tensor values, indices;
};

}  // namespace cuttle
