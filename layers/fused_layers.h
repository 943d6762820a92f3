// Neighbouring layers that one operation computes together. For Sequential alone.
#pragma once

#include <optional>

#include "../core/ops/conv2d_pool.h"
#include "convolution/conv2d.h"
#include "normalization/batch_norm.h"

namespace cuttle {

/// A convolution and the layers behind it that conv2d_max_pool2d computes with it; or a batch
/// normalisation and the ReLU behind it.
struct FusedLayers {
  const Conv2d* convolution;
  BatchNorm* norm;  // where there is no convolution
  Activation activation;
  size_t count;  // of layers, the convolution among them

  /// Undefined where the operation throws Error: called one by one, the layers say which of them
  /// is at fault.
  Tensor forward(const Tensor& input) const;
};

/// The layers that begin with number `first`, or nothing where they do not make up the operation.
/// A class derived from a layer may compute something else: its objects are never fused.
std::optional<FusedLayers> find_fused_layers(const Module::NamedChildren& children, size_t first);

}  // namespace cuttle
