// Every reduction, over rows, columns, everything and views, against loops in double.
#include <omp.h>

#include <bit>

#include "reduce_cases.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ReduceOpsTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ReduceOpsTest, Backends, BackendName);

/// What one output's inputs should give: {first, second}.
struct Expected {
  double first, second;
};

Expected moments_of(const std::vector<double>& x, double correction, bool root) {
  long double sum = 0, squares = 0;
  for (const double v : x) sum += v;
  const long double mean = sum / static_cast<long double>(x.size());
  for (const double v : x) squares += (v - mean) * (v - mean);
  const double freedom = std::max(0.0, static_cast<double>(x.size()) - correction);
  const double variance = static_cast<double>(squares) / freedom;
  return {root ? std::sqrt(variance) : variance, static_cast<double>(mean)};
}

Expected extreme_of(const std::vector<double>& x, bool largest) {
  size_t best = 0;
  for (size_t i = 1; i < x.size() && !std::isnan(x[best]); ++i)
    if (std::isnan(x[i]) || (largest ? x[i] > x[best] : x[i] < x[best])) best = i;
  return {x[best], static_cast<double>(best)};
}

double norm_of(const std::vector<double>& x, double p) {
  double most = 0, least = INFINITY, sum = 0;
  for (const double v : x) {
    most = std::max(most, std::abs(v));
    least = std::min(least, std::abs(v));
    sum += std::pow(std::abs(v), p);
  }
  return std::isinf(p) ? p > 0 ? most : least : std::pow(sum, 1 / p);
}

Expected expected_of(ReduceOp op, double parameter, const std::vector<double>& x) {
  long double sum = 0, product = 1;
  double nonzero = 0, exponentials = 0;
  for (const double v : x) {
    sum += op == ReduceOp::nansum && std::isnan(v) ? 0 : v;
    product *= v;
    nonzero += v != 0;
    exponentials += std::exp(v);
  }
  switch (op) {
    case ReduceOp::sum:
    case ReduceOp::nansum:
      return {static_cast<double>(sum), 0};
    case ReduceOp::mean:
      return {static_cast<double>(sum) / parameter, 0};
    case ReduceOp::prod:
      return {static_cast<double>(product), 0};
    case ReduceOp::any:
      return {double(nonzero > 0), 0};
    case ReduceOp::all:
      return {double(nonzero == static_cast<double>(x.size())), 0};
    case ReduceOp::count_nonzero:
      return {nonzero, 0};
    case ReduceOp::amax:
    case ReduceOp::argmax:
      return extreme_of(x, true);
    case ReduceOp::amin:
    case ReduceOp::argmin:
      return extreme_of(x, false);
    case ReduceOp::var:
    case ReduceOp::std:
      return moments_of(x, parameter, op == ReduceOp::std);
    case ReduceOp::norm:
      return {norm_of(x, parameter), 0};
    case ReduceOp::logsumexp:
      return {std::log(exponentials), 0};
  }
  return {};
}

template <class T>
double as_double(T x) {
  return static_cast<double>(x);
}

/// First and Second: the types of the results.
template <class T, class First, class Second = int64_t, class Backend>
void check(const KernelTest<Backend>& test, ReduceOp op, double parameter, const ReduceCase& c,
           const HostArray<T>& values, double rtol) {
  const ReduceLoop& loop = c.loop;
  auto x = test.template upload<T>(values);
  auto first = test.template unset<First>(extent(loop.outer, 1));
  auto second = test.template unset<Second>(extent(loop.outer, 1));
  reduce<T>(test.stream, op, parameter, loop, x.data(), {first.data(), second.data()});
  const auto firsts = first.to_host();
  const auto seconds = second.to_host();
  const bool two = op == ReduceOp::argmax || op == ReduceOp::argmin || op == ReduceOp::var ||
                   op == ReduceOp::std;
  const auto inner = offsets_of(loop.inner);
  std::vector<double> found, expected;
  for_each_element(loop.outer, [&](const int64_t* at) {
    std::vector<double> slice;
    for (const int64_t offset : inner)
      slice.push_back(as_double(static_cast<T>(values[at[0] + offset])));
    const Expected e = expected_of(op, parameter, slice);
    found.push_back(as_double(firsts[at[1]]));
    expected.push_back(e.first);
    if (!two) return;
    found.push_back(as_double(seconds[at[1]]));
    expected.push_back(e.second);
  });
  expect_close(found, expected, rtol, rtol,
               "operation " + std::to_string(static_cast<int>(op)) + ", " + c.name);
}

