// The Newton-Schulz iteration: matrices made nearly orthogonal by products alone.
#pragma once

#include <array>
#include <cstdint>

#include "../core/tensor.h"

namespace cuttle {

struct NewtonSchulzOptions {
  std::array<double, 3> coefficients = {3.4445, -4.775, 2.0315};  // a, b, c
  int64_t steps = 5;
  double eps = 1e-7;  // what a matrix is divided by at least
};

/// U·Vᵀ of each matrix U·S·Vᵀ, approximately: every singular value s of X / ‖X‖ goes through
/// s ← a·s + b·s³ + c·s⁵ so many times, by X ← a·X + (b·G + c·G²)·X with G = X·Xᵀ. The default
/// coefficients lift small values fast and leave all between 0.7 and 1.2 or so (Jordan et al. 2024,
/// "Muon: An optimizer for hidden layers in neural networks").
///
/// `matrices` (m, n) or (B, m, n), multiplied as a batch, in their dtype; each product is rounded
/// once. Records nothing. Throws Error for other numbers of dimensions and integers.
Tensor newton_schulz(const Tensor& matrices, const NewtonSchulzOptions& options = {});

}  // namespace cuttle
