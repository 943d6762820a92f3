// Products of two inputs: bilinear forms, and the angle between vectors.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// torch.nn.functional.bilinear: input1 (…, I), input2 (…, J), weight (O, I, J), bias (O) or
/// undefined; y_o = input1ᵀ · W_o · input2 + b_o, (…, O). Throws Error where sizes do not fit.
Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight,
                const Tensor& bias = {});

/// torch.nn.functional.cosine_similarity: x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)) along `dim`,
/// which is not in the result; shapes broadcast.
Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim = 1, double eps = 1e-8);

}  // namespace cuttle
