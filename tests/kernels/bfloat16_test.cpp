// The CPU's products of bfloat16 against those of float on the same numbers, rounded once.
#include <cuttle/kernels/bfloat16.h>
#include <cuttle/kernels/conv2d.h>
#include <cuttle/kernels/gemm.h>
#include <cuttle/kernels/half.h>

#include "backend.h"
#include "conv2d_cases.h"

namespace cuttle::test {
namespace {

using namespace kernels;
using Floats = std::vector<float>;
using Halves = std::vector<BFloat16>;

/// Numbers below 1 that bfloat16 holds.
Halves some(int64_t count, uint32_t seed) {
  const Floats values = random_values<float>(static_cast<size_t>(count), seed);
  Halves halves;
  for (const float value : values) halves.push_back(BFloat16(value));
  return halves;
}

Floats as_floats(const Halves& values) {
  return {values.begin(), values.end()};
}

/// Half a unit of bfloat16, and what sums of so many products below 1 differ by in float.
void expect_rounded(const Halves& actual, const Floats& expected, int64_t terms,
                    const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  const double atol = 1e-7 * static_cast<double>(4 + terms);
  for (size_t i = 0; i < actual.size(); ++i)
    ASSERT_NEAR(actual[i], expected[i], atol + std::abs(expected[i]) / 256) << what << ", " << i;
}

TEST(BFloat16Products, ConvolutionIsFloatsRoundedOnce) {
  const cpu::Stream stream;
  for (const Conv2dCase& c : conv2d_cases()) {
    const Conv2dShape& s = c.shape;
    const int64_t taps = s.kh * s.kw * (s.c / s.groups);
    const Halves x = some(s.n * s.h * s.w * s.c, 1), weight = some(s.o * taps, 2);
    const Halves bias = some(s.o, 3), dy = some(s.n * s.oh * s.ow * s.o, 4);
    const Floats fx = as_floats(x), fweight = as_floats(weight), fdy = as_floats(dy);

    Halves y(dy.size()), dx(x.size()), dweight(weight.size()), dbias(bias.size());
    Floats fy(y.size()), fdx(dx.size()), fdweight(dweight.size()), fdbias(dbias.size());
    for (const bool with_bias : {true, false}) {
      const Floats fbias = as_floats(bias);
      conv2d_forward(stream, s, x.data(), weight.data(), with_bias ? bias.data() : nullptr,
                     y.data());
      conv2d_forward(stream, s, fx.data(), fweight.data(), with_bias ? fbias.data() : nullptr,
                     fy.data());
      expect_rounded(y, fy, taps, std::string(c.name) + ", y");
    }
    conv2d_backward_input(stream, s, dy.data(), weight.data(), dx.data());
    conv2d_backward_input(stream, s, fdy.data(), fweight.data(), fdx.data());
    expect_rounded(dx, fdx, s.kh * s.kw * s.o / s.groups, std::string(c.name) + ", dx");
    conv2d_backward_weight(stream, s, x.data(), dy.data(), dweight.data(), dbias.data());
    conv2d_backward_weight(stream, s, fx.data(), fdy.data(), fdweight.data(), fdbias.data());
    expect_rounded(dweight, fdweight, s.n * s.oh * s.ow, std::string(c.name) + ", dweight");
    expect_rounded(dbias, fdbias, s.n * s.oh * s.ow, std::string(c.name) + ", dbias");
  }
}

// Gradients of nothing are zeros.
TEST(BFloat16Products, ConvolutionOfAnEmptyBatch) {
  Conv2dShape s = layer(1, 2, 4, 3, 3);
  s.n = 0;
  Halves dweight(54, BFloat16(1)), dbias(3, BFloat16(1));
  conv2d_backward_weight<BFloat16>(cpu::Stream{}, s, nullptr, nullptr, dweight.data(),
                                   dbias.data());
  EXPECT_EQ(as_floats(dweight), Floats(54, 0));
  EXPECT_EQ(as_floats(dbias), Floats(3, 0));
}

void check_product(const GemmShape& s, bool with_bias) {
  const int64_t rows_a = s.transpose_a ? s.k : s.m, rows_b = s.transpose_b ? s.n : s.k;
  const Halves a = some(rows_a * s.step_a() + (s.batch - 1) * s.stride_a, 1);
  const Halves b = some(rows_b * s.step_b() + (s.batch - 1) * s.stride_b, 2);
  const Halves bias = some(s.n, 3);
  Halves c = some(s.m * s.n + (s.batch - 1) * s.stride_c, 4);
  Floats fc = as_floats(c);
  const Floats fbias = as_floats(bias);
  gemm(cpu::Stream{}, s, as_floats(a).data(), as_floats(b).data(),
       with_bias ? fbias.data() : nullptr, fc.data());
  gemm<BFloat16>(cpu::Stream{}, s, a.data(), b.data(), with_bias ? bias.data() : nullptr, c.data());
  expect_rounded(c, fc, s.k,
                 std::to_string(s.m) + " x " + std::to_string(s.n) + " x " + std::to_string(s.k));
}

TEST(BFloat16Products, MatrixProductIsFloatsRoundedOnce) {
  if (!multiplies_bfloat16(cpu::Stream{})) GTEST_SKIP() << "this processor has no bfloat16";
  const int64_t sizes[][3] = {{1, 1, 1}, {31, 33, 17}, {1, 129, 70}, {129, 1, 70},
                              {8, 8, 0}, {0, 5, 3},    {64, 10, 64}, {192, 160, 300}};
  for (const auto& [m, n, k] : sizes)
    for (const bool transpose_a : {false, true})
      for (const bool transpose_b : {false, true})
        for (const bool accumulate : {false, true}) {
          GemmShape s{
              .m = m, .n = n, .k = k, .transpose_a = transpose_a, .transpose_b = transpose_b};
          s.accumulate = accumulate;
          check_product(s, accumulate);
          check_product(s, !accumulate);
        }
}

TEST(BFloat16Products, MatrixProductOfBatchesAndSlices) {
  if (!multiplies_bfloat16(cpu::Stream{})) GTEST_SKIP() << "this processor has no bfloat16";
  GemmShape s{.m = 5, .n = 7, .k = 9, .batch = 3, .stride_a = 100, .stride_b = 0, .stride_c = 35};
  s.line_a = 11, s.line_b = 13;
  check_product(s, false);
  s.transpose_b = true;
  check_product(s, true);
}

}  // namespace
}  // namespace cuttle::test
