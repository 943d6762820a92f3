// Normalisation over the last dimensions, each slice by itself.
#pragma once

#include <optional>

#include "../../tensor.h"

namespace cuttle {

/// torch.nn.functional.layer_norm: of the last dimensions, which must be `normalized_shape`,
///   y = (x − mean) / √(var + eps) · weight + bias,
/// mean and biased variance those of the slice; weight and bias have normalized_shape or are
/// undefined. (Ba, Kiros and Hinton, "Layer Normalization", 2016.) float16 and bfloat16 are
/// computed in float32. Throws Error where shapes, devices or dtypes do not fit.
Tensor layer_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

/// torch.nn.functional.rms_norm: y = x / √(mean of x² + eps) · weight, likewise. eps unset: the
/// input dtype's distance from 1 to the next number. (Zhang and Sennrich, "Root Mean Square Layer
/// Normalization", 2019.)
Tensor rms_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = {});

}  // namespace cuttle
