// newton_schulz against plain loops in double precision, and what it is for: singular values
// near 1.
#include <cuttle/core/creation.h>
#include <cuttle/core/generator.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/optim/newton_schulz.h>

#include <cmath>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix out(a.size(), std::vector<double>(b[0].size()));
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < b[0].size(); ++j)
      for (size_t k = 0; k < b.size(); ++k) out[i][j] += a[i][k] * b[k][j];
  return out;
}

Matrix transposed(const Matrix& a) {
  Matrix out(a[0].size(), std::vector<double>(a.size()));
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < a[0].size(); ++j) out[j][i] = a[i][j];
  return out;
}

/// The iteration on X (m, n) itself, with Xᵀ·X where that is the larger: the same by mathematics.
Matrix iterated(Matrix x, const NewtonSchulzOptions& options) {
  double norm = 0;
  for (const auto& row : x)
    for (const double value : row) norm += value * value;
  norm = std::max(std::sqrt(norm), options.eps);
  for (auto& row : x)
    for (double& value : row) value /= norm;
  const auto [a, b, c] = options.coefficients;
  for (int64_t step = 0; step < options.steps; ++step) {
    const Matrix cube = product(product(x, transposed(x)), x);
    const Matrix fifth = product(product(x, transposed(x)), cube);
    for (size_t i = 0; i < x.size(); ++i)
      for (size_t j = 0; j < x[0].size(); ++j)
        x[i][j] = a * x[i][j] + b * cube[i][j] + c * fifth[i][j];
  }
  return x;
}

std::vector<double> expected_of(const Tensor& matrices, const NewtonSchulzOptions& options) {
  std::vector<double> all;
  for (int64_t k = 0; k < matrices.size(0); ++k) {
    Matrix x;
    for (int64_t i = 0; i < matrices.size(1); ++i)
      x.push_back(matrices.select(0, k).select(0, i).to_vector<double>());
    for (const auto& row : iterated(x, options)) all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

class NewtonSchulz : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(NewtonSchulz);

TEST_P(NewtonSchulz, ComputesTheIteration) {
  manual_seed(3);
  for (const Shape& shape : {Shape{3, 4, 7}, Shape{2, 7, 4}, Shape{1, 1, 1}, Shape{1, 5, 5}})
    for (const NewtonSchulzOptions& options :
         {NewtonSchulzOptions{}, NewtonSchulzOptions{.steps = 0},
          NewtonSchulzOptions{.coefficients = {2, -1.5, 0.5}, .steps = 9, .eps = 5}}) {
      const Tensor x = randn(shape, {.dtype = float64});
      const std::vector<double> expected = expected_of(x, options);
      // Small singular values, and the rounding of them, grow by a⁵, which is 500.
      expect_near(newton_schulz(x.to(device()), options), expected, 1e-12, 0, "float64");
      expect_near(newton_schulz(x.to(device(), float32), options), expected, 2e-4, 0, "float32");
    }
}

TEST_P(NewtonSchulz, LeavesSingularValuesNearOne) {
  manual_seed(5);
  const Tensor x = randn({2, 8, 32}).to(device(), bfloat16);
  const Tensor y = newton_schulz(x).to(float64);
  ASSERT_EQ(newton_schulz(x).dtype(), bfloat16);
  // Of Y·Yᵀ, the squares of singular values, the trace is their sum.
  for (int64_t k = 0; k < 2; ++k) {
    const Tensor gram = mm(y.select(0, k), y.select(0, k).t()).cpu();
    for (int64_t i = 0; i < 8; ++i) EXPECT_NEAR(gram.select(0, i).select(0, i).item(), 0.9, 0.45);
    EXPECT_NEAR(gram.sum().item(), 0.9 * 8, 3);
  }
}

TEST_P(NewtonSchulz, TakesOneMatrixAndNone) {
  const Tensor x = rand({4, 2}).to(device());
  EXPECT_EQ(newton_schulz(x).to_vector<float>(), newton_schulz(x.unsqueeze(0)).to_vector<float>());
  EXPECT_EQ(newton_schulz(zeros({2, 3}, {.device = device()})).to_vector<float>(),
            std::vector<float>(6, 0));
  EXPECT_EQ(newton_schulz(zeros({0, 3, 2}, {.device = device()})).shape(), Shape({0, 3, 2}));
  EXPECT_EQ(
      error_of([&] { (void)newton_schulz(zeros({2}, {.device = device()})); }),
      "newton_schulz: expected floating-point matrices (m, n) or (B, m, n), got [2] of float32");
  EXPECT_EQ(error_of([&] { (void)newton_schulz({}); }),
            "newton_schulz: expected floating-point matrices (m, n) or (B, m, n), got an undefined "
            "tensor");
}

}  // namespace
}  // namespace cuttle::test
