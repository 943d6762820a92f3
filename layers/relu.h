// ReLU: negative values become zero.
#pragma once

#include "activation/elementwise_activation.h"

namespace cuttle {

/// torch.nn.ReLU: max(x, 0), element by element; any shape.
class ReLU : public ElementwiseActivation {
 public:
  explicit ReLU(const ActivationOptions& options = {});
};

}  // namespace cuttle
