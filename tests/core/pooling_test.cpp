// What pooling and interpolation have beside their values: layouts, dtypes, empty batches, errors.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/adaptive_pool.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/avg_pool.h>
#include <cuttle/core/ops/interpolate.h>
#include <cuttle/core/ops/max_pool2d.h>

#include <functional>
#include <map>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Pooling : public DeviceTest {
 protected:
  Tensor f(const Shape& shape) const { return zeros(shape, {.device = device()}); }
};
CUTTLE_INSTANTIATE_DEVICES(Pooling);

using Function = std::function<Tensor(const Tensor&)>;

std::map<std::string, Function> functions() {
  return {
      {"avg_pool2d", [](const Tensor& x) { return avg_pool2d(x, 2); }},
      {"max_pool2d", [](const Tensor& x) { return max_pool2d(x, 2); }},
      {"adaptive_avg_pool2d", [](const Tensor& x) { return adaptive_avg_pool2d(x, 3); }},
      {"global average", [](const Tensor& x) { return adaptive_avg_pool2d(x, 1); }},
      {"adaptive_max_pool2d", [](const Tensor& x) { return adaptive_max_pool2d(x, 3); }},
      {"nearest",
       [](const Tensor& x) {
         return interpolate(x, {.size = {7, 3}});
       }},
      {"bilinear",
       [](const Tensor& x) { return interpolate(x, {.size = {7}, .mode = "bilinear"}); }},
  };
}

TEST_P(Pooling, OfAnyLayout) {
  for (const auto& [name, function] : functions())
    for (const auto& [layout, given] : layouts({2, 3, 4, 5}, device(), float64)) {
      Tensor x = given.detach().requires_grad_();
      Tensor dense = given.contiguous().detach().requires_grad_();
      const Tensor y = function(x), expected = function(dense);
      expect_near(y, expected.to_vector<double>(), 1e-15, 1e-15, name + " " + layout);
      (y * y).sum().backward(), (expected * expected).sum().backward();
      expect_near(x.grad(), dense.grad().to_vector<double>(), 1e-15, 1e-15, name + " " + layout);
    }
}

TEST_P(Pooling, OfHalves) {
  for (const auto& [name, function] : functions())
    for (const DType dtype : {float16, bfloat16}) {
      const Tensor x = sample({2, 3, 4, 5}, device(), dtype);
      const Tensor y = function(x), expected = function(x.to(float32)).to(dtype);
      EXPECT_EQ(y.dtype(), dtype) << name;
      expect_near(y, expected.to_vector<double>(), 0, 0, name);
    }
}

TEST_P(Pooling, OfNoImages) {
  for (const auto& [name, function] : functions()) {
    Tensor x = f({0, 3, 4, 5}).requires_grad_();
    const Tensor y = function(x);
    EXPECT_EQ(y.numel(), 0) << name;
    y.sum().backward();
    EXPECT_EQ(x.grad().shape(), x.shape()) << name;
  }
  EXPECT_EQ(adaptive_max_pool2d(f({2, 0, 4, 5}), 2).shape(), (Shape{2, 0, 2, 2}));
  EXPECT_EQ(adaptive_avg_pool2d(f({2, 3, 4, 5}), {0, 2}).shape(), (Shape{2, 3, 0, 2}));
}

TEST_P(Pooling, MeansOfOnesAreOne) {
  const Tensor x = ones({1, 3, 7, 7}, {.device = device()});
  for (const Tensor& y : {avg_pool2d(x, 3, {.stride = 2, .padding = 1, .count_include_pad = false}),
                          adaptive_avg_pool2d(x, 3), adaptive_avg_pool2d(x, 1)})
    for (const double value : y.to_vector<double>()) EXPECT_EQ(value, 1);
}

// What weighs nothing does not reach a result: an infinity beside a gradient's window, a NaN beside
// an output that lies on an input.
TEST_P(Pooling, InfinitiesStayWhereTheyAre) {
  Tensor x = sample({1, 1, 1, 6}, device()).requires_grad_();
  const Tensor y = interpolate(x, {.size = {1, 11}, .mode = "bilinear", .align_corners = true});
  y.backward(
      tensor<double>({INFINITY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}).reshape(y.shape()).to(device()));
  const auto dx = x.grad().to_vector<double>();
  EXPECT_EQ(dx[0], INFINITY);
  for (size_t i = 1; i < 5; ++i) EXPECT_EQ(dx[i], 0) << i;
  EXPECT_EQ(dx[5], 1);
}

