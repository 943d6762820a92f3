// Glorot and Bengio's initial values, for the layers of this folder.
#pragma once

#include <cmath>

#include "../init.h"

namespace cuttle {

/// The standard deviation √(2 / (fan_in + fan_out)) ("Understanding the difficulty of training deep
/// feedforward neural networks", 2010).
inline double xavier_deviation(const Tensor& weight) {
  const init::Fan fan = init::calculate_fan_in_and_fan_out(weight);
  return std::sqrt(2.0 / static_cast<double>(fan.in + fan.out));
}
inline void xavier_uniform(const Tensor& weight) {
  const double bound = std::sqrt(3.0) * xavier_deviation(weight);
  init::uniform_(weight, -bound, bound);
}

}  // namespace cuttle
