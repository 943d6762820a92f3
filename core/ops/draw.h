// How operations draw random numbers.
#pragma once

#include <optional>

#include "../distributions.h"
#include "../generator.h"
#include "../tensor.h"

namespace cuttle {

/// Fills `out`, of any strides and dtype that the distribution makes, in row-major order: by Philox
/// on its device, or by a Twister on the CPU, moved there. Not recorded, and no write is counted.
void draw_into(const Tensor& out, const kernels::Distribution& distribution,
               const std::optional<Generator>& generator);

}  // namespace cuttle
