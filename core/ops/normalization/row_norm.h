// Normalisation of slices of x by their own statistics: what layer, group, instance and root mean
// square normalisation share. For this folder alone.
#pragma once

#include "../../../kernels/norm.h"
#include "../../tensor.h"

namespace cuttle {

struct RowNorm {
  std::string_view op;
  kernels::NormShape shape;  // of x in row-major order
  double eps;
  bool centred = true;  // else by the root mean square alone
};

/// (x − mean) · rstd · weight + bias, recorded, in row-major order. weight and bias hold one number
/// for each of the shape's channels, in any shape, or are undefined; they are checked. The halves
/// are computed in float32.
Tensor row_norm(const RowNorm& norm, const Tensor& input, const Tensor& weight, const Tensor& bias);

}  // namespace cuttle
