// Operations in place that have no kernel of their own. For core/ops.
#pragma once

#include <string_view>

#include "../autograd/record.h"
#include "../tensor.h"

namespace cuttle {

/// x = result, recorded, in x's memory; of one shape. Throws Error naming `op` where x must not be
/// written.
inline Tensor& overwrite(std::string_view op, Tensor& x, const Tensor& result) {
  check_in_place(op, x, {result});
  return x.copy_(result);
}

}  // namespace cuttle
