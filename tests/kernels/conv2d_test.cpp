// Convolution, its two gradients and the bias gradient against loops in double.
#include <cuttle/kernels/conv2d.h>

#include "backend.h"
#include "conv2d_cases.h"
#include "oracle/conv2d.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using Conv2dTest = KernelTest<Backend>;
TYPED_TEST_SUITE(Conv2dTest, Backends, BackendName);

/// A sum of `terms` products of numbers below 1: partial sums grow like √terms, and the roundings
/// of each add up like another √terms, so the error grows with their product.
template <class T>
double tolerance(int64_t terms) {
  return kEpsilon<T> * (4 + static_cast<double>(terms));
}

template <class T, class Backend>
void check_forward(const KernelTest<Backend>& test, const Conv2dCase& test_case, bool with_bias) {
  const Conv2dShape& s = test_case.shape;
  const auto x = random_values<T>(s.n * s.h * s.w * s.c, 1);
  const auto weight = random_values<T>(s.o * s.kh * s.kw * (s.c / s.groups), 2);
  const auto bias = random_values<T>(s.o, 3);
  auto x_there = test.template upload<T>(x), weight_there = test.template upload<T>(weight);
  auto bias_there = test.template upload<T>(bias);
  auto y = test.template unset<T>(s.n * s.oh * s.ow * s.o);
  conv2d_forward<T>(test.stream, s, x_there.data(), weight_there.data(),
                    with_bias ? bias_there.data() : nullptr, y.data());
  expect_close(y.to_host(),
               oracle::conv2d_forward(s, x, weight, with_bias ? bias : std::vector<T>(s.o, 0)),
               tolerance<T>(s.kh * s.kw * s.c / s.groups), 4 * kEpsilon<T>, test_case.name);
}

template <class T, class Backend>
void check_backward(const KernelTest<Backend>& test, const Conv2dCase& test_case) {
  const Conv2dShape& s = test_case.shape;
  const auto x = random_values<T>(s.n * s.h * s.w * s.c, 1);
  const auto weight = random_values<T>(s.o * s.kh * s.kw * (s.c / s.groups), 2);
  const auto dy = random_values<T>(s.n * s.oh * s.ow * s.o, 4);
  auto x_there = test.template upload<T>(x), weight_there = test.template upload<T>(weight);
  auto dy_there = test.template upload<T>(dy);
  const auto expected = oracle::conv2d_backward(s, x, weight, dy);

  auto dx = test.template unset<T>(x.size());
  conv2d_backward_input<T>(test.stream, s, dy_there.data(), weight_there.data(), dx.data());
  expect_close(dx.to_host(), expected.dx, tolerance<T>(s.kh * s.kw * s.o / s.groups),
               4 * kEpsilon<T>, std::string(test_case.name) + ", dx");

  const double weight_tolerance = tolerance<T>(s.n * s.oh * s.ow);
  auto dweight = test.template unset<T>(weight.size());
  auto dbias = test.template unset<T>(s.o);
  conv2d_backward_weight<T>(test.stream, s, x_there.data(), dy_there.data(), dweight.data(),
                            dbias.data());
  expect_close(dweight.to_host(), expected.dweight, weight_tolerance, 4 * kEpsilon<T>,
               std::string(test_case.name) + ", dweight");
  expect_close(dbias.to_host(), expected.dbias, weight_tolerance, 4 * kEpsilon<T>,
               std::string(test_case.name) + ", dbias");

  auto again = test.template unset<T>(weight.size());
  conv2d_backward_weight<T>(test.stream, s, x_there.data(), dy_there.data(), again.data(),
                            static_cast<T*>(nullptr));
  EXPECT_EQ(again.to_host(), dweight.to_host()) << test_case.name << ": not deterministic";
}

TYPED_TEST(Conv2dTest, ForwardFollowsTheOracle) {
  for (const Conv2dCase& test_case : conv2d_cases()) {
    check_forward<float>(*this, test_case, true);
    check_forward<float>(*this, test_case, false);
    check_forward<double>(*this, test_case, true);
  }
}

TYPED_TEST(Conv2dTest, BackwardFollowsTheOracleAndRepeats) {
  for (const Conv2dCase& test_case : conv2d_cases()) {
    check_backward<float>(*this, test_case);
    check_backward<double>(*this, test_case);
  }
}

TYPED_TEST(Conv2dTest, ManyPixelsForTheWeightGradient) {  // split-K on the GPU
  const Conv2dCase test_case = {"many pixels", with_output_size({.n = 4,
                                                                 .c = 3,
                                                                 .h = 32,
                                                                 .w = 32,
                                                                 .o = 8,
                                                                 .kh = 3,
                                                                 .kw = 3,
                                                                 .padding_h = 1,
                                                                 .padding_w = 1})};
  check_backward<float>(*this, test_case);
}

using Conv2dOnCpu = KernelTest<OnCpu>;

// By Winograd's transforms, where sizes are odd and paddings differ.
TEST_F(Conv2dOnCpu, ManyTilesOfManyChannels) {
  const Conv2dCase test_case = {"many tiles", with_output_size({.n = 2,
                                                                .c = 64,
                                                                .h = 34,
                                                                .w = 29,
                                                                .o = 72,
                                                                .kh = 3,
                                                                .kw = 3,
                                                                .padding_h = 0,
                                                                .padding_w = 2})};
  check_forward<float>(*this, test_case, true);
  check_backward<float>(*this, test_case);
}

TYPED_TEST(Conv2dTest, NoImagesGiveNoGradient) {
  const Conv2dShape s = with_output_size(
      {.n = 0, .c = 3, .h = 8, .w = 8, .o = 4, .kh = 3, .kw = 3, .padding_h = 1, .padding_w = 1});
  auto nothing = this->template upload<float>({});
  auto weight = this->template upload<float>(random_values<float>(4 * 9 * 3, 1));
  auto dweight = this->template unset<float>(4 * 9 * 3);
  auto dbias = this->template unset<float>(4);
  conv2d_forward<float>(this->stream, s, nothing.data(), weight.data(), nullptr, nothing.data());
  conv2d_backward_input<float>(this->stream, s, nothing.data(), weight.data(), nothing.data());
  conv2d_backward_weight<float>(this->stream, s, nothing.data(), nothing.data(), dweight.data(),
                                dbias.data());
  EXPECT_EQ(dweight.to_host(), std::vector<float>(4 * 9 * 3, 0));
  EXPECT_EQ(dbias.to_host(), std::vector<float>(4, 0));
}

}  // namespace
}  // namespace cuttle::test
