// What new tensors are made of.
#pragma once

#include <optional>

#include "device.h"
#include "dtype.h"

namespace cuttle {

/// What a new tensor is made of: zeros({2, 3}, {.dtype = float64, .device = "cuda"}).
struct TensorOptions {
  std::optional<DType> dtype = {};  // unset: what the function says, float32 for most
  Device device = {};
  bool requires_grad = false;
};

/// What a tensor like another is made of: unset, as the other.
struct LikeOptions {
  std::optional<DType> dtype = {};
  std::optional<Device> device = {};
  bool requires_grad = false;
};

}  // namespace cuttle
