// Matrix products and linear against triple loops in double.
#include <cuttle/core/ops/linear.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Matmul : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Matmul);

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, int64_t m,
                            int64_t k, int64_t n) {
  std::vector<double> out(static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t p = 0; p < k; ++p)
        out[static_cast<size_t>(i * n + j)] +=
            a[static_cast<size_t>(i * k + p)] * b[static_cast<size_t>(p * n + j)];
  return out;
}

TEST_P(Matmul, MatricesOfAllSizesAndLayouts) {
  const std::vector<std::array<int64_t, 3>> sizes = {{0, 3, 2},   {3, 0, 2},    {3, 2, 0},
                                                     {1, 1, 1},   {31, 33, 1},  {1, 31, 33},
                                                     {33, 1, 31}, {5, 1025, 3}, {31, 17, 33}};
  for (const DType dtype : {float32, float64})
    for (const auto& [m, k, n] : sizes)
      for (const auto& [left, a] : layouts({m, k}, device(), dtype))
        for (const auto& [right, b] : layouts({k, n}, device(), dtype)) {
          const Tensor c = matmul(a, b);
          ASSERT_EQ(c.shape(), (Shape{m, n}));
          // k products of values up to 4; float32 rounds each partial sum.
          const double atol = dtype == float32 ? 1e-6 * static_cast<double>(k + 1) : 1e-12;
          expect_near(c, product(a.to_vector<double>(), b.to_vector<double>(), m, k, n), atol, 1e-6,
                      left + " " + right + " " + c.shape().str());
        }
}

TEST_P(Matmul, BatchesBroadcast) {
  const Tensor a = sample({2, 1, 3, 4}, device()),
               b = sample({5, 4, 2}, device(), float64, 0, 1, 2);
  const Tensor c = a.matmul(b);
  ASSERT_EQ(c.shape(), (Shape{2, 5, 3, 2}));
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 5; ++j)
      expect_near(c[i][j], product(a[i][0].to_vector<double>(), b[j].to_vector<double>(), 3, 4, 2),
                  1e-13, 0, "batch");
}

TEST_P(Matmul, LinearOfAnyRank) {
  for (const Shape& shape : {Shape{33}, Shape{0, 33}, Shape{31, 33}, Shape{2, 3, 33}})
    for (const auto& [layout, x] : layouts(shape, device(), float64)) {
      const Tensor weight = sample({5, 33}, device(), float64, -1, 1, 2);
      const Tensor bias = sample({5}, device(), float64, -1, 1, 3);
      const auto w = weight.to_vector<double>(), b = bias.to_vector<double>(),
                 v = x.to_vector<double>();
      std::vector<double> expected;
      for (size_t r = 0; r < v.size() / 33; ++r)
        for (size_t o = 0; o < 5; ++o) {
          double sum = b[o];
          for (size_t i = 0; i < 33; ++i) sum += v[r * 33 + i] * w[o * 33 + i];
          expected.push_back(sum);
        }
      expect_near(linear(x, weight, bias), expected, 1e-12, 0, "linear " + shape.str() + layout);
    }
}

TEST_P(Matmul, LinearWithoutInputFeaturesGivesTheBias) {
  const Tensor bias = sample({2}, device());
  const Tensor y = linear(zeros({3, 0}, {.dtype = float64, .device = device()}),
                          zeros({2, 0}, {.dtype = float64, .device = device()}), bias);
  const auto b = bias.to_vector<double>();
  expect_near(y, {b[0], b[1], b[0], b[1], b[0], b[1]}, 0, 0, "in = 0");
}

}  // namespace
}  // namespace cuttle::test
