// How pooling layers print sizes. For layers/pooling alone.
#pragma once

#include <string>

#include "../../core/ops/adaptive_pool.h"

namespace cuttle {

/// "2" where both are equal, else "(2, 1)".
std::string short_form(Pair pair);
/// The same, "None" for a size that is the input's.
std::string short_form(const OutputSize& size);

}  // namespace cuttle
