// Products of integer matrices: exact, and wrapping around where they do not fit.
#include <cuttle/kernels/gemm.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using GemmIntegerTest = KernelTest<Backend>;
TYPED_TEST_SUITE(GemmIntegerTest, Backends, BackendName);

template <class T, class Backend>
void check(const KernelTest<Backend>& test, GemmShape s, bool with_bias) {
  const auto values_of = [](int64_t size, unsigned seed) {
    std::vector<T> values;
    for (const double v : random_values<double>(static_cast<size_t>(size), seed, -1e18, 1e18))
      values.push_back(static_cast<T>(static_cast<int64_t>(v)));
    return values;
  };
  s.line_a = s.row_a() + 2;
  s.line_b = s.row_b() + 1;
  s.stride_a = s.line_a * (s.transpose_a ? s.k : s.m);
  s.stride_b = s.line_b * (s.transpose_b ? s.n : s.k);
  s.stride_c = s.m * s.n;
  const auto a = values_of(s.batch * s.stride_a, 1), b = values_of(s.batch * s.stride_b, 2);
  const auto bias = values_of(s.n, 4);
  std::vector<T> expected = values_of(s.batch * s.stride_c, 3);
  auto on_a = test.template upload<T>(a), on_b = test.template upload<T>(b);
  auto on_bias = test.template upload<T>(bias), c = test.template upload<T>(expected);
  gemm<T>(test.stream, s, on_a.data(), on_b.data(), with_bias ? on_bias.data() : nullptr, c.data());
  for (int64_t batch = 0; batch < s.batch; ++batch)
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        const auto at = static_cast<size_t>(batch * s.stride_c + i * s.n + j);
        uint64_t sum = s.accumulate ? static_cast<uint64_t>(expected[at]) : 0;
        if (with_bias) sum += static_cast<uint64_t>(bias[static_cast<size_t>(j)]);
        for (int64_t p = 0; p < s.k; ++p)
          sum += static_cast<uint64_t>(a[static_cast<size_t>(
                     batch * s.stride_a + (s.transpose_a ? p * s.line_a + i : i * s.line_a + p))]) *
                 static_cast<uint64_t>(b[static_cast<size_t>(
                     batch * s.stride_b + (s.transpose_b ? j * s.line_b + p : p * s.line_b + j))]);
        expected[at] = static_cast<T>(sum);
      }
  EXPECT_EQ(c.to_host(), expected) << s.m << ", " << s.n << ", " << s.k;
}

TYPED_TEST(GemmIntegerTest, AllTypesAndOrientations) {
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{
           {0, 1, 1}, {1, 1, 0}, {1, 1, 1}, {31, 33, 5}, {5, 1, 300}, {3, 70, 33}})
    for (const bool transpose_a : {false, true})
      for (const bool transpose_b : {false, true}) {
        const GemmShape s{m, n, k, transpose_a, transpose_b};
        check<int64_t>(*this, s, false);
        check<int32_t>(*this, s, true);
        check<int16_t>(*this, s, false);
        check<int8_t>(*this, s, false);
        check<uint8_t>(*this, s, false);
      }
}

TYPED_TEST(GemmIntegerTest, BatchesAndSums) {
  GemmShape s{3, 5, 7};
  s.batch = 4;
  check<int64_t>(*this, s, true);
  s.accumulate = true;
  check<int64_t>(*this, s, false);
  check<uint8_t>(*this, s, true);
}

}  // namespace
}  // namespace cuttle::test
