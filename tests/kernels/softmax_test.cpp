// Softmax and log-softmax, forward and backward, against their formulas in double.
#include <cuttle/kernels/softmax.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using SoftmaxTest = KernelTest<Backend>;
TYPED_TEST_SUITE(SoftmaxTest, Backends, BackendName);

struct Size {
  int64_t rows, cols;
};
constexpr Size kShapes[] = {{0, 5},    {1, 1},   {5, 1},    {64, 10}, {31, 33},
                            {3, 1025}, {2, 257}, {33, 128}, {1, 5000}};  // 5000: beyond registers

template <class T>
std::vector<double> softmax(bool log, const Size& size, const std::vector<T>& x) {
  std::vector<double> y(x.size());
  for (int64_t r = 0; r < size.rows; ++r) {
    const T* row = &x[r * size.cols];
    double largest = -INFINITY, sum = 0;
    for (int64_t k = 0; k < size.cols; ++k) largest = std::max(largest, double(row[k]));
    for (int64_t k = 0; k < size.cols; ++k) sum += std::exp(row[k] - largest);
    for (int64_t k = 0; k < size.cols; ++k) {
      const double log_p = row[k] - largest - std::log(sum);
      y[r * size.cols + k] = log ? log_p : std::exp(log_p);
    }
  }
  return y;
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, bool log, const Size& size) {
  const size_t numel = size.rows * size.cols;
  const auto x_values = random_values<T>(numel, 1, -10, 10);
  auto x = test.template upload<T>(x_values);
  auto y = test.template unset<T>(numel);
  softmax_forward<T>(test.stream, log, size.rows, size.cols, x.data(), y.data());
  // A log-probability of −20 carries the rounding of numbers that size.
  expect_close(y.to_host(), softmax(log, size, x_values), (log ? 8 : 1) * kEpsilon<T>,
               16 * kEpsilon<T>, "softmax");

  const auto y_values = y.to_host();
  const auto dy_values = random_values<T>(numel, 2);
  auto dy = test.template upload<T>(dy_values);
  auto dx = test.template unset<T>(numel);
  softmax_backward<T>(test.stream, log, size.rows, size.cols, y.data(), dy.data(), dx.data());
  std::vector<double> expected(numel);
  for (int64_t r = 0; r < size.rows; ++r) {
    double sum = 0;
    for (int64_t i = r * size.cols; i < (r + 1) * size.cols; ++i)
      sum += log ? double(dy_values[i]) : double(dy_values[i]) * y_values[i];
    for (int64_t i = r * size.cols; i < (r + 1) * size.cols; ++i)
      expected[i] = log ? dy_values[i] - std::exp(double(y_values[i])) * sum
                        : y_values[i] * (dy_values[i] - sum);
  }
  expect_close(dx.to_host(), expected, kEpsilon<T> * (4 + 2 * std::sqrt(double(size.cols))),
               16 * kEpsilon<T>, "softmax's gradient");
}

TYPED_TEST(SoftmaxTest, FollowsTheOracle) {
  for (const Size& size : kShapes)
    for (bool log : {false, true}) {
      check<float>(*this, log, size);
      check<double>(*this, log, size);
    }
}

TYPED_TEST(SoftmaxTest, LargeInputsDoNotOverflow) {
  auto x = this->template upload<float>({1e4f, 1e4f, -1e4f, 3e38f, 0, -3e38f});
  auto y = this->template unset<float>(6);
  softmax_forward<float>(this->stream, false, 2, 3, x.data(), y.data());
  EXPECT_EQ(y.to_host(), (std::vector<float>{0.5f, 0.5f, 0, 1, 0, 0}));
}

}  // namespace
}  // namespace cuttle::test
