// ReLU: the call of the operation.
#include "relu.h"

namespace cuttle {

Tensor ReLU::forward(const Tensor& input) {
  return input.relu();
}

}  // namespace cuttle
