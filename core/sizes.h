// The check that what makes tensors does of the sizes it was given.
#pragma once

#include <string_view>

#include "shape.h"

namespace cuttle {

/// Throws Error naming the operation where a size is negative or the elements cannot be counted.
void check_sizes(std::string_view op, const Shape& shape);

}  // namespace cuttle
