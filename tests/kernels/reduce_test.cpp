// sum and argmax over rows, columns, everything, and views.
#include "reduce_cases.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ReduceTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ReduceTest, Backends, BackendName);

template <class T, class Backend>
void check_sum(const KernelTest<Backend>& test, const ReduceCase& test_case) {
  const ReduceLoop& loop = test_case.loop;
  const size_t size = extent(loop.outer, 0) + extent(loop.inner, 0) - 1;
  const double scale = std::is_integral_v<T> ? 100 : 1;
  const auto values = random_values<T>(size, 1, -scale, scale);
  auto x = test.template upload<T>(values);
  using Out = std::conditional_t<std::is_integral_v<T>, int64_t, T>;
  auto out = test.template unset<Out>(extent(loop.outer, 1));
  reduce<T>(test.stream, ReduceOp::sum, 0, loop, x.data(), {out.data()});
  const auto result = out.to_host();
  const auto inner = offsets_of(loop.inner);
  std::vector<Out> actual;
  std::vector<double> expected;
  for_each_element(loop.outer, [&](const int64_t* at) {
    long double total = 0;  // more than double, whose own errors would show in the double tests
    for (int64_t offset : inner) total += values[at[0] + offset];
    actual.push_back(result[at[1]]);
    expected.push_back(static_cast<double>(total));
  });
  // Rounding errors of a random walk of n additions of numbers up to 1.
  const double tolerance =
      std::is_integral_v<T> ? 0 : 4 * kEpsilon<T> * std::sqrt(double(inner.size())) + kEpsilon<T>;
  expect_close(actual, expected, tolerance, 8 * kEpsilon<T>, test_case.name);
  reduce<T>(test.stream, ReduceOp::sum, 0, loop, x.data(), {out.data()});
  EXPECT_EQ(out.to_host().size(), result.size());
  for_each_element(loop.outer, [&, again = out.to_host()](const int64_t* at) {
    ASSERT_EQ(again[at[1]], result[at[1]]) << test_case.name << ": another result the second time";
  });
}

TYPED_TEST(ReduceTest, SumFollowsTheOracleAndRepeats) {
  for (const ReduceCase& test_case : reduce_cases()) {
    check_sum<float>(*this, test_case);
    check_sum<double>(*this, test_case);
    check_sum<int64_t>(*this, test_case);
    check_sum<int32_t>(*this, test_case);
  }
}

TYPED_TEST(ReduceTest, AnElementOffTheirAlignmentTensorsGiveTheSame) {
  const auto values = random_values<float>(1 + 20 * 64, 4);
  auto x = this->template upload<float>(values);
  auto sums = this->template unset<float>(64);
  auto places = this->template unset<int64_t>(64);
  for (const ReduceLoop& loop : {rows(20, 64), columns(20, 64)}) {
    reduce<float>(this->stream, ReduceOp::sum, 0, loop, x.data() + 1, {sums.data()});
    reduce<float>(this->stream, ReduceOp::argmax, 0, loop, x.data() + 1, {nullptr, places.data()});
    const auto inner = offsets_of(loop.inner);
    for_each_element(loop.outer,
                     [&, total = sums.to_host(), place = places.to_host()](const int64_t* at) {
                       double expected = 0;
                       size_t best = 0;
                       for (size_t k = 0; k < inner.size(); ++k) {
                         expected += values[1 + at[0] + inner[k]];
                         if (values[1 + at[0] + inner[k]] > values[1 + at[0] + inner[best]])
                           best = k;
                       }
                       EXPECT_NEAR(total[at[1]], expected, 1e-5);
                       EXPECT_EQ(place[at[1]], static_cast<int64_t>(best));
                     });
  }
}

TYPED_TEST(ReduceTest, SumOfNothingIsZero) {
  auto x = this->template upload<float>({});
  auto out = this->template unset<float>(33);
  reduce<float>(this->stream, ReduceOp::sum, 0, rows(33, 0), x.data(), {out.data()});
  EXPECT_EQ(out.to_host(), std::vector<float>(33, 0));
  reduce<float>(this->stream, ReduceOp::sum, 0, rows(0, 5), x.data(),
                {out.data()});  // no outputs: touches nothing
}

