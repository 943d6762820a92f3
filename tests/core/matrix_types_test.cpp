// Matrix products of every dtype against loops in double: float16 and bfloat16 add up in float32
// and round once, integers are exact.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/products.h>

#include <limits>

#include "golden_values.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class MatrixTypes : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(MatrixTypes);

std::vector<double> product_of(const Tensor& a, const Tensor& b) {
  const int64_t m = a.size(0), k = a.size(1), n = b.size(1);
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  std::vector<double> out(static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t p = 0; p < k; ++p)
        out[static_cast<size_t>(i * n + j)] +=
            x[static_cast<size_t>(i * k + p)] * y[static_cast<size_t>(p * n + j)];
  return out;
}

/// Half of the distance between neighbours, relative.
double rounding(DType dtype) {
  return dtype == bfloat16 ? 0x1p-8 : 0x1p-11;
}

TEST_P(MatrixTypes, HalvesRoundOnce) {
  for (const DType dtype : {float16, bfloat16})
    for (const auto& [m, k, n] : std::vector<std::array<int64_t, 3>>{
             {0, 3, 2}, {3, 0, 2}, {1, 1, 1}, {31, 33, 5}, {3, 1025, 2}})
      for (const auto& [left, a] : layouts({m, k}, device(), dtype))
        for (const auto& [right, b] : layouts({k, n}, device(), dtype)) {
          const Tensor c = matmul(a, b);
          ASSERT_EQ(c.dtype(), dtype);
          // Summed in float16, 1025 terms would be off by several roundings.
          expect_near(c, product_of(a, b), 1e-3, 1.01 * rounding(dtype), left + " " + right);
        }
}

TEST_P(MatrixTypes, GradientsOfHalves) {
  for (const DType dtype : {float16, bfloat16}) {
    Tensor x = sample({3, 5}, device(), dtype).requires_grad_();
    Tensor weight = sample({2, 5}, device(), dtype, -2, 2, 2).requires_grad_();
    Tensor bias = sample({2}, device(), dtype, -2, 2, 3).requires_grad_();
    const Tensor y = linear(x, weight, bias);
    ASSERT_EQ(y.dtype(), dtype);
    auto expected = product_of(x.detach(), weight.detach().t());
    const auto b = bias.detach().to_vector<double>();
    for (size_t i = 0; i < expected.size(); ++i) expected[i] += b[i % 2];
    expect_near(y.detach(), expected, 1e-3, 1.01 * rounding(dtype), "linear");
    const auto gradients = grad(y.sum(), {x, weight, bias});
    for (const Tensor& g : gradients) ASSERT_EQ(g.dtype(), dtype);
    const Tensor ones_of_y = ones({3, 2}, {.dtype = dtype, .device = device()});
    expect_near(gradients[0], product_of(ones_of_y, weight.detach()), 1e-3, rounding(dtype), "dx");
    expect_near(gradients[1], product_of(ones_of_y.t(), x.detach()), 1e-3, rounding(dtype), "dw");
    expect_near(gradients[2], {3, 3}, 0, 0, "db");
  }
}

TEST_P(MatrixTypes, IntegersAreExact) {
  for (const DType dtype : {int64, int32, int16})
    for (const auto& [left, a] : layouts({5, 33}, device(), dtype, -30, 30))
      for (const auto& [right, b] : layouts({33, 3}, device(), dtype, -30, 30)) {
        const Tensor c = matmul(a, b);
        ASSERT_EQ(c.dtype(), dtype);
        expect_near(c, product_of(a, b), 0, 0, left + " " + right);
        expect_near(einsum("ij,jk->ik", {a, b}), product_of(a, b), 0, 0, left + " " + right);
      }
  const Tensor large = full({1, 3}, 200, {.dtype = uint8, .device = device()});
  EXPECT_EQ(mm(large, large.t()).item<int>(), 3 * 200 * 200 % 256);
}

TEST_P(MatrixTypes, EdgeValuesAsInAProductOfNumbers) {
  using Limits = std::numeric_limits<double>;
  const std::vector<double> edges = {0,
                                     Limits::denorm_min(),
                                     Limits::min(),
                                     Limits::max(),
                                     -Limits::max(),
                                     Limits::infinity(),
                                     -Limits::infinity(),
                                     Limits::quiet_NaN(),
                                     -1.5};
  const auto n = static_cast<int64_t>(edges.size());
  std::vector<double> expected;
  for (const double a : edges)
    for (const double b : edges) expected.push_back(a * b);
  const Tensor column = tensor(edges, {n, 1}).to(device()), row = column.t();
  expect_same(matmul(column, row), expected, 0, 0, "matmul");
  expect_same(outer(column.squeeze(1), row.squeeze(0)), expected, 0, 0, "outer");
  expect_same(einsum("ik,kj->ij", {column, row}), expected, 0, 0, "einsum");
  const Tensor nan = full({n, n}, Limits::quiet_NaN(), float64).to(device());
  expect_same(addmm(nan, column, row, 0), expected, 0, 0, "beta = 0 does not look at the input");
  expect_same(baddbmm(nan, column.unsqueeze(0), row.unsqueeze(0), 0), expected, 0, 0, "baddbmm");
}

TEST_P(MatrixTypes, RepeatedMatricesAreNotCopied) {
  const auto allocations = [&] {
    return (device().is_cpu() ? cpu::memory_stats() : cuda::memory_stats()).allocations;
  };
  const Tensor a = sample({6, 6}, device()), b = sample({8, 3, 6, 1}, device());
  const auto before = allocations();
  const Tensor y = matmul(a.expand({8, 3, 6, 6}), b), z = matmul(a.t().expand({3, 6, 6}), b);
  const Tensor w = matmul(b.narrow(1, 0, 1), a.narrow(0, 0, 1).expand({3, 1, 6}));
  EXPECT_EQ(allocations() - before, 3);  // the results
  for (const int64_t i : {0, 7}) {
    expect_near(y[i][1], product_of(a, b[i][1]), 1e-12, 0, "repeated");
    expect_near(z[i][2], product_of(a.t(), b[i][2]), 1e-12, 0, "repeated");
    expect_near(w[i][2], product_of(b[i][0], a.narrow(0, 0, 1)), 1e-12, 0, "both repeated");
  }
}

}  // namespace
}  // namespace cuttle::test
