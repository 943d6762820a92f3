// Convolution with pooling and its gradients against the oracle's convolution, pooled in plain
// loops. The values are small whole numbers: all sums are exact in every order, windows hold many
// equal elements, and values, places and gradients have to agree to the bit.
#include <cuttle/kernels/conv2d_pool.h>
#include <cuttle/kernels/cpu/conv2d_pool_windows.h>

#include <limits>

#include "backend.h"
#include "conv2d_cases.h"
#include "oracle/conv2d.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using Conv2dPoolTest = KernelTest<Backend>;
TYPED_TEST_SUITE(Conv2dPoolTest, Backends, BackendName);

template <class T>
std::vector<T> whole_values(size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<T> values(size);
  for (T& v : values) v = static_cast<T>(static_cast<int>(generator() % 5) - 2);
  return values;
}

struct Pooled {
  std::vector<double> y;
  std::vector<uint8_t> index;
  std::vector<int64_t> chosen;  // where in the unpooled output each element comes from, or −1
};

/// Pools c (N, OH, OW, O) by the rule of kernels/conv2d_pool.h.
Pooled pool(const Conv2dPoolShape& shape, const std::vector<double>& c) {
  const Conv2dShape& s = shape.conv;
  Pooled out;
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t ph = 0; ph < s.oh / 2; ++ph)
      for (int64_t pw = 0; pw < s.ow / 2; ++pw)
        for (int64_t o = 0; o < s.o; ++o) {
          const auto at = [&](int place) {
            const int64_t h = 2 * ph + place / 2, w = 2 * pw + place % 2;
            return ((n * s.oh + h) * s.ow + w) * s.o + o;
          };
          int best = 0;
          for (int place = 1; place < 4; ++place)
            if (c[at(place)] > c[at(best)] || std::isnan(c[at(place)])) best = place;
          const bool passes = !shape.relu || !(c[at(best)] <= 0);
          out.y.push_back(passes ? c[at(best)] : 0);
          out.index.push_back(static_cast<uint8_t>(passes ? best : 4));
          out.chosen.push_back(passes ? at(best) : -1);
        }
  return out;
}

template <class T>
std::vector<T> rounded(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

template <class T>
struct Inputs {
  explicit Inputs(const Conv2dShape& s)
      : x(whole_values<T>(s.n * s.h * s.w * s.c, 1)),
        weight(whole_values<T>(s.o * s.kh * s.kw * (s.c / s.groups), 2)),
        bias(whole_values<T>(s.o, 3)) {}
  std::vector<T> x, weight, bias;
};

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const std::string& name, const Conv2dPoolShape& shape) {
  const Conv2dShape& s = shape.conv;
  const Inputs<T> in(s);
  const Pooled expected = pool(shape, oracle::conv2d_forward(s, in.x, in.weight, in.bias));
  auto x = test.template upload<T>(in.x), weight = test.template upload<T>(in.weight);
  auto bias = test.template upload<T>(in.bias);
  auto y = test.template unset<T>(expected.y.size());
  auto index = test.template unset<uint8_t>(expected.y.size());
  conv2d_pool_forward<T>(test.stream, shape, x.data(), weight.data(), bias.data(), y.data(),
                         index.data());
  ASSERT_EQ(y.to_host(), rounded<T>(expected.y)) << name;
  ASSERT_EQ(index.to_host(), expected.index) << name;

  const auto dy = whole_values<T>(expected.y.size(), 4);
  std::vector<T> unpooled(s.n * s.oh * s.ow * s.o);
  for (size_t i = 0; i < dy.size(); ++i)
    if (expected.chosen[i] >= 0) unpooled[expected.chosen[i]] = dy[i];
  const auto gradients = oracle::conv2d_backward(s, in.x, in.weight, unpooled);
  auto dy_there = test.template upload<T>(dy);
  auto dx = test.template unset<T>(in.x.size());
  conv2d_pool_backward_input<T>(test.stream, shape, dy_there.data(), index.data(), weight.data(),
                                dx.data());
  ASSERT_EQ(dx.to_host(), rounded<T>(gradients.dx)) << name;
  auto dweight = test.template unset<T>(in.weight.size());
  auto dbias = test.template unset<T>(s.o);
  conv2d_pool_backward_weight<T>(test.stream, shape, x.data(), dy_there.data(), index.data(),
                                 dweight.data(), dbias.data());
  ASSERT_EQ(dweight.to_host(), rounded<T>(gradients.dweight)) << name;
  ASSERT_EQ(dbias.to_host(), rounded<T>(gradients.dbias)) << name;
  auto alone = test.template unset<T>(in.weight.size());
  conv2d_pool_backward_weight<T>(test.stream, shape, x.data(), dy_there.data(), index.data(),
                                 alone.data(), static_cast<T*>(nullptr));
  ASSERT_EQ(alone.to_host(), rounded<T>(gradients.dweight)) << name << ", without bias";
}

