// Max pooling and its gradient against loops over each window.
#include <cuttle/kernels/max_pool2d.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using MaxPool2dTest = KernelTest<Backend>;
TYPED_TEST_SUITE(MaxPool2dTest, Backends, BackendName);

std::vector<MaxPool2dShape> shapes() {
  return {
      {.n = 2,
       .c = 32,
       .h = 8,
       .w = 8,
       .kh = 2,
       .kw = 2,
       .oh = 4,
       .ow = 4,
       .stride_h = 2,
       .stride_w = 2},
      {.n = 1, .c = 1, .h = 1, .w = 1, .kh = 1, .kw = 1, .oh = 1, .ow = 1},
      // windows that overlap, with padding
      {.n = 3,
       .c = 5,
       .h = 9,
       .w = 7,
       .kh = 3,
       .kw = 3,
       .oh = 5,
       .ow = 4,
       .stride_h = 2,
       .stride_w = 2,
       .padding_h = 1,
       .padding_w = 1},
      {.n = 2, .c = 33, .h = 6, .w = 11, .kh = 2, .kw = 3, .oh = 5, .ow = 9},
      // dilation
      {.n = 2,
       .c = 3,
       .h = 11,
       .w = 12,
       .kh = 3,
       .kw = 2,
       .oh = 7,
       .ow = 4,
       .stride_h = 1,
       .stride_w = 3,
       .padding_h = 0,
       .padding_w = 1,
       .dilation_h = 2,
       .dilation_w = 3},
      // ceil_mode: the last windows hang over the edge
      {.n = 2,
       .c = 4,
       .h = 7,
       .w = 7,
       .kh = 2,
       .kw = 2,
       .oh = 4,
       .ow = 4,
       .stride_h = 2,
       .stride_w = 2},
      // windows with gaps between them
      {.n = 1,
       .c = 1025,
       .h = 5,
       .w = 5,
       .kh = 2,
       .kw = 2,
       .oh = 2,
       .ow = 2,
       .stride_h = 3,
       .stride_w = 3},
  };
}

struct Oracle {
  std::vector<double> y;
  std::vector<int32_t> index;
};

template <class T>
Oracle pool(const MaxPool2dShape& s, const std::vector<T>& x) {
  Oracle result;
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t oh = 0; oh < s.oh; ++oh)
      for (int64_t ow = 0; ow < s.ow; ++ow)
        for (int64_t c = 0; c < s.c; ++c) {
          int64_t best = -1;
          double largest = 0;
          for (int64_t i = 0; i < s.kh; ++i)
            for (int64_t j = 0; j < s.kw; ++j) {
              const int64_t h = oh * s.stride_h - s.padding_h + i * s.dilation_h;
              const int64_t w = ow * s.stride_w - s.padding_w + j * s.dilation_w;
              if (h < 0 || h >= s.h || w < 0 || w >= s.w) continue;
              const double value = x[((n * s.h + h) * s.w + w) * s.c + c];
              if (best < 0 || value > largest || (std::isnan(value) && !std::isnan(largest))) {
                best = h * s.w + w;
                largest = value;
              }
            }
          result.y.push_back(largest);
          result.index.push_back(static_cast<int32_t>(best));
        }
  return result;
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const MaxPool2dShape& s) {
  const auto x_values = random_values<T>(s.n * s.h * s.w * s.c, 1);  // no two equal: one maximum
  const auto dy_values = random_values<T>(s.n * s.oh * s.ow * s.c, 2);
  const Oracle expected = pool(s, x_values);
  auto x = test.template upload<T>(x_values);
  auto dy = test.template upload<T>(dy_values);
  auto y = test.template unset<T>(dy_values.size());
  auto index = test.template unset<int32_t>(dy_values.size());
  auto dx = test.template unset<T>(x_values.size());

  max_pool2d_forward<T>(test.stream, s, x.data(), y.data(), index.data());
  expect_close(y.to_host(), expected.y, 0, 0, "y");
  EXPECT_EQ(index.to_host(), expected.index);
  max_pool2d_backward<T>(test.stream, s, dy.data(), index.data(), dx.data());
  std::vector<T> dx_expected(x_values.size());  // summed in T and in order: the same bits
  for (size_t i = 0; i < dy_values.size(); ++i) {
    const int64_t channel = static_cast<int64_t>(i) % s.c;
    const int64_t image = static_cast<int64_t>(i) / (s.oh * s.ow * s.c);
    dx_expected[(image * s.h * s.w + expected.index[i]) * s.c + channel] += dy_values[i];
  }
  EXPECT_EQ(dx.to_host(), dx_expected);

  const auto others = random_values<T>(s.n * s.h * s.w * s.c, 3);
  auto from = test.template upload<T>(others);
  auto picked = test.template unset<T>(expected.index.size());
  max_pool2d_pick<T>(test.stream, s, from.data(), index.data(), picked.data());
  std::vector<T> picked_expected;
  for (size_t i = 0; i < expected.index.size(); ++i) {
    const int64_t at = static_cast<int64_t>(i), image = at / (s.oh * s.ow * s.c);
    picked_expected.push_back(
        others[static_cast<size_t>((image * s.h * s.w + expected.index[i]) * s.c + at % s.c)]);
  }
  EXPECT_EQ(picked.to_host(), picked_expected);
}

