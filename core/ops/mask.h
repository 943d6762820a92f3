// Masks: where they are set.
#pragma once

#include <vector>

#include "../tensor.h"

namespace cuttle {

/// The coordinates of the elements of a bool tensor that are set, in row-major order: one int64
/// tensor a dimension, on the mask's device. Waits for the device.
std::vector<Tensor> places_of(const Tensor& mask);

}  // namespace cuttle