TYPED_TEST(Conv2dPoolTest, FollowsTheOracleToTheBit) {
  for (const Conv2dCase& one : conv2d_cases()) {
    check<float>(*this, std::string(one.name) + ", relu", {.conv = one.shape, .relu = true});
    check<double>(*this, std::string(one.name) + ", double", {.conv = one.shape, .relu = false});
  }
}

#if defined(CUTTLE_CUDA)
// Small whole numbers are exact in TF32 too: whichever kernels take a shape, the bits are the same.
TYPED_TEST(Conv2dPoolTest, FollowsTheOracleToTheBitWhereTf32IsAllowed) {
  if (std::is_same_v<TypeParam, OnCpu>) GTEST_SKIP() << "a CPU has no TF32";
  cuda::set_allow_tf32_convolution(true);  // until TearDown
  for (const Conv2dCase& one : conv2d_cases())
    check<float>(*this, one.name, {.conv = one.shape, .relu = one.shape.c % 2 == 0});
}
#endif

TYPED_TEST(Conv2dPoolTest, ManyChannels) {  // the GPU's largest tile
  const Conv2dShape s =
      with_output_size({.n = 1, .c = 4, .h = 128, .w = 130, .o = 132, .kh = 1, .kw = 1});
  check<float>(*this, "many channels", {.conv = s, .relu = true});
}

using Conv2dPoolOnCpu = KernelTest<OnCpu>;

TEST_F(Conv2dPoolOnCpu, MoreImagesThanScratchMemoryHolds) {
  const Conv2dShape s =
      with_output_size({.n = 4, .c = 1, .h = 129, .w = 128, .o = 64, .kh = 1, .kw = 1});
  check<float>(*this, "many images", {.conv = s});
}

// The gradients' sums of windows: tiles of all sizes, and what lies beside a tile and the image.
TEST_F(Conv2dPoolOnCpu, WindowsOfAllSizes) {
  for (const int64_t kw : {1, 2, 3, 5, 7, 8, 10, 11, 21})
    for (const int64_t c : {3, 14, 16}) {
      const int64_t kh = 1 + kw % 8;
      const Conv2dShape s = with_output_size({.n = 8,
                                              .c = c,
                                              .h = 17,
                                              .w = kw + 5,
                                              .o = 511 / (kh * kw) + 1,  // too few are not worth it
                                              .kh = kh,
                                              .kw = kw,
                                              .stride_h = 1 + kw % 2,
                                              .stride_w = 1 + kw / 4 % 2,
                                              .padding_h = kw % 3,
                                              .padding_w = kw / 2,
                                              .dilation_h = 1 + kw / 6 % 2});
      check<float>(*this, std::to_string(kw) + " wide, " + std::to_string(c) + " channels",
                   {.conv = s, .relu = kw % 2 == 0});
    }
}

TEST_F(Conv2dPoolOnCpu, MoreRowsAndFiltersThanAPartHas) {
  check<float>(*this, "bands", {.conv = layer(8, 16, 27, 57, 3), .relu = true});
  check<float>(*this, "slices of filters", {.conv = layer(1, 8, 12, 70, 5), .relu = false});
}

