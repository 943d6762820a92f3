// Flatten: a view where the layout allows it, else a copy.
#include "flatten.h"

namespace cuttle {

Tensor Flatten::forward(const Tensor& input) {
  return input.flatten(start_dim_, end_dim_);
}

std::string Flatten::extra_repr() const {
  return "start_dim=" + std::to_string(start_dim_) + ", end_dim=" + std::to_string(end_dim_);
}

}  // namespace cuttle