/// Whole numbers, zeros among them.
template <class T>
HostArray<T> whole_values(size_t size, double low, double high) {
  HostArray<T> out;
  for (const double v : random_values<double>(size, 7, low, high))
    out.push_back(static_cast<typename HostArray<T>::value_type>(std::floor(v)));
  return out;
}

size_t size_of(const ReduceLoop& loop) {
  return extent(loop.outer, 0) + extent(loop.inner, 0) - 1;
}

template <class T, class Backend>
void check_every_type(const KernelTest<Backend>& test, const ReduceCase& c) {
  using Wide = std::conditional_t<is_floating<T>, T, int64_t>;
  const double low = std::is_same_v<T, bool> || std::is_unsigned_v<T> ? 0 : -3;
  const auto values = whole_values<T>(size_of(c.loop), low, std::is_same_v<T, bool> ? 2 : 4);
  const double sum_error = is_floating<T> && sizeof(T) == 2 ? 1e-2 : 1e-6;
  check<T, Wide>(test, ReduceOp::sum, 0, c, values, sum_error);
  check<T, T>(test, ReduceOp::amax, 0, c, values, 0);
  check<T, T>(test, ReduceOp::amin, 0, c, values, 0);
  check<T, T>(test, ReduceOp::argmax, 0, c, values, 0);
  check<T, T>(test, ReduceOp::argmin, 0, c, values, 0);
  check<T, bool>(test, ReduceOp::any, 0, c, values, 0);
  check<T, bool>(test, ReduceOp::all, 0, c, values, 0);
  check<T, int64_t>(test, ReduceOp::count_nonzero, 0, c, values, 0);
  using Host = typename HostArray<T>::value_type;
  HostArray<T> factors(values.size(), static_cast<Host>(1));
  if (low < 0) factors[factors.size() / 2] = static_cast<Host>(-2);
  check<T, Wide>(test, ReduceOp::prod, 0, c, factors, 0);
}

TYPED_TEST(ReduceOpsTest, OfEveryType) {
  for (const ReduceCase& c : reduce_cases()) {
    check_every_type<float>(*this, c);
    check_every_type<double>(*this, c);
    check_every_type<Half>(*this, c);
    check_every_type<BFloat16>(*this, c);
    check_every_type<int64_t>(*this, c);
    check_every_type<int32_t>(*this, c);
    check_every_type<int16_t>(*this, c);
    check_every_type<int8_t>(*this, c);
    check_every_type<uint8_t>(*this, c);
    check_every_type<bool>(*this, c);
  }
}

template <class T, class Backend>
void check_floating(const KernelTest<Backend>& test, const ReduceCase& c, double rtol) {
  HostArray<T> values;
  for (const double v : random_values<double>(size_of(c.loop), 3, -1, 3))
    values.push_back(static_cast<T>(v));
  const auto n = static_cast<double>(c.loop.inner.numel());
  check<T, T>(test, ReduceOp::mean, n, c, values, rtol);
  check<T, T, T>(test, ReduceOp::var, 1, c, values, rtol);
  check<T, T, T>(test, ReduceOp::std, 0, c, values, rtol);
  // What many elements add up to is beyond the largest Half.
  const bool fits = !std::is_same_v<T, Half> || n < 100;
  for (const double p : {0.5, 1.0, 2.0, 3.0, -1.0, double{INFINITY}, -double{INFINITY}})
    if (p >= 2 || fits) check<T, T>(test, ReduceOp::norm, p, c, values, p == 0.5 ? 4 * rtol : rtol);
  check<T, T>(test, ReduceOp::logsumexp, 0, c, values, rtol);
  values[values.size() / 2] = static_cast<T>(NAN);
  if (fits) check<T, T>(test, ReduceOp::nansum, 0, c, values, 4 * rtol);
  check<T, T>(test, ReduceOp::amax, 0, c, values, 0);
  check<T, T>(test, ReduceOp::argmin, 0, c, values, 0);
  check<T, T>(test, ReduceOp::logsumexp, 0, c, values, rtol);
}

TYPED_TEST(ReduceOpsTest, OfFloatingTypes) {
  for (const ReduceCase& c : reduce_cases()) {
    check_floating<float>(*this, c, 1e-5);
    check_floating<double>(*this, c, 1e-12);
    check_floating<Half>(*this, c, 2e-3);
    check_floating<BFloat16>(*this, c, 1e-2);
  }
}

