// Whether random numbers are distributed as they should be: moments and chi-square, with fixed
// seeds, so that a test that passes once passes always.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/random.h>

#include <cmath>
#include <map>

#include "samples.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

constexpr int64_t kCount = 200'000;

class RandomStatistics : public DeviceTest {
 protected:
  /// A Twister on the CPU, Philox on a GPU; and Philox on both.
  std::vector<Generator> generators() const {
    return {Generator(1, Engine::philox), Generator(2, Engine::mt19937)};
  }
  Tensor place(DType dtype = float64) const {
    return empty({kCount}, {.dtype = dtype, .device = device()});
  }
};
CUTTLE_INSTANTIATE_DEVICES(RandomStatistics);

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0, neighbours = 0;
};

Moments moments(const std::vector<double>& values) {
  Moments m;
  const auto n = static_cast<double>(values.size());
  for (const double v : values) m.mean += v / n;
  for (const double v : values) m.variance += (v - m.mean) * (v - m.mean) / n;
  for (size_t i = 0; i < values.size(); ++i) {
    const double z = (values[i] - m.mean) / std::sqrt(m.variance);
    m.skewness += z * z * z / n;
    m.kurtosis += z * z * z * z / n;
    if (i > 0) m.neighbours += z * (values[i - 1] - m.mean) / std::sqrt(m.variance) / n;
  }
  return m;
}

// (Σ (found − expected)² / expected − degrees) / √(2 · degrees): near normal for many degrees.
double chi_square(const std::vector<double>& found, const std::vector<double>& expected) {
  double sum = 0;
  for (size_t i = 0; i < found.size(); ++i)
    sum += (found[i] - expected[i]) * (found[i] - expected[i]) / expected[i];
  const auto degrees = static_cast<double>(found.size() - 1);
  return (sum - degrees) / std::sqrt(2 * degrees);
}

// How many values lie in each of `bins` parts of the distribution that are equally likely.
template <class Cumulative>
double chi_square_of(const std::vector<double>& values, size_t bins, const Cumulative& cumulative) {
  std::vector<double> found(bins),
      expected(bins, static_cast<double>(values.size()) / static_cast<double>(bins));
  for (const double v : values)
    ++found[std::min(bins - 1, static_cast<size_t>(cumulative(v) * static_cast<double>(bins)))];
  return chi_square(found, expected);
}

TEST_P(RandomStatistics, Uniform) {
  for (const Generator& generator : generators())
    for (const DType dtype : {float32, float64}) {
      const auto values = place(dtype).uniform_(2, 6, generator).to_vector<double>();
      const Moments m = moments(values);
      EXPECT_NEAR(m.mean, 4, 0.01);
      EXPECT_NEAR(m.variance, 16.0 / 12, 0.01);
      EXPECT_NEAR(m.skewness, 0, 0.02);
      EXPECT_NEAR(m.kurtosis, 1.8, 0.02);
      EXPECT_NEAR(m.neighbours, 0, 0.01);
      EXPECT_LT(chi_square_of(values, 1000, [](double v) { return (v - 2) / 4; }), 3.5);
    }
}

TEST_P(RandomStatistics, Normal) {
  for (const Generator& generator : generators())
    for (const DType dtype : {float32, float64}) {
      const auto values = place(dtype).normal_(3, 2, generator).to_vector<double>();
      const Moments m = moments(values);
      EXPECT_NEAR(m.mean, 3, 0.02);
      EXPECT_NEAR(m.variance, 4, 0.06);
      EXPECT_NEAR(m.skewness, 0, 0.03);
      EXPECT_NEAR(m.kurtosis, 3, 0.06);
      EXPECT_NEAR(m.neighbours, 0, 0.01);
      EXPECT_LT(chi_square_of(values, 1000,
                              [](double v) { return 0.5 * std::erfc(-(v - 3) / std::sqrt(8.0)); }),
                3.5);
    }
}

TEST_P(RandomStatistics, Exponential) {
  for (const Generator& generator : generators())
    for (const DType dtype : {float32, float64}) {
      const auto values = place(dtype).exponential_(0.5, generator).to_vector<double>();
      EXPECT_NEAR(moments(values).mean, 2, 0.02);
      EXPECT_NEAR(moments(values).variance, 4, 0.1);
      EXPECT_LT(chi_square_of(values, 1000, [](double v) { return 1 - std::exp(-v / 2); }), 3.5);
    }
}

