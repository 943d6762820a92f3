// Activations as functions: torch.nn.functional's names, orders of arguments and defaults.
#pragma once

#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

enum class GeluApproximate { none, tanh };

// Each is one kernel, and so is its gradient; the second derivative is made of recorded operations.
// Formulas: docs/operations.md. All take floating dtypes alone, hardtanh, relu6 and threshold
// integers as well. All throw Error for an undefined tensor and for other dtypes.

/// x · Φ(x) with the normal distribution's Φ, or its approximation by way of tanh.
Tensor gelu(const Tensor& x, GeluApproximate approximate = GeluApproximate::none);
/// log(1 + e^(beta x)) / beta, and x itself where beta · x is above the threshold.
Tensor softplus(const Tensor& x, double beta = 1, double threshold = 20);
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
/// x, or alpha · (e^x − 1) below 0.
Tensor elu(const Tensor& x, double alpha = 1);
/// elu with the scale and alpha that keep mean 0 and variance 1 (Klambauer et al. 2017).
Tensor selu(const Tensor& x);
/// x, or alpha · (e^(x / alpha) − 1) below 0. Throws Error for alpha 0.
Tensor celu(const Tensor& x, double alpha = 1);
Tensor hardtanh(const Tensor& x, Scalar low = -1, Scalar high = 1);
Tensor relu6(const Tensor& x);
/// x above `threshold`, else `value`.
Tensor threshold(const Tensor& x, Scalar threshold, Scalar value);
Tensor mish(const Tensor& x);
Tensor hardswish(const Tensor& x);
Tensor hardsigmoid(const Tensor& x);
Tensor softsign(const Tensor& x);
/// log(sigmoid(x)), without overflow.
Tensor logsigmoid(const Tensor& x);
/// x, or weight · x below 0. `weight` holds one slope, or one for each channel, the second
/// dimension of x (C, of a tensor (N, C, …)). Throws Error for any other number of them.
Tensor prelu(const Tensor& x, const Tensor& weight);
/// a · sigmoid(b) of the two halves a and b of x along `dim` (Dauphin et al. 2017). Throws Error
/// where the size there is odd.
Tensor glu(const Tensor& x, int64_t dim = -1);

Tensor softmax(const Tensor& x, int64_t dim);
Tensor log_softmax(const Tensor& x, int64_t dim);
/// softmax of −x.
Tensor softmin(const Tensor& x, int64_t dim);

/// The constants of selu.
inline constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
inline constexpr double kSeluScale = 1.0507009873554804934193349852946;

}  // namespace cuttle