TYPED_TEST(ReduceOpsTest, OfNothing) {
  auto x = this->template upload<float>({});
  const auto result = [&](ReduceOp op, double parameter) {
    auto out = this->template unset<float>(33);
    reduce<float>(this->stream, op, parameter, rows(33, 0), x.data(), {out.data()});
    return out.to_host()[32];
  };
  EXPECT_EQ(result(ReduceOp::sum, 0), 0);
  EXPECT_EQ(result(ReduceOp::prod, 0), 1);
  EXPECT_EQ(result(ReduceOp::norm, 2), 0);
  EXPECT_EQ(result(ReduceOp::logsumexp, 0), -INFINITY);
  EXPECT_TRUE(std::isnan(result(ReduceOp::mean, 0)));
  EXPECT_TRUE(std::isnan(result(ReduceOp::var, 1)));
  auto truths = this->template unset<bool>(33);
  reduce<float>(this->stream, ReduceOp::all, 0, rows(33, 0), x.data(), {truths.data()});
  EXPECT_EQ(truths.to_host()[32], 1);
}

TYPED_TEST(ReduceOpsTest, AVarianceKeepsItsDigitsBesideALargeMean) {
  // Of 10⁴ + {0, 1, 0, 1, …}: the squares of the elements have no digit left for it.
  const int64_t n = 1 << 18;
  std::vector<float> values(n);
  for (int64_t i = 0; i < n; ++i) values[i] = 10000.0f + static_cast<float>(i % 2);
  auto x = this->template upload<float>(values);
  auto variance = this->template unset<float>(1);
  auto mean = this->template unset<float>(1);
  for (const ReduceLoop& loop : {everything(n), columns(n, 1)}) {
    reduce<float>(this->stream, ReduceOp::var, 0, loop, x.data(), {variance.data(), mean.data()});
    EXPECT_NEAR(variance.to_host()[0], 0.25, 1e-3);
    EXPECT_NEAR(mean.to_host()[0], 10000.5, 2e-2);
  }
}

TYPED_TEST(ReduceOpsTest, InfinitiesInLogSumExp) {
  const float inf = INFINITY;
  const std::vector<float> cases[] = {{-inf, -inf}, {inf, inf}, {inf, -inf},
                                      {-inf, 1},    {NAN, inf}, {1000, 1000}};
  const double expected[] = {-inf, inf, inf, 1, NAN, 1000 + std::log(2.0)};
  auto out = this->template unset<float>(1);
  for (size_t i = 0; i < std::size(cases); ++i)
    for (const int64_t n : {2, 500}) {  // all else −∞
      std::vector<float> values(n, -inf);
      values[0] = cases[i][0];
      values[n - 1] = cases[i][1];
      auto x = this->template upload<float>(values);
      reduce<float>(this->stream, ReduceOp::logsumexp, 0, everything(n), x.data(), {out.data()});
      expect_close(out.to_host(), {expected[i]}, 0, 1e-6, "case " + std::to_string(i));
    }
}

/// The bits of every floating reduction, with so many OpenMP threads.
template <class Backend>
std::vector<uint32_t> results_with(const KernelTest<Backend>& test, const ReduceCase& c,
                                   int threads) {
  const auto values = random_values<float>(size_of(c.loop), 11, -1, 1);
  const int before = omp_get_max_threads();
  omp_set_num_threads(threads);
  auto x = test.template upload<float>(values);
  std::vector<uint32_t> all;
  for (const ReduceOp op : {ReduceOp::sum, ReduceOp::nansum, ReduceOp::prod, ReduceOp::mean,
                            ReduceOp::var, ReduceOp::norm, ReduceOp::logsumexp, ReduceOp::amax}) {
    auto out = test.template unset<float>(extent(c.loop.outer, 1));
    reduce<float>(test.stream, op, 3, c.loop, x.data(), {out.data()});
    const auto found = out.to_host();
    for_each_element(c.loop.outer, [&](const int64_t* at) {
      all.push_back(std::bit_cast<uint32_t>(found[at[1]]));
    });
  }
  omp_set_num_threads(before);
  return all;
}

TYPED_TEST(ReduceOpsTest, TheNumberOfThreadsDoesNotMatter) {
  std::vector<ReduceCase> all = reduce_cases();
  all.push_back({"many pieces", everything(200003)});
  all.push_back({"long rows", rows(3, 70000)});
  all.push_back({"tall columns", columns(70000, 5)});
  for (const ReduceCase& c : all)
    EXPECT_EQ(results_with(*this, c, 1), results_with(*this, c, 3)) << c.name;
}

}  // namespace
}  // namespace cuttle::test
