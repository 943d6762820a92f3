// equal, isclose and allclose: PyTorch's rule for every pair of edge values.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/closeness.h>

#include <cmath>
#include <limits>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Closeness : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Closeness);

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST_P(Closeness, EdgeValuesAgainstTheRule) {
  const std::vector<double> edges = {0,     -0.0,   1,    1 + 1e-9, 1.1,  -1,
                                     1e300, -1e300, kInf, -kInf,    kNan, 5e-324};
  const auto n = static_cast<int64_t>(edges.size());
  const Tensor a = tensor(edges, {n, 1}).to(device()), b = tensor(edges, {n}).to(device());
  for (const auto& [rtol, atol] :
       std::vector<std::pair<double, double>>{{1e-5, 1e-8}, {0, 0}, {0.2, 0}, {0, 3}, {kInf, 0}})
    for (const bool equal_nan : {false, true}) {
      std::vector<bool> expected;
      for (const double x : edges)
        for (const double y : edges) {
          const double distance = std::abs(x - y);
          bool close = x == y || (equal_nan && std::isnan(x) && std::isnan(y));
          if (rtol != 0 || atol != 0)
            close = close || (std::isfinite(distance) && distance <= atol + std::abs(rtol * y));
          expected.push_back(close);
        }
      const Tensor close = isclose(a, b, rtol, atol, equal_nan);
      EXPECT_EQ(close.shape(), (Shape{n, n}));
      EXPECT_EQ(close.to_vector<bool>(), expected) << rtol << ' ' << atol << ' ' << equal_nan;
    }
}

TEST_P(Closeness, IntegersAndBoolsDoNotWrapAround) {
  const Tensor a = tensor<uint8_t>({1, 0, 255}).to(device());
  const Tensor b = tensor<uint8_t>({2, 255, 254}).to(device());
  EXPECT_EQ(a.isclose(b, 0, 1).to_vector<bool>(), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(a.isclose(b, 1, 0).to_vector<bool>(), (std::vector<bool>{true, true, true}));
  EXPECT_EQ((a == 1).isclose(b == 2).to_vector<bool>(), (std::vector<bool>{true, true, true}));
  EXPECT_FALSE(allclose(a == 1, b == 3));
}

TEST_P(Closeness, OfWholeTensors) {
  for (const Shape& shape : common_shapes())
    for (const auto& [layout, x] : layouts(shape, device(), float64)) {
      const Tensor copy = x.contiguous().clone();
      EXPECT_TRUE(x.equal(copy)) << layout << shape;
      EXPECT_TRUE(x.allclose(copy)) << layout << shape;
      if (shape.numel() == 0) continue;
      const Tensor near = copy + 1e-7;
      EXPECT_FALSE(near.equal(x)) << layout << shape;
      EXPECT_TRUE(allclose(near, x, 0, 1e-6)) << layout << shape;
      EXPECT_FALSE(allclose(near, x, 0, 1e-8)) << layout << shape;
    }
  const Tensor two = zeros({2}, {.device = device()});
  EXPECT_FALSE(equal(two, zeros({2, 1}, {.device = device()})));
  EXPECT_TRUE(allclose(two, zeros({2, 1}, {.device = device()})));
}

TEST_P(Closeness, WrongUses) {
  const Tensor x = zeros({2}, {.device = device()});
  EXPECT_EQ(error_of([&] { (void)isclose(x, x.to(float64)); }),
            "isclose: all tensors must have one dtype, got float32 (shape [2]) and float64 (shape "
            "[2]); convert one with .to(dtype)");
  EXPECT_EQ(error_of([&] { (void)allclose(x, x, -1, 0); }),
            "allclose: tolerances must not be negative, got rtol = -1 and atol = 0");
  EXPECT_EQ(error_of([&] { (void)equal(x, {}); }),
            "equal: got an undefined tensor; was a default-constructed Tensor never assigned?");
  EXPECT_EQ(error_of([&] { (void)equal(x, x.to(int64)); }).substr(0, 41),
            "equal: all tensors must have one dtype, g");
}

}  // namespace
}  // namespace cuttle::test