TYPED_TEST(ReduceTest, LongFloatSumKeepsItsDigits) {
  // Equal numbers are the hard case, since their roundings do not cancel: one by one the sum of
  // 2²⁰ would be off by a tenth.
  const int64_t n = 1 << 20;
  auto x = this->template upload<float>(std::vector<float>(n, 0.1f));
  auto out = this->template unset<float>(1);
  for (const ReduceLoop& loop : {everything(n), everything(n - 1), columns(n, 1)}) {
    const double expected = static_cast<double>(loop.inner.numel()) * double{0.1f};
    reduce<float>(this->stream, ReduceOp::sum, 0, loop, x.data(), {out.data()});
    EXPECT_NEAR(out.to_host()[0], expected, 2 * kEpsilon<float> * expected);
  }
}

TYPED_TEST(ReduceTest, InfinitiesAndNaNPassThroughSums) {
  const int64_t n = 5000;
  const float huge = 3e38f, inf = INFINITY;
  const std::vector<float> cases[] = {{inf}, {-inf}, {inf, -inf}, {NAN}, {NAN, inf}, {huge, huge}};
  const double expected[] = {inf, -inf, NAN, NAN, NAN, inf};
  auto out = this->template unset<float>(1);
  for (size_t i = 0; i < std::size(cases); ++i) {
    std::vector<float> values(n, 1.0f);
    for (size_t k = 0; k < cases[i].size(); ++k) values[1024 * k + 3] = cases[i][k];
    auto x = this->template upload<float>(values);
    reduce<float>(this->stream, ReduceOp::sum, 0, everything(n), x.data(), {out.data()});
    expect_close(out.to_host(), {expected[i]}, 0, 0, "case " + std::to_string(i));
  }
}

template <class T, class Backend>
void check_argmax(const KernelTest<Backend>& test, const ReduceCase& test_case) {
  const ReduceLoop& loop = test_case.loop;
  const size_t size = extent(loop.outer, 0) + extent(loop.inner, 0) - 1;
  const auto values = random_values<T>(size, 2, 0, 50);  // integers: ties, the first of which wins
  auto x = test.template upload<T>(values);
  auto out = test.template unset<int64_t>(extent(loop.outer, 1));
  reduce<T>(test.stream, ReduceOp::argmax, 0, loop, x.data(), {nullptr, out.data()});
  const auto result = out.to_host();
  const auto inner = offsets_of(loop.inner);
  for_each_element(loop.outer, [&](const int64_t* at) {
    size_t best = 0;
    for (size_t k = 1; k < inner.size(); ++k)
      if (values[at[0] + inner[k]] > values[at[0] + inner[best]]) best = k;
    ASSERT_EQ(result[at[1]], static_cast<int64_t>(best)) << test_case.name;
  });
}

TYPED_TEST(ReduceTest, ArgmaxFindsTheFirstLargest) {
  for (const ReduceCase& test_case : reduce_cases()) {
    check_argmax<float>(*this, test_case);
    check_argmax<double>(*this, test_case);
    check_argmax<int64_t>(*this, test_case);
    check_argmax<int32_t>(*this, test_case);
    check_argmax<uint8_t>(*this, test_case);
  }
}

TYPED_TEST(ReduceTest, ArgmaxTakesTheFirstNaN) {
  auto out = this->template unset<int64_t>(1);
  for (const int64_t n : {20000, 20001}) {
    std::vector<float> values = random_values<float>(n, 3);
    values[12345] = values[777] = NAN;
    values[5] = INFINITY;
    auto x = this->template upload<float>(values);
    reduce<float>(this->stream, ReduceOp::argmax, 0, everything(n), x.data(),
                  {nullptr, out.data()});
    EXPECT_EQ(out.to_host()[0], 777);
  }
  auto lowest = this->template upload<float>(std::vector<float>(33, -INFINITY));
  reduce<float>(this->stream, ReduceOp::argmax, 0, everything(33), lowest.data(),
                {nullptr, out.data()});
  EXPECT_EQ(out.to_host()[0], 0);
}

}  // namespace
}  // namespace cuttle::test
