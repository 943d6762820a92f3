// Matrix products against loops in double: orientations, bias, accumulation, batches, odd sizes.
#include <cuttle/kernels/gemm.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using GemmTest = KernelTest<Backend>;
TYPED_TEST_SUITE(GemmTest, Backends, BackendName);

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const GemmShape& s, bool with_bias,
           int64_t misalignment = 0) {
  const auto extent_of = [&](int64_t matrix, int64_t stride) {
    return static_cast<size_t>(matrix + (s.batch - 1) * stride + misalignment);
  };
  const int64_t rows_a = s.transpose_a ? s.k : s.m, rows_b = s.transpose_b ? s.n : s.k;
  const auto a_values = random_values<T>(extent_of(rows_a * s.step_a(), s.stride_a), 1);
  const auto b_values = random_values<T>(extent_of(rows_b * s.step_b(), s.stride_b), 2);
  const auto c_values = random_values<T>(extent_of(s.m * s.n, s.stride_c), 3);
  const auto bias_values = random_values<T>(s.n, 4);
  auto a = test.template upload<T>(a_values), b = test.template upload<T>(b_values);
  auto bias = test.template upload<T>(bias_values);
  auto c = s.accumulate ? test.template upload<T>(c_values)
                        : test.template unset<T>(c_values.size());  // NaN: must not be read
  gemm<T>(test.stream, s, a.data() + misalignment, b.data() + misalignment,
          with_bias ? bias.data() : nullptr, c.data() + misalignment);
  const auto result = c.to_host();

  std::vector<T> actual;
  std::vector<double> expected;
  for (int64_t batch = 0; batch < s.batch; ++batch)
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        const int64_t at = batch * s.stride_c + i * s.n + j + misalignment;
        // More than double, whose own errors would show in the double tests.
        long double total = (with_bias ? bias_values[j] : 0) + (s.accumulate ? c_values[at] : 0);
        for (int64_t l = 0; l < s.k; ++l)
          total += static_cast<long double>(
                       a_values[batch * s.stride_a + misalignment +
                                (s.transpose_a ? l * s.step_a() + i : i * s.step_a() + l)]) *
                   b_values[batch * s.stride_b + misalignment +
                            (s.transpose_b ? j * s.step_b() + l : l * s.step_b() + j)];
        actual.push_back(result[at]);
        expected.push_back(static_cast<double>(total));
      }
  // k products of numbers below 1: partial sums grow like √k, and the roundings of each add up like
  // another √k.
  expect_close(actual, expected, kEpsilon<T> * (4 + static_cast<double>(s.k) / 2), 4 * kEpsilon<T>,
               std::to_string(s.m) + " x " + std::to_string(s.n) + " x " + std::to_string(s.k) +
                   (s.transpose_a ? " aT" : "") + (s.transpose_b ? " bT" : "") +
                   (with_bias ? " bias" : "") + (s.accumulate ? " +C" : ""));
}

template <class Backend>
void check_all(const KernelTest<Backend>& test, int64_t m, int64_t n, int64_t k) {
  for (bool transpose_a : {false, true})
    for (bool transpose_b : {false, true}) {
      GemmShape shape{
          .m = m, .n = n, .k = k, .transpose_a = transpose_a, .transpose_b = transpose_b};
      check<float>(test, shape, false);
      check<double>(test, shape, true);
      shape.accumulate = true;
      check<float>(test, shape, true);
    }
}

TYPED_TEST(GemmTest, OddSizes) {
  check_all(*this, 1, 1, 1);
  check_all(*this, 31, 33, 17);
  check_all(*this, 33, 31, 65);
  check_all(*this, 1, 129, 7);
  check_all(*this, 129, 1, 7);
}

TYPED_TEST(GemmTest, SizesThatSixteenByteAccessesFit) {
  check_all(*this, 64, 64, 16);
  check_all(*this, 68, 132, 20);
}

TYPED_TEST(GemmTest, LongSumsOfFewElements) {  // split-K on the GPU
  check_all(*this, 33, 10, 1025);
  check_all(*this, 64, 64, 1024);
}

TYPED_TEST(GemmTest, ManyTiles) {  // the large tile on the GPU
  check<float>(*this, {.m = 1664, .n = 1284, .k = 20, .transpose_b = true}, true);
  check<float>(*this, {.m = 1668, .n = 1280, .k = 12, .transpose_a = true}, false);
}

TYPED_TEST(GemmTest, EmptySizes) {
  for (bool accumulate : {false, true})
    for (bool bias : {false, true})
      check<float>(*this, {.m = 5, .n = 7, .k = 0, .accumulate = accumulate}, bias);
  check<float>(*this, {.m = 0, .n = 7, .k = 3}, true);
  check<float>(*this, {.m = 5, .n = 0, .k = 3}, true);
}

TYPED_TEST(GemmTest, BatchesSharedMatricesAndGaps) {
  GemmShape shape{.m = 9, .n = 12, .k = 20, .batch = 5};
  shape.stride_a = 9 * 20;
  shape.stride_b = 20 * 12;
  shape.stride_c = 9 * 12;
  check<float>(*this, shape, false);
  check<double>(*this, shape, true);
  shape.stride_b = 0;  // the same B each time
  shape.stride_c += 7;
  check<float>(*this, shape, true);
  shape.accumulate = true;
  check<float>(*this, shape, true);
}

TYPED_TEST(GemmTest, RowsWithGaps) {
  for (const bool transpose_a : {false, true})
    for (const bool transpose_b : {false, true})
      for (const int64_t gap : {1, 4}) {
        GemmShape shape{
            .m = 68, .n = 36, .k = 20, .transpose_a = transpose_a, .transpose_b = transpose_b};
        shape.line_a = shape.row_a() + gap;
        check<float>(*this, shape, true);
        shape.line_b = shape.row_b() + 3 * gap;
        check<float>(*this, shape, false);
        check<double>(*this, shape, true);
        shape.batch = 3;
        shape.stride_a = shape.step_a() * 70;
        shape.stride_b = 4;  // matrices that overlap are only read
        shape.stride_c = 68 * 36;
        check<float>(*this, shape, true);
        // Rows of no pack's length in rows that packs would fit.
        shape.k = 18;
        shape.n = 34;
        check<float>(*this, shape, false);
      }
}

TYPED_TEST(GemmTest, PointersThatAreNotAligned) {
  check<float>(*this, {.m = 64, .n = 64, .k = 32}, false, 1);
  check<float>(*this, {.m = 64, .n = 64, .k = 32, .transpose_a = true}, false, 3);
}

}  // namespace
}  // namespace cuttle::test
