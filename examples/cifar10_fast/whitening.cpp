#include "whitening.h"

#include <cmath>

using namespace cuttle;

namespace {

using Matrix = std::vector<std::vector<double>>;

double off_diagonal(const Matrix& a) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < i; ++j) sum += a[i][j] * a[i][j];
  return sum;
}

double trace_of_squares(const Matrix& a) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i][i] * a[i][i];
  return sum;
}

// A plane's rotation that makes a[p][q] zero: a ← R · a · Rᵀ, vectors ← R · vectors.
void rotate(Matrix& a, Matrix& vectors, size_t p, size_t q) {
  if (a[p][q] == 0) return;
  const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const double t = std::copysign(1 / (std::abs(theta) + std::hypot(theta, 1)), theta);
  const double c = 1 / std::hypot(t, 1), s = t * c;
  const auto turn = [&](double& x, double& y) {
    const double before = x;
    x = c * x - s * y;
    y = s * before + c * y;
  };
  for (auto& row : a) turn(row[p], row[q]);
  for (size_t k = 0; k < a.size(); ++k) {
    turn(a[p][k], a[q][k]);
    turn(vectors[p][k], vectors[q][k]);
  }
}

}  // namespace

Eigen eigen_of_symmetric(Matrix a) {
  const size_t n = a.size();
  Matrix vectors(n, std::vector<double>(n));
  for (size_t i = 0; i < n; ++i) vectors[i][i] = 1;
  for (int sweep = 0; sweep < 50 && off_diagonal(a) > 1e-28 * trace_of_squares(a); ++sweep)
    for (size_t p = 0; p < n; ++p)
      for (size_t q = p + 1; q < n; ++q) rotate(a, vectors, p, q);
  Eigen eigen{{}, std::move(vectors)};
  for (size_t i = 0; i < n; ++i) eigen.values.push_back(a[i][i]);
  return eigen;
}

Tensor whitening_filters(const Tensor& images, int64_t size, double eps) {
  const int64_t channels = images.size(1), length = channels * size * size;
  const Tensor patches = images.unfold(2, size, 1)
                             .unfold(3, size, 1)  // (N, C, H', W', size, size)
                             .permute({0, 2, 3, 1, 4, 5})
                             .reshape(-1, length);
  const Tensor covariance = mm(patches.t(), patches) / patches.size(0);
  std::vector<std::vector<double>> matrix;
  for (int64_t i = 0; i < length; ++i)
    matrix.push_back(covariance.select(0, i).to_vector<double>());
  const Eigen eigen = eigen_of_symmetric(std::move(matrix));
  std::vector<double> values;
  for (const double sign : {1., -1.})
    for (size_t i = 0; i < eigen.values.size(); ++i)
      for (const double element : eigen.vectors[i])
        values.push_back(sign * element / std::sqrt(eigen.values[i] + eps));
  return tensor(values, {2 * length, channels, size, size}, {.dtype = float32});
}
