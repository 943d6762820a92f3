// The whitening of cifar10_fast: eigenvectors of symmetric matrices, and patches without
// correlation.
#include "../../examples/cifar10_fast/whitening.h"

#include <gtest/gtest.h>

namespace cuttle {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix symmetric(size_t size) {
  manual_seed(1);
  const Tensor x =
      randn({static_cast<int64_t>(size), static_cast<int64_t>(size)}, {.dtype = float64});
  const auto values = (x + x.t()).to_vector<double>();
  Matrix matrix(size);
  for (size_t i = 0; i < size; ++i)
    matrix[i].assign(values.begin() + static_cast<std::ptrdiff_t>(i * size),
                     values.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
  return matrix;
}

void check(const Matrix& matrix) {
  const Eigen eigen = eigen_of_symmetric(matrix);
  const size_t n = matrix.size();
  ASSERT_EQ(eigen.values.size(), n);
  for (size_t v = 0; v < n; ++v) {
    const std::vector<double>& vector = eigen.vectors[v];
    for (size_t i = 0; i < n; ++i) {
      double product = 0, overlap = 0;
      for (size_t j = 0; j < n; ++j) {
        product += matrix[i][j] * vector[j];
        overlap += eigen.vectors[i][j] * vector[j];
      }
      EXPECT_NEAR(product, eigen.values[v] * vector[i], 1e-12) << n << ": " << v << ", " << i;
      EXPECT_NEAR(overlap, i == v ? 1 : 0, 1e-13) << n << ": " << v << ", " << i;
    }
  }
}

TEST(Whitening, FindsEigenvectors) {
  for (const size_t size : {1, 2, 5, 12}) check(symmetric(size));
  check({{3, 0, 0}, {0, 3, 0}, {0, 0, -1}});
  check({{0, 1}, {1, 0}});
  check({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}});
}

TEST(Whitening, FiltersGiveUncorrelatedChannelsOfVarianceOne) {
  manual_seed(2);
  const Tensor noise = randn({8, 3, 17, 17});
  const Tensor images =
      noise.narrow(2, 0, 16).narrow(3, 0, 16) + noise.narrow(2, 1, 16).narrow(3, 1, 16) * 0.5;
  const Tensor filters = whitening_filters(images, 2, /*eps=*/0);
  ASSERT_EQ(filters.shape(), Shape({24, 3, 2, 2}));
  const Tensor y = conv2d(images, filters.narrow(0, 0, 12)).permute({1, 0, 2, 3}).flatten(1);
  const auto covariance = (mm(y, y.t()) / y.size(1)).to_vector<double>();
  for (size_t i = 0; i < 144; ++i) EXPECT_NEAR(covariance[i], i % 13 == 0 ? 1 : 0, 1e-4) << i;
  EXPECT_EQ(filters.narrow(0, 12, 12).to_vector<float>(),
            (-filters.narrow(0, 0, 12)).to_vector<float>());
}

}  // namespace
}  // namespace cuttle