TEST_P(RandomStatistics, IntegersAreEquallyLikely) {
  for (const Generator& generator : generators())
    for (const int64_t range : {2, 3, 10, 1000}) {
      const auto values = place(int64).random_(-5, range - 5, generator).to_vector<int64_t>();
      std::vector<double> found(static_cast<size_t>(range)),
          expected(found.size(), static_cast<double>(kCount) / static_cast<double>(range));
      for (const int64_t v : values) ++found.at(static_cast<size_t>(v + 5));
      EXPECT_LT(chi_square(found, expected), 3.5) << range;
    }
}

TEST_P(RandomStatistics, GeometricAndBernoulli) {
  for (const Generator& generator : generators()) {
    const auto trials = place(int64).geometric_(0.25, generator).to_vector<int64_t>();
    std::vector<double> found(20), expected(20);
    for (const int64_t t : trials) ++found[static_cast<size_t>(std::min<int64_t>(t, 20) - 1)];
    for (size_t i = 0; i < 20; ++i)
      expected[i] = kCount * std::pow(0.75, static_cast<double>(i)) * (i < 19 ? 0.25 : 1);
    EXPECT_LT(chi_square(found, expected), 3.5);
    for (const double p : {0.001, 0.25, 0.5, 0.9}) {
      const double ones = place(float32).bernoulli_(p, generator).to_vector<double>().size() *
                          moments(place(float32).bernoulli_(p, generator).to_vector<double>()).mean;
      EXPECT_NEAR(ones, kCount * p, 4 * std::sqrt(kCount * p * (1 - p))) << p;
    }
  }
}

TEST_P(RandomStatistics, MultinomialFollowsItsWeights) {
  const std::vector<double> weights = {0.5, 3, 0, 1.5, 5};
  const Tensor w = tensor(weights).to(device());
  for (const Generator& generator : generators()) {
    std::vector<double> found(4),
        expected = {0.05 * kCount, 0.3 * kCount, 0.15 * kCount, 0.5 * kCount};
    for (const int64_t v : multinomial(w, kCount, true, generator).to_vector<int64_t>()) {
      ASSERT_NE(v, 2);
      ++found[static_cast<size_t>(v > 2 ? v - 1 : v)];
    }
    EXPECT_LT(chi_square(found, expected), 3.5);
    // Pairs without replacement: P(a, b) = w_a / W · w_b / (W − w_a).
    std::map<std::pair<int64_t, int64_t>, double> pairs;
    const auto drawn = multinomial(w.expand({20000, 5}), 2, false, generator).to_vector<int64_t>();
    for (size_t i = 0; i < drawn.size(); i += 2) ++pairs[{drawn[i], drawn[i + 1]}];
    std::vector<double> seen, likely;
    for (int64_t a = 0; a < 5; ++a)
      for (int64_t b = 0; b < 5; ++b) {
        const double wa = weights[static_cast<size_t>(a)], wb = weights[static_cast<size_t>(b)];
        if (a == b || wa == 0 || wb == 0) continue;
        seen.push_back(pairs[{a, b}]);
        likely.push_back(20000 * wa / 10 * wb / (10 - wa));
      }
    EXPECT_LT(chi_square(seen, likely), 3.5);
  }
}

TEST_P(RandomStatistics, PermutationsAreEquallyLikely) {
  for (const Generator& generator : generators()) {
    std::map<std::vector<int64_t>, double> counts;
    for (int i = 0; i < 24000; ++i)
      ++counts[randperm(4, {.device = device()}, generator).to_vector<int64_t>()];
    std::vector<double> found;
    for (const auto& [order, count] : counts) found.push_back(count);
    EXPECT_EQ(found.size(), 24u);
    EXPECT_LT(chi_square(found, std::vector<double>(24, 1000)), 3.5);
  }
}

// Streams of neighbouring seeds and offsets have nothing in common.
TEST_P(RandomStatistics, StreamsAreIndependent) {
  const auto correlation = [&](const Tensor& a, const Tensor& b) {
    return ((a - 0.5) * (b - 0.5)).mean().item() * 12;
  };
  const TensorOptions here{.dtype = float64, .device = device()};
  const Generator first(10, Engine::philox), second(11, Engine::philox);
  const Tensor a = rand({kCount}, here, first), b = rand({kCount}, here, first),
               c = rand({kCount}, here, second);
  EXPECT_NEAR(correlation(a, b), 0, 0.01);
  EXPECT_NEAR(correlation(a, c), 0, 0.01);
}

}  // namespace
}  // namespace cuttle::test
