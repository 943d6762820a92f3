// The forward convolution on tensor cores, called by itself, so that a kernel that refuses a shape
// cannot hide behind the portable one. The oracle convolves in double what rounding to TF32 leaves
// of the inputs; the rest of the error is that of float32 sums.
#include <cuttle/kernels/cuda/conv2d_tensor_core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backend.h"
#include "conv2d_cases.h"
#include "oracle/conv2d.h"
#include "oracle/tf32.h"

namespace cuttle::test {
namespace {

using namespace kernels;
using oracle::tf32;

using TensorCoreConv2d = KernelTest<OnCuda<cuda::Backend::own>>;

struct Inputs {
  explicit Inputs(const Conv2dShape& s)
      : x(random_values<float>(s.n * s.h * s.w * s.c, 1)),
        weight(random_values<float>(s.o * s.kh * s.kw * s.c, 2)),
        bias(random_values<float>(s.o, 3)) {}
  std::vector<double> convolved(const Conv2dShape& s) const {
    return oracle::conv2d_forward(s, tf32(x), tf32(weight), bias);
  }
  std::vector<float> x, weight, bias;
};

/// As conv2d_test.cpp's for float32: products are exact, and partial sums grow like the root of
/// their number, as do the roundings. Operands that were truncated would err thirty times as much.
double tolerance(const Conv2dShape& s) {
  return kEpsilon<float> * (4 + static_cast<double>(s.kh * s.kw * s.c));
}

double rectified(double value, bool relu) {
  return relu && value < 0 ? 0 : value;
}

class Conv2dTensorCoreTest : public TensorCoreConv2d {
 protected:
  void check_whole(const std::string& name, const Conv2dShape& s, bool relu) {
    const Inputs in(s);
    std::vector<double> expected = in.convolved(s);
    for (double& v : expected) v = rectified(v, relu);
    auto x = upload<float>(in.x), weight = upload<float>(in.weight), bias = upload<float>(in.bias);
    auto y = unset<float>(expected.size());
    ASSERT_TRUE(cuda::conv2d_forward_tensor_core(stream, s, relu, x.data(), weight.data(),
                                                 bias.data(), y.data()))
        << name;
    expect_close(y.to_host(), expected, tolerance(s), 4 * kEpsilon<float>, name);
  }

