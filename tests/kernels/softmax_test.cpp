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
// From 4096 columns on, or 8192 where they are taken in packs, rows are beyond registers.
constexpr Size kShapes[] = {{0, 5},    {1, 1},    {5, 1},   {64, 10},  {31, 33},
                            {300, 12}, {3, 1025}, {2, 257}, {33, 128}, {9, 260},
                            {1, 4097}, {2, 8200}, {70, 16}, {5, 31},   {40, 47}};

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

/// Rows of `cols`, short and long ones alike: infinities and NaN as in PyTorch.
template <class Backend>
void check_infinities(const KernelTest<Backend>& test, int64_t cols) {
  enum { one_finite, all_lowest, one_highest, one_nan, rows };
  std::vector<float> values(rows * cols, -INFINITY);
  const int64_t at = cols - 2;  // not the thread's that starts
  values[one_finite * cols + at] = 3;
  values[one_highest * cols + at] = INFINITY;
  std::fill_n(&values[one_nan * cols], cols, 1.0f);
  values[one_nan * cols + at] = NAN;
  auto x = test.template upload<float>(values);
  auto y = test.template unset<float>(values.size());
  for (bool log : {false, true}) {
    softmax_forward<float>(test.stream, log, rows, cols, x.data(), y.data());
    std::vector<double> expected(values.size(), NAN);
    std::fill_n(expected.begin(), cols, log ? -INFINITY : 0);
    expected[at] = log ? 0 : 1;
    expect_close(y.to_host(), expected, 0, 0, "softmax of infinities");
  }
}

TYPED_TEST(SoftmaxTest, InfinitiesAndNaNAreThoseOfPyTorch) {
  for (int64_t cols : {3, 1000, 1025, 9000}) check_infinities(*this, cols);
}

TYPED_TEST(SoftmaxTest, LargeInputsDoNotOverflow) {
  auto x = this->template upload<float>({1e4f, 1e4f, -1e4f, 3e38f, 0, -3e38f});
  auto y = this->template unset<float>(6);
  softmax_forward<float>(this->stream, false, 2, 3, x.data(), y.data());
  EXPECT_EQ(y.to_host(), (std::vector<float>{0.5f, 0.5f, 0, 1, 0, 0}));
}

}  // namespace
}  // namespace cuttle::test