TEST_F(Conv2dPoolOnCpu, SumsOfWindowsServeTheTutorial) {
  const auto serves = [](const Conv2dShape& s) {
    const Conv2dPoolShape shape = {.conv = s};
    const std::vector<float> x(s.n * s.h * s.w * s.c), weight(s.o * s.kh * s.kw * s.c);
    const std::vector<float> dy(s.n * shape.ph() * shape.pw() * s.o);
    const std::vector<uint8_t> index(dy.size());
    std::vector<float> dx(x.size()), dweight(weight.size());
    return std::pair(cpu::conv2d_pool_backward_weight_by_windows(
                         shape, x.data(), dy.data(), index.data(), dweight.data(), nullptr),
                     cpu::conv2d_pool_backward_input_by_windows(shape, dy.data(), index.data(),
                                                                weight.data(), dx.data()));
  };
  EXPECT_EQ(serves(layer(8, 3, 32, 32, 5)), std::pair(true, false));
  EXPECT_EQ(serves(layer(8, 32, 16, 32, 5)), std::pair(true, true));
  EXPECT_EQ(serves(layer(8, 32, 8, 64, 5)), std::pair(true, true));
  EXPECT_EQ(serves(layer(2, 32, 16, 32, 5)), std::pair(true, false)) << "few images";
  EXPECT_EQ(serves(layer(8, 32, 4, 64, 5)), std::pair(false, false)) << "few positions";
  EXPECT_EQ(serves(layer(8, 1, 32, 32, 5)), std::pair(false, false)) << "empty lanes";
}

TYPED_TEST(Conv2dPoolTest, NeitherBiasNorIndex) {
  const Conv2dPoolShape shape = {.conv = with_output_size({.n = 2,
                                                           .c = 3,
                                                           .h = 7,
                                                           .w = 6,
                                                           .o = 5,
                                                           .kh = 3,
                                                           .kw = 3,
                                                           .padding_h = 1,
                                                           .padding_w = 1})};
  const Conv2dShape& s = shape.conv;
  const Inputs<float> in(s);
  const auto expected =
      pool(shape, oracle::conv2d_forward(s, in.x, in.weight, std::vector<float>(s.o)));
  auto x = this->template upload<float>(in.x), weight = this->template upload<float>(in.weight);
  auto y = this->template unset<float>(expected.y.size());
  conv2d_pool_forward<float>(this->stream, shape, x.data(), weight.data(), nullptr, y.data(),
                             nullptr);
  EXPECT_EQ(y.to_host(), rounded<float>(expected.y));
}

/// A 1 × 1 convolution by 1: the windows are what stands in x.
TYPED_TEST(Conv2dPoolTest, NanInfinityAndZeros) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  // Windows of (2, 4): {nan, 1, 2, nan}, {-inf, -inf, -inf, -inf}; {-1, -0, -2, 0}, {inf, 3, inf,
  // 1}
  const std::vector<float> x = {nan, 1,    -inf, -inf, 2,  nan, -inf, -inf,
                                -1,  -0.f, inf,  3,    -2, 0,   inf,  1};
  for (const bool relu : {false, true}) {
    const Conv2dPoolShape shape = {
        .conv = with_output_size({.n = 1, .c = 1, .h = 4, .w = 4, .o = 1, .kh = 1, .kw = 1}),
        .relu = relu};
    auto x_there = this->template upload<float>(x), weight = this->template upload<float>({1});
    auto y = this->template unset<float>(4);
    auto index = this->template unset<uint8_t>(4);
    conv2d_pool_forward<float>(this->stream, shape, x_there.data(), weight.data(), nullptr,
                               y.data(), index.data());
    const auto values = y.to_host();
    EXPECT_TRUE(std::isnan(values[0]));
    EXPECT_EQ(values[1], relu ? 0 : -inf);
    EXPECT_EQ(values[2], 0);
    EXPECT_EQ(values[3], inf);
    const uint8_t none = 4;
    EXPECT_EQ(index.to_host(),
              (std::vector<uint8_t>{3, relu ? none : uint8_t{0}, relu ? none : uint8_t{1}, 0}));
  }
}

TYPED_TEST(Conv2dPoolTest, NoImagesGiveNoGradient) {
  const Conv2dShape s = with_output_size(
      {.n = 0, .c = 3, .h = 8, .w = 8, .o = 4, .kh = 3, .kw = 3, .padding_h = 1, .padding_w = 1});
  check<float>(*this, "no images", {.conv = s, .relu = true});
  check<double>(*this, "no images", {.conv = s, .relu = false});
}

}  // namespace
}  // namespace cuttle::test
