// What a tensor is, for messages. Internal to report.
#pragma once

#include <string>

#include "../../core/tensor.h"

namespace cuttle::plot {

/// "[2, 3] float32", or "an undefined tensor".
inline std::string described(const Tensor& tensor) {
  if (!tensor.defined()) return "an undefined tensor";
  return tensor.shape().str() + " " + std::string(dtype_name(tensor.dtype()));
}

}  // namespace cuttle::plot