  void check_pooled(const std::string& name, const Conv2dPoolShape& shape) {
    const Conv2dShape& s = shape.conv;
    const Inputs in(s);
    const std::vector<double> c = in.convolved(s);
    const size_t count = s.n * shape.ph() * shape.pw() * s.o;
    auto x = upload<float>(in.x), weight = upload<float>(in.weight), bias = upload<float>(in.bias);
    auto y_there = unset<float>(count);
    auto index_there = unset<uint8_t>(count);
    ASSERT_TRUE(cuda::conv2d_pool_forward_tensor_core(
        stream, shape, x.data(), weight.data(), bias.data(), y_there.data(), index_there.data()))
        << name;
    const auto y = y_there.to_host();
    const auto index = index_there.to_host();
    for (size_t i = 0; i < count; ++i) {
      const int64_t o = i % s.o, pw = i / s.o % shape.pw(), ph = i / s.o / shape.pw() % shape.ph();
      const int64_t n = i / s.o / shape.pw() / shape.ph();
      const auto at = [&](int place) {
        return c[((n * s.oh + 2 * ph + place / 2) * s.ow + 2 * pw + place % 2) * s.o + o];
      };
      const double largest = std::max({at(0), at(1), at(2), at(3)});
      const double allowed = tolerance(s) + 4 * kEpsilon<float> * std::abs(largest);
      ASSERT_NEAR(y[i], rectified(largest, shape.relu), allowed) << name << ", element " << i;
      // The place is that of the largest, or of one that rounding cannot tell from it.
      if (index[i] == 4) {
        ASSERT_TRUE(shape.relu && largest <= allowed) << name << ", element " << i;
      } else {
        ASSERT_LT(index[i], 4) << name << ", element " << i;
        ASSERT_NEAR(at(index[i]), largest, 2 * allowed) << name << ", element " << i;
      }
    }
  }
};

TEST_F(Conv2dTensorCoreTest, TheTutorialsLayers) {
  check_pooled("conv1", {.conv = layer(1, 3, 32, 32, 5), .relu = true});
  check_pooled("conv2", {.conv = layer(1, 32, 16, 32, 5)});
  check_pooled("conv3", {.conv = layer(3, 32, 8, 64, 5), .relu = true});
  check_whole("conv3", layer(1, 32, 8, 64, 5), false);
}

TEST_F(Conv2dTensorCoreTest, EveryShapeWithOneGroup) {
  for (const Conv2dCase& one : conv2d_cases()) {
    if (one.shape.groups != 1) continue;
    check_whole(one.name, one.shape, one.shape.c % 2 == 0);
    if (one.shape.oh > 1 && one.shape.ow > 1)
      check_pooled(one.name, {.conv = one.shape, .relu = one.shape.c % 2 != 0});
  }
}

TEST_F(Conv2dTensorCoreTest, TailsAndStrides) {
  for (const int64_t c : {1, 3, 5, 8}) {
    for (const int64_t stride : {1, 2}) {
      for (const int64_t k : {1, 3}) {
        const Conv2dShape s = tails(c, c == 8 ? 64 : 10, k, stride);
        const std::string name = std::to_string(c) + " channels, stride " + std::to_string(stride) +
                                 ", kernel " + std::to_string(k);
        check_whole(name, s, false);
        check_pooled(name, {.conv = s, .relu = true});
      }
    }
  }
}

// Enough blocks for the larger tile, whose warps hold two groups of windows.
TEST_F(Conv2dTensorCoreTest, ManyImages) {
  const Conv2dShape s =
      with_output_size({.n = 64, .c = 2, .h = 18, .w = 17, .o = 33, .kh = 1, .kw = 1});
  check_whole("many images", s, true);
  check_pooled("many images", {.conv = s});
  const Conv2dShape packs =
      with_output_size({.n = 64, .c = 4, .h = 18, .w = 17, .o = 34, .kh = 1, .kw = 1});
  check_whole("many images, packs", packs, true);
  check_pooled("many images, packs", {.conv = packs});
}

// Windows of a 1 × 1 convolution by 1: {nan, 1, 2, nan}, four times −∞, {5, 5, 4, 5}, {−1, −0, −2,
// 0}.
TEST_F(Conv2dTensorCoreTest, PlacesOfNanInfinityAndEquals) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {nan, 1,   -inf, -inf, 5, 5, -1, -0.f,
                                2,   nan, -inf, -inf, 4, 5, -2, 0};
  for (const bool relu : {false, true}) {
    const Conv2dPoolShape shape = {
        .conv = with_output_size({.n = 1, .c = 1, .h = 2, .w = 8, .o = 1, .kh = 1, .kw = 1}),
        .relu = relu};
    auto x_there = upload<float>(x), weight = upload<float>({1});
    auto y = unset<float>(4);
    auto index = unset<uint8_t>(4);
    ASSERT_TRUE(cuda::conv2d_pool_forward_tensor_core(stream, shape, x_there.data(), weight.data(),
                                                      nullptr, y.data(), index.data()));
    const auto values = y.to_host();
    EXPECT_TRUE(std::isnan(values[0]));
    EXPECT_EQ(values[1], relu ? 0 : -inf);
    EXPECT_EQ(values[2], 5);
    EXPECT_EQ(values[3], 0);
    const uint8_t none = 4;
    EXPECT_EQ(index.to_host(),
              (std::vector<uint8_t>{3, relu ? none : uint8_t{0}, 0, relu ? none : uint8_t{1}}));
  }
}

TEST_F(Conv2dTensorCoreTest, RefusesGroups) {
  const Conv2dShape s =
      with_output_size({.n = 1, .c = 4, .h = 4, .w = 4, .o = 4, .kh = 1, .kw = 1, .groups = 2});
  EXPECT_FALSE(
      cuda::conv2d_forward_tensor_core(stream, s, false, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace
}  // namespace cuttle::test