TEST_P(Pooling, WindowErrors) {
  EXPECT_EQ(error_of([&] {
              (void)avg_pool2d(f({1, 2, 4, 4}), {2, 5});
            }),
            "avg_pool2d: the kernel (2, 5) does not fit into the input [1, 2, 4, 4]");
  EXPECT_EQ(error_of([&] {
              (void)avg_pool2d(f({1, 2, 4, 4}), 2, {.padding = 2});
            }),
            "avg_pool2d: the padding must be at most half the kernel (2, 2), got (2, 2)");
  EXPECT_EQ(error_of([&] {
              (void)avg_pool2d(f({1, 2, 4, 4}), 2, {.stride = 0});
            }),
            "avg_pool2d: kernel and stride must be at least 1, got (2, 2) and (0, 0)");
  EXPECT_EQ(error_of([&] {
              (void)avg_pool2d(f({1, 2, 4, 4}), 2, {.divisor_override = 0});
            }),
            "avg_pool2d: divisor_override must not be 0");
  EXPECT_EQ(error_of([&] {
              (void)avg_pool2d(f({4, 4}), 2);
            }),
            "avg_pool2d: expected an input of shape (N, C, H, W) or (C, H, W), got [4, 4]");
  EXPECT_EQ(error_of([&] { (void)max_pool1d(f({4}), 2); }),
            "max_pool1d: expected an input of shape (N, C, L) or (C, L), got [4]");
  EXPECT_EQ(error_of([&] {
              (void)avg_pool1d(f({1, 4}).to(int64), 2);
            }),
            "avg_pool1d: expected a floating dtype, got int64 [1, 4]; convert first, with "
            ".to(float32) for example");
  EXPECT_EQ(error_of([&] {
              (void)max_pool2d(f({1, 4, 4}), 2, {.dilation = 0});
            }),
            "max_pool2d: dilation must be at least 1, got (0, 0)");
}

TEST_P(Pooling, AdaptiveErrors) {
  EXPECT_EQ(error_of([&] {
              (void)adaptive_avg_pool2d(f({1, 2, 0, 4}), 2);
            }),
            "adaptive_avg_pool2d: expected planes with elements, got an input of shape [1, 2, 0, "
            "4]");
  EXPECT_EQ(error_of([&] {
              (void)adaptive_max_pool2d(f({1, 2, 4, 4}), {-1, 2});
            }),
            "adaptive_max_pool2d: output sizes must be at least 0, got (-1, 2)");
  EXPECT_EQ(error_of([&] {
              (void)max_unpool2d(f({1, 2, 2}), f({1, 2, 2}), 2);
            }),
            "max_unpool2d: expected int64 indices of the input's shape [1, 2, 2], got float32 [1, "
            "2, 2]");
}

TEST_P(Pooling, InterpolationErrors) {
  const auto error = [&](const Shape& shape, const InterpolateOptions& options) {
    return error_of([&] { (void)interpolate(f(shape), options); });
  };
  EXPECT_EQ(error({1, 2, 4, 4}, {}),
            "interpolate: expected either size or scale_factor, got neither");
  EXPECT_EQ(error({1, 2, 4, 4}, {.size = {2}, .scale_factor = {2}}),
            "interpolate: expected either size or scale_factor, got both");
  EXPECT_EQ(error({1, 2, 4, 4}, {.size = {2}, .mode = "area"}),
            "interpolate: there is no mode \"area\"; there are nearest, nearest-exact, linear, "
            "bilinear and bicubic");
  EXPECT_EQ(error({1, 2, 4}, {.size = {2}, .mode = "bilinear"}),
            "interpolate: the mode bilinear is for inputs of shape (N, C, H, W), got [1, 2, 4]");
  EXPECT_EQ(error({1, 2, 4, 4}, {.size = {2}, .align_corners = true}),
            "interpolate: align_corners is for linear, bilinear and bicubic, got the mode nearest");
  EXPECT_EQ(error({1, 2, 4, 4}, {.size = {2, 3, 4}}),
            "interpolate: expected 2 numbers in size, or one, got 3");
  EXPECT_EQ(error({1, 2, 4, 4}, {.size = {0}}),
            "interpolate: sizes must be at least 1, got an input of shape [1, 2, 4, 4] and an "
            "output size of 0");
  EXPECT_EQ(error({1, 2, 4, 4}, {.scale_factor = {-1}}),
            "interpolate: scale_factor must be greater than 0 and finite, got -1");
  EXPECT_EQ(error({4, 4}, {.size = {2}}),
            "interpolate: expected an input of shape (N, C, L) or (N, C, H, W), got [4, 4]");
}

}  // namespace
}  // namespace cuttle::test