TYPED_TEST(MaxPool2dTest, ForwardAndBackwardFollowTheOracle) {
  for (const MaxPool2dShape& s : shapes()) {
    check<float>(*this, s);
    check<double>(*this, s);
  }
}

// PyTorch's values: the first of equals, the last of several NaN, −inf like any other number.
TYPED_TEST(MaxPool2dTest, FirstOfEqualsLastOfNaN) {
  const MaxPool2dShape s{.n = 1,
                         .c = 1,
                         .h = 2,
                         .w = 6,
                         .kh = 2,
                         .kw = 2,
                         .oh = 1,
                         .ow = 3,
                         .stride_h = 2,
                         .stride_w = 2};
  auto x = this->template upload<float>({1, 1, 0, NAN, -INFINITY, -INFINITY,  //
                                         1, 1, 5, NAN, -INFINITY, -INFINITY});
  auto y = this->template unset<float>(3);
  auto index = this->template unset<int32_t>(3);
  max_pool2d_forward<float>(this->stream, s, x.data(), y.data(), index.data());
  EXPECT_EQ(index.to_host(), (std::vector<int32_t>{0, 9, 4}));
  const auto result = y.to_host();
  EXPECT_EQ(result[0], 1);
  EXPECT_TRUE(std::isnan(result[1]));
  EXPECT_EQ(result[2], -INFINITY);
  auto dy = this->template upload<float>({1, 2, 3});
  auto dx = this->template unset<float>(12);
  max_pool2d_backward<float>(this->stream, s, dy.data(), index.data(), dx.data());
  EXPECT_EQ(dx.to_host(), (std::vector<float>{1, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0}));
}

TYPED_TEST(MaxPool2dTest, WithoutAnIndexTheValuesAreTheSame) {
  const MaxPool2dShape s = shapes()[2];
  const auto values = random_values<float>(s.n * s.h * s.w * s.c, 1);
  auto x = this->template upload<float>(values);
  auto y = this->template unset<float>(s.n * s.oh * s.ow * s.c);
  max_pool2d_forward<float>(this->stream, s, x.data(), y.data(), nullptr);
  expect_close(y.to_host(), pool(s, values).y, 0, 0, "y");
}

TYPED_TEST(MaxPool2dTest, NoImages) {
  MaxPool2dShape s = shapes()[0];
  s.n = 0;
  auto nothing = this->template upload<float>({});
  auto index = this->template upload<int32_t>({});
  max_pool2d_forward<float>(this->stream, s, nothing.data(), nothing.data(), index.data());
  EXPECT_NO_THROW(
      max_pool2d_backward<float>(this->stream, s, nothing.data(), index.data(), nothing.data()));
  EXPECT_NO_THROW(
      max_pool2d_pick<float>(this->stream, s, nothing.data(), index.data(), nothing.data()));
}

}  // namespace
}  // namespace cuttle::test
