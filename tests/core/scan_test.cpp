// Running sums, products, log Σ exp and extremes: gradients, types, errors.
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/scan.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Scan : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Scan);

TEST_P(Scan, GradientsOfProductsAreRightWithZeros) {
  for (const std::vector<double>& values :
       {std::vector<double>{2, 0, 3, -1}, {0, 0, 3, 2}, {1, 2, 0, 4}, {0, 2, 0, 4}, {0, 0, 0, 0}}) {
    const Tensor x = tensor(values).to(device()).requires_grad_();
    const auto products = [](const std::vector<Tensor>& in) { return in[0].cumprod(0); };
    const GradcheckResult first = gradcheck(products, {x}), second = gradgradcheck(products, {x});
    EXPECT_TRUE(first) << first.message;
    EXPECT_TRUE(second) << second.message;
  }
}

TEST_P(Scan, GradientsOfLogCumSumExpSurviveLargeAndMissingTerms) {
  Tensor x = tensor({-INFINITY, 1000.0, -1000.0, 1001.0}).to(device()).requires_grad_();
  x.logcumsumexp(0).sum().backward();
  const double e = std::exp(-1.0), share = e / (1 + e);
  expect_near(x.grad(), {0, 2 + share, 0, 1 - share}, 1e-12, 0, "gradient");
}

TEST_P(Scan, ExtremesGiveTheGradientToWhatWasPicked) {
  Tensor x = tensor({1.0, 3.0, 2.0, 3.0, 0.0}).to(device()).requires_grad_();
  const auto [values, indices] = x.cummax(0);
  EXPECT_EQ(indices.to_vector<int64_t>(), (std::vector<int64_t>{0, 1, 1, 3, 3}));
  values.backward(tensor({1.0, 10.0, 100.0, 1000.0, 10000.0}).to(device()));
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{1, 110, 0, 11000, 0}));
}

TEST_P(Scan, TypesFollowPyTorch) {
  const Tensor bytes = full({4}, 200, {.dtype = uint8, .device = device()});
  EXPECT_EQ(bytes.cumsum(0).dtype(), int64);
  EXPECT_EQ(bytes.cumsum(0).to_vector<int64_t>(), (std::vector<int64_t>{200, 400, 600, 800}));
  EXPECT_EQ(bytes.cumprod(0, int32).dtype(), int32);
  EXPECT_EQ(bytes.cumsum(0, float64).dtype(), float64);
  EXPECT_EQ(bytes.cumsum(0, uint8).to_vector<uint8_t>(), (std::vector<uint8_t>{200, 144, 88, 32}));
  EXPECT_EQ((bytes == 200).cumsum(0).to_vector<int64_t>(), (std::vector<int64_t>{1, 2, 3, 4}));
  const Tensor halves = full({3}, 1.5, {.device = device()});
  EXPECT_EQ(halves.cumsum(0, int64).to_vector<int64_t>(), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(bytes.cummax(0).values.dtype(), uint8);
  EXPECT_EQ(cumsum(halves, -1).dtype(), float32);
}

TEST_P(Scan, LayoutsGiveTheSame) {
  for (const Shape& shape : {Shape{3, 4}, Shape{2, 3, 4, 5}, Shape{3, 0, 2}})
    for (const auto& [layout, x] : layouts(shape, device(), float64))
      for (int d = 0; d < x.dim(); ++d) {
        const Tensor dense = x.clone().contiguous();
        EXPECT_EQ(x.cumsum(d).to_vector<double>(), dense.cumsum(d).to_vector<double>()) << layout;
        EXPECT_EQ(x.cummin(d).indices.to_vector<int64_t>(),
                  dense.cummin(d).indices.to_vector<int64_t>())
            << layout;
      }
}

TEST_P(Scan, ErrorsSayWhatWasGot) {
  const Tensor x = ones({2, 3}, {.device = device()});
  const std::string range = ": dimension 2 is out of range";
  EXPECT_EQ(error_of([&] { (void)x.cumsum(2); }).substr(0, 35), "cumsum" + range);
  EXPECT_EQ(error_of([&] { (void)cumprod(x, 2); }).substr(0, 36), "cumprod" + range);
  EXPECT_EQ(error_of([&] { (void)x.to(int64).logcumsumexp(0); }),
            "logcumsumexp: expected a floating dtype, got int64; convert first, with .to(float32) "
            "for example");
  const std::string undefined =
      ": got an undefined tensor; was a default-constructed Tensor never assigned?";
  EXPECT_EQ(error_of([&] { (void)cumsum({}, 0); }), "cumsum" + undefined);
  EXPECT_EQ(error_of([&] { (void)cummin({}, 0); }), "cummin" + undefined);
}

}  // namespace
}  // namespace cuttle::test
