// ReLU: negative values become zero.
#pragma once

#include "module.h"

namespace cuttle {

/// torch.nn.ReLU: max(x, 0), element by element; any shape.
class ReLU : public Module {
 public:
  Tensor forward(const Tensor& input) override;
};

}  // namespace cuttle
