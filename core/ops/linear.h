// Matrix products.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// torch.matmul: vectors (n), matrices (m, k) · (k, n), and batches of matrices whose leading
/// dimensions broadcast.
Tensor matmul(const Tensor& a, const Tensor& b);

/// torch.nn.functional.linear: input (…, I), weight (O, I), bias (O) or undefined; gives (…, O).
Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias = {});

}  // namespace cuttle
