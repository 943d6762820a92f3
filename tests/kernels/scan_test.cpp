// Scans along rows and columns, forwards and backwards, against loops in long double.
#include <cuttle/kernels/half.h>
#include <cuttle/kernels/scan.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ScanTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ScanTest, Backends, BackendName);

std::vector<ScanShape> shapes() {
  std::vector<ScanShape> all;
  for (const bool reverse : {false, true}) {
    for (const int64_t n : {0, 1, 31, 33, 1025, 5000}) {
      all.push_back({1, n, 1, reverse});  // one row: warp, block, three launches
      all.push_back({1, n, 3, reverse});
    }
    for (const int64_t outer : {0, 1, 70}) {
      all.push_back({outer, 5, 1, reverse});
      all.push_back({outer, 300, 1, reverse});
      all.push_back({outer, 7, 33, reverse});
    }
    all.push_back({3, 5000, 1, reverse});
    all.push_back({2, 513, 65, reverse});
    all.push_back({1, 130, 1, reverse});
  }
  return all;
}

std::string name_of(const ScanShape& shape) {
  return std::to_string(shape.outer) + " x " + std::to_string(shape.length) + " x " +
         std::to_string(shape.inner) + (shape.reverse ? ", reverse" : "");
}

/// Calls step(at, position, is_first) along each line of the shape, in scan order.
template <class Step>
void walk(const ScanShape& shape, const Step& step) {
  for (int64_t o = 0; o < shape.outer; ++o)
    for (int64_t i = 0; i < shape.inner; ++i)
      for (int64_t k = 0; k < shape.length; ++k) {
        const int64_t position = shape.reverse ? shape.length - 1 - k : k;
        step(static_cast<size_t>((o * shape.length + position) * shape.inner + i), position,
             k == 0);
      }
}

template <class T, class Backend, class Join>
void check_scan(const KernelTest<Backend>& test, ScanOp op, double low, double high,
                const Join& join) {
  for (const ScanShape& shape : shapes()) {
    const auto size = static_cast<size_t>(shape.numel());
    const auto values = random_values<T>(size, 3, low, high);
    auto x = test.template upload<T>(values);
    auto out = test.template unset<T>(size);
    scan<T>(test.stream, op, shape, x.data(), out.data());
    const auto result = out.to_host();
    std::vector<double> expected(size);
    long double running = 0, scale = 1;
    walk(shape, [&](size_t at, int64_t, bool first) {
      running = first ? static_cast<long double>(values[at]) : join(running, values[at]);
      scale = std::max(scale, std::abs(running));
      expected[at] = static_cast<double>(running);
    });
    const double tolerance =
        std::is_integral_v<T> ? 0 : 64 * kEpsilon<T> * static_cast<double>(scale);
    expect_close(result, expected, tolerance, 0, name_of(shape));
    scan<T>(test.stream, op, shape, x.data(), x.data());  // in place, and the same bits again
    ASSERT_EQ(x.to_host(), result) << name_of(shape);
  }
}

TYPED_TEST(ScanTest, SumsFollowTheOracle) {
  const auto add = [](long double a, long double b) { return a + b; };
  check_scan<float>(*this, ScanOp::sum, -1, 1, add);
  check_scan<double>(*this, ScanOp::sum, -1, 1, add);
  check_scan<int64_t>(*this, ScanOp::sum, -1000, 1000, add);
}

TYPED_TEST(ScanTest, ProductsFollowTheOracle) {
  const auto multiply = [](long double a, long double b) { return a * b; };
  check_scan<float>(*this, ScanOp::prod, 0.99, 1.01, multiply);
  check_scan<double>(*this, ScanOp::prod, 0.99, 1.01, multiply);
  check_scan<int64_t>(*this, ScanOp::prod, -1.9, 1.9, multiply);
}

TYPED_TEST(ScanTest, LogSumExpsFollowTheOracle) {
  const auto join = [](long double a, long double b) {
    return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
  };
  check_scan<float>(*this, ScanOp::logsumexp, -50, 50, join);
  check_scan<double>(*this, ScanOp::logsumexp, -50, 50, join);
}

TYPED_TEST(ScanTest, LogSumExpsOfInfinities) {
  const std::vector<float> values = {-INFINITY, -INFINITY, 0, INFINITY, 1, NAN, 0};
  auto x = this->template upload<float>(values);
  auto out = this->template unset<float>(values.size());
  scan<float>(this->stream, ScanOp::logsumexp, {1, 7, 1}, x.data(), out.data());
  expect_close(out.to_host(), {-INFINITY, -INFINITY, 0, INFINITY, INFINITY, NAN, NAN}, 0, 0,
               "infinities");
}

TYPED_TEST(ScanTest, IntegersWrapAround) {
  auto x = this->template upload<int64_t>({INT64_MAX, 1, 2});
  auto out = this->template unset<int64_t>(3);
  scan<int64_t>(this->stream, ScanOp::sum, {1, 3, 1}, x.data(), out.data());
  EXPECT_EQ(out.to_host(), (std::vector<int64_t>{INT64_MAX, INT64_MIN, INT64_MIN + 2}));
}

