// A first layer that is computed and not trained: filters that make patches of pixels uncorrelated.
#pragma once

#include <vector>

#include <cuttle/cuttle.h>

/// A symmetric matrix as V · diag(values) · Vᵀ.
struct Eigen {
  std::vector<double> values;                // in no order
  std::vector<std::vector<double>> vectors;  // vectors[i] belongs to values[i]
};

/// By Jacobi's rotations, in double; for small matrices.
Eigen eigen_of_symmetric(std::vector<std::vector<double>> matrix);

/// Of images (N, C, H, W): 2 · C · size² filters of size × size, the eigenvectors v of the
/// covariance of their patches by v / √(value + eps), then the same negated, for an activation that
/// lets half of a signal pass. (2 · C · size², C, size, size).
cuttle::Tensor whitening_filters(const cuttle::Tensor& images, int64_t size = 2, double eps = 5e-4);
