// Initialisers: fans, gains, bounds, and that the layout does not change the values.
#include <cuttle/core/creation.h>
#include <cuttle/layers/init.h>

#include <algorithm>
#include <cmath>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST(Init, Fan) {
  const init::Fan linear = init::calculate_fan_in_and_fan_out(zeros({5, 7}));
  EXPECT_EQ(linear.in, 7);
  EXPECT_EQ(linear.out, 5);
  const init::Fan conv = init::calculate_fan_in_and_fan_out(zeros({6, 2, 3, 2}));
  EXPECT_EQ(conv.in, 12);
  EXPECT_EQ(conv.out, 36);
  EXPECT_EQ(error_of([] { init::calculate_fan_in_and_fan_out(zeros({5})); }),
            "calculate_fan_in_and_fan_out: expected at least 2 dimensions (O, I, …), got shape "
            "[5]");
}

TEST(Init, Gain) {
  using enum init::Nonlinearity;
  EXPECT_EQ(init::calculate_gain(linear), 1);
  EXPECT_EQ(init::calculate_gain(sigmoid), 1);
  EXPECT_EQ(init::calculate_gain(tanh), 5.0 / 3);
  EXPECT_EQ(init::calculate_gain(relu), std::sqrt(2.0));
  EXPECT_NEAR(init::calculate_gain(leaky_relu, 3), std::sqrt(0.2), 1e-15);
  EXPECT_EQ(init::calculate_gain(selu), 0.75);
}

TEST(Init, Errors) {
  EXPECT_EQ(error_of([] { init::uniform_(zeros({2}), 1, 0); }),
            "uniform_: expected low <= high, got 1 and 0");
  EXPECT_EQ(error_of([] { init::normal_(zeros({2}), 0, -1); }),
            "normal_: expected a standard deviation of 0 or more, got -1");
  EXPECT_THROW(init::uniform_(zeros({2}, {.dtype = int64})), Error);
}

class InitOnDevice : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(InitOnDevice);

TEST_P(InitOnDevice, Constants) {
  for (const int64_t n : {0, 1, 31, 33, 1025}) {
    const Tensor x = empty({n}, {.device = device()});
    const auto count = static_cast<size_t>(n);
    init::ones_(x);
    EXPECT_EQ(x.to_vector<double>(), std::vector<double>(count, 1));
    init::zeros_(x);
    EXPECT_EQ(x.to_vector<double>(), std::vector<double>(count, 0));
    init::constant_(x, -2.5);
    EXPECT_EQ(x.to_vector<double>(), std::vector<double>(count, -2.5));
  }
}

TEST_P(InitOnDevice, SameValuesInAnyLayoutAndOnLeaves) {
  const TensorOptions options{.device = device()};
  const Tensor row_major = empty({3, 2, 5, 4});
  Tensor channels_last = empty({3, 2, 5, 4}, options, MemoryFormat::channels_last);
  channels_last.requires_grad_();
  const Tensor wide = empty({3, 2, 5, 8}, options);
  const Tensor strided = wide.slice(3, 0, 8, 2);
  for (const Tensor& x : {row_major, channels_last, strided}) {
    manual_seed(11);
    init::uniform_(x, -1, 2);
  }
  EXPECT_EQ(channels_last.to_vector<float>(), row_major.to_vector<float>());
  EXPECT_EQ(strided.to_vector<float>(), row_major.to_vector<float>());
  EXPECT_TRUE(channels_last.is_leaf() && channels_last.requires_grad());
}

TEST_P(InitOnDevice, DistributionsHaveTheirMoments) {
  const Tensor x = empty({1025, 31}, {.device = device()});
  manual_seed(5);
  const auto moments = [&] {
    double sum = 0, squares = 0;
    const auto values = x.to_vector<double>();
    for (const double value : values) sum += value, squares += value * value;
    const double n = static_cast<double>(values.size()), mean = sum / n;
    return std::pair(mean, std::sqrt(squares / n - mean * mean));
  };
  // Tolerances: five standard errors of 31,775 values, for a fixed seed.
  init::normal_(x, 3, 0.5);
  EXPECT_NEAR(moments().first, 3, 0.014);
  EXPECT_NEAR(moments().second, 0.5, 0.01);
  init::kaiming_uniform_(x, 0, init::FanMode::fan_in, init::Nonlinearity::relu);
  const double bound = std::sqrt(6.0 / 31);
  EXPECT_NEAR(moments().first, 0, 0.008);
  EXPECT_NEAR(moments().second, bound / std::sqrt(3.0), 0.005);
  const auto values = x.to_vector<double>();
  EXPECT_LE(*std::max_element(values.begin(), values.end()), bound);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -bound);
}

}  // namespace
}  // namespace cuttle::test
