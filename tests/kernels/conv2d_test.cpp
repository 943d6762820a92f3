// Convolution, its two gradients and the bias gradient against loops in double.
#include <cuttle/kernels/conv2d.h>

#include "backend.h"
#include "oracle/conv2d.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using Conv2dTest = KernelTest<Backend>;
TYPED_TEST_SUITE(Conv2dTest, Backends, BackendName);

Conv2dShape with_output_size(Conv2dShape s) {
  s.oh = (s.h + 2 * s.padding_h - s.dilation_h * (s.kh - 1) - 1) / s.stride_h + 1;
  s.ow = (s.w + 2 * s.padding_w - s.dilation_w * (s.kw - 1) - 1) / s.stride_w + 1;
  return s;
}

struct Case {
  const char* name;
  Conv2dShape shape;
};

std::vector<Case> cases() {
  std::vector<Case> all = {
      {"1x1", {.n = 2, .c = 5, .h = 6, .w = 7, .o = 3, .kh = 1, .kw = 1}},
      {"one pixel", {.n = 1, .c = 1, .h = 1, .w = 1, .o = 1, .kh = 1, .kw = 1}},
      {"5x5 of three channels",
       {.n = 2,
        .c = 3,
        .h = 17,
        .w = 13,
        .o = 32,
        .kh = 5,
        .kw = 5,
        .padding_h = 2,
        .padding_w = 2}},
      {"5x5, packs",
       {.n = 2,
        .c = 32,
        .h = 9,
        .w = 8,
        .o = 64,
        .kh = 5,
        .kw = 5,
        .padding_h = 2,
        .padding_w = 2}},
      {"3x3 to few channels, packs",
       {.n = 3,
        .c = 8,
        .h = 11,
        .w = 10,
        .o = 20,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1}},
      {"stride and unequal padding",
       {.n = 2,
        .c = 4,
        .h = 13,
        .w = 11,
        .o = 8,
        .kh = 3,
        .kw = 2,
        .stride_h = 2,
        .stride_w = 3,
        .padding_h = 1,
        .padding_w = 0}},
      {"dilation",
       {.n = 2,
        .c = 6,
        .h = 14,
        .w = 15,
        .o = 10,
        .kh = 3,
        .kw = 3,
        .padding_h = 2,
        .padding_w = 1,
        .dilation_h = 2,
        .dilation_w = 3}},
      {"stride and dilation",
       {.n = 1,
        .c = 4,
        .h = 21,
        .w = 20,
        .o = 4,
        .kh = 3,
        .kw = 3,
        .stride_h = 3,
        .stride_w = 2,
        .padding_h = 3,
        .padding_w = 2,
        .dilation_h = 2,
        .dilation_w = 2}},
      {"groups",
       {.n = 2,
        .c = 6,
        .h = 8,
        .w = 9,
        .o = 9,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1,
        .groups = 3}},
      {"groups, packs, stride",
       {.n = 2,
        .c = 16,
        .h = 9,
        .w = 9,
        .o = 8,
        .kh = 3,
        .kw = 3,
        .stride_h = 2,
        .stride_w = 2,
        .padding_h = 1,
        .padding_w = 1,
        .groups = 2}},
      {"depthwise",
       {.n = 2,
        .c = 7,
        .h = 10,
        .w = 6,
        .o = 14,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1,
        .groups = 7}},
      {"window larger than the image",
       {.n = 2, .c = 3, .h = 3, .w = 4, .o = 5, .kh = 5, .kw = 5, .padding_h = 2, .padding_w = 2}},
      {"pixels that no window reaches",
       {.n = 1, .c = 4, .h = 10, .w = 10, .o = 4, .kh = 2, .kw = 2, .stride_h = 4, .stride_w = 4}},
      {"129 channels",
       {.n = 1,
        .c = 33,
        .h = 5,
        .w = 5,
        .o = 129,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1}},
  };
  for (Case& one : all) one.shape = with_output_size(one.shape);
  return all;
}

/// A sum of `terms` products of numbers below 1: partial sums grow like √terms, and the roundings
/// of each add up like another √terms, so the error grows with their product.
template <class T>
double tolerance(int64_t terms) {
  return kEpsilon<T> * (4 + static_cast<double>(terms));
}

template <class T, class Backend>
void check_forward(const KernelTest<Backend>& test, const Case& test_case, bool with_bias) {
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
void check_backward(const KernelTest<Backend>& test, const Case& test_case) {
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
  for (const Case& test_case : cases()) {
    check_forward<float>(*this, test_case, true);
    check_forward<float>(*this, test_case, false);
    check_forward<double>(*this, test_case, true);
  }
}

TYPED_TEST(Conv2dTest, BackwardFollowsTheOracleAndRepeats) {
  for (const Case& test_case : cases()) {
    check_backward<float>(*this, test_case);
    check_backward<double>(*this, test_case);
  }
}

TYPED_TEST(Conv2dTest, ManyPixelsForTheWeightGradient) {  // split-K on the GPU
  const Case test_case = {"many pixels", with_output_size({.n = 4,
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
