// The linear layer's product.
#pragma once

#include "matmul.h"

namespace cuttle {

/// torch.nn.functional.linear: input (…, I), weight (O, I), bias (O) or undefined; gives (…, O).
Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias = {});

}  // namespace cuttle