template <class T, class Backend>
void check_extremes(const KernelTest<Backend>& test) {
  for (const bool largest : {true, false})
    for (const ScanShape& shape : shapes()) {
      const auto size = static_cast<size_t>(shape.numel());
      auto values = random_values<T>(size, 5, 0, 100);
      if constexpr (is_floating<T>) {
        for (T& value : values) value = T(std::floor(double{value}));  // ties
        if (size > 700) values[700] = T(NAN);
      }
      auto x = test.template upload<T>(values);
      auto out = test.template unset<T>(size);
      auto places = test.template unset<int64_t>(size);
      scan_extremes<T>(test.stream, largest, shape, x.data(), out.data(), places.data());
      std::vector<double> expected(size);
      std::vector<int64_t> expected_places(size);
      T best{};
      int64_t place = 0;
      walk(shape, [&](size_t at, int64_t position, bool first) {
        const T value = values[at];
        const bool wins = value != value || (largest ? value >= best : value <= best);
        if (first || wins) best = value, place = position;
        expected[at] = static_cast<double>(best);
        expected_places[at] = place;
      });
      expect_close(out.to_host(), expected, 0, 0, name_of(shape));
      ASSERT_EQ(places.to_host(), expected_places) << name_of(shape);
    }
}

TYPED_TEST(ScanTest, ExtremesTakeTheLastOfEqualsAndNaN) {
  check_extremes<float>(*this);
  check_extremes<double>(*this);
  check_extremes<Half>(*this);
  check_extremes<BFloat16>(*this);
  check_extremes<int64_t>(*this);
  check_extremes<int32_t>(*this);
  check_extremes<int16_t>(*this);
  check_extremes<int8_t>(*this);
  check_extremes<uint8_t>(*this);
}

template <class T, class Backend>
void check_linear(const KernelTest<Backend>& test) {
  for (const ScanShape& shape : shapes()) {
    const auto size = static_cast<size_t>(shape.numel());
    const auto f = random_values<T>(size, 7), t = random_values<T>(size, 8);
    auto factors = test.template upload<T>(f), terms = test.template upload<T>(t);
    auto out = test.template unset<T>(size);
    scan_linear<T>(test.stream, shape, factors.data(), terms.data(), out.data());
    std::vector<double> expected(size);
    long double running = 0;
    walk(shape, [&](size_t at, int64_t, bool first) {
      const size_t joint = shape.reverse ? at + static_cast<size_t>(shape.inner) : at;
      running = first ? t[at] : running * f[joint] + t[at];
      expected[at] = static_cast<double>(running);
    });
    expect_close(out.to_host(), expected, 32 * kEpsilon<T>, 0, name_of(shape));
  }
}

TYPED_TEST(ScanTest, LinearRecurrencesFollowTheOracle) {
  check_linear<float>(*this);
  check_linear<double>(*this);
}

TYPED_TEST(ScanTest, LinearRecurrencesOfInfinitiesHaveNoNaNOfTheirOwn) {
  std::vector<float> f(3000, 1), t(3000, 1);
  f[2500] = INFINITY;
  auto factors = this->template upload<float>(f), terms = this->template upload<float>(t);
  auto out = this->template unset<float>(3000);
  scan_linear<float>(this->stream, {1, 3000, 1}, factors.data(), terms.data(), out.data());
  const auto result = out.to_host();
  EXPECT_EQ(result[2499], 2500);
  EXPECT_EQ(result[2500], INFINITY);
  EXPECT_EQ(result[2999], INFINITY);
}

TYPED_TEST(ScanTest, LongFloatSumsKeepTheirDigits) {
  const int64_t n = 1 << 20;
  auto x = this->template upload<float>(std::vector<float>(n, 0.1f));
  auto out = this->template unset<float>(n);
  scan<float>(this->stream, ScanOp::sum, {1, n, 1}, x.data(), out.data());
  const auto result = out.to_host();
  for (int64_t i = 0; i < n; i += 1021) {
    const double expected = static_cast<double>(i + 1) * double{0.1f};
    ASSERT_NEAR(result[static_cast<size_t>(i)], expected, 32 * kEpsilon<float> * expected) << i;
  }
}

template <class T, class Backend>
void check_half(const KernelTest<Backend>& test, double unit) {
  const int64_t n = 3000;
  const auto values = random_values<T>(n, 9, 0, 1);
  auto x = test.template upload<T>(values);
  auto out = test.template unset<T>(n);
  scan<T>(test.stream, ScanOp::sum, {1, n, 1}, x.data(), out.data());
  std::vector<double> expected;
  double running = 0;
  for (const T value : values) expected.push_back(running += value);
  expect_close(out.to_host(), expected, 0, unit, "sums are rounded once");
  scan_linear<T>(test.stream, {1, n, 1}, x.data(), x.data(), out.data());
  for (size_t i = 0; i < values.size(); ++i)
    expected[i] = running = i == 0 ? double{values[0]} : running * values[i] + values[i];
  expect_close(out.to_host(), expected, 0, unit, "recurrences are rounded once");
}

TYPED_TEST(ScanTest, HalvesAreRoundedOnce) {
  check_half<Half>(*this, 0x1.01p-11);
  check_half<BFloat16>(*this, 0x1.01p-8);
}

}  // namespace
}  // namespace cuttle::test
