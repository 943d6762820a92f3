// The generator's streams against PyTorch's (tests/golden/generate_core.py).
#include <cuttle/core/creation.h>
#include <cuttle/core/generator.h>

#include <bit>
#include <set>
#include <thread>

#include "golden_values.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

class GeneratorGolden : public ::testing::Test {
 protected:
  const nlohmann::json golden = load_golden("core.json")["generator"];
};

std::vector<int32_t> bits(const std::vector<float>& values) {
  std::vector<int32_t> out;
  for (const float value : values) out.push_back(std::bit_cast<int32_t>(value));
  return out;
}
std::vector<int64_t> bits(const std::vector<double>& values) {
  std::vector<int64_t> out;
  for (const double value : values) out.push_back(std::bit_cast<int64_t>(value));
  return out;
}

template <class T>
std::vector<T> uniform(uint64_t seed, size_t count, double low = 0, double high = 1) {
  Generator generator(seed);
  std::vector<T> out(count);
  generator.uniform(std::span(out), low, high);
  return out;
}

template <class T>
std::vector<T> normal(uint64_t seed, size_t count) {
  Generator generator(seed);
  std::vector<T> out(count);
  generator.normal(std::span(out));
  return out;
}

TEST_F(GeneratorGolden, UniformToTheBit) {
  for (const auto& [seed, expected] :
       golden["uniform_float"].get<std::vector<std::pair<uint64_t, std::vector<int32_t>>>>())
    EXPECT_EQ(bits(uniform<float>(seed, expected.size())), expected) << seed;
  for (const auto& [seed, expected] :
       golden["uniform_double"].get<std::vector<std::pair<uint64_t, std::vector<int64_t>>>>())
    EXPECT_EQ(bits(uniform<double>(seed, expected.size())), expected) << seed;
  EXPECT_EQ(bits(uniform<float>(4, 9, -2.5, 7.25)),
            golden["uniform_float_range"].get<std::vector<int32_t>>());
  EXPECT_EQ(bits(uniform<double>(4, 9, -2.5, 7.25)),
            golden["uniform_double_range"].get<std::vector<int64_t>>());
}

// The order of draws is PyTorch's; its vectorised logarithm and cosine differ in the last bits of
// float32 (cos near 0 loses some more).
TEST_F(GeneratorGolden, Normal) {
  for (const auto& c : golden["normal_float"]) {
    const auto found = normal<float>(5, c[0]);
    expect_near(std::vector<double>(found.begin(), found.end()), numbers(c[1]), 2e-6, 2e-6,
                "float " + c[0].dump());
  }
  for (const auto& c : golden["normal_double"])
    expect_near(normal<double>(6, c[0]), numbers(c[1]), 1e-14, 1e-14, "double " + c[0].dump());
  Generator generator(7);
  std::vector<float> scaled(20);
  generator.normal(std::span(scaled), 2, 3);
  expect_near(std::vector<double>(scaled.begin(), scaled.end()), numbers(golden["normal_scaled"]),
              6e-6, 2e-6, "scaled");
}

TEST_F(GeneratorGolden, Integers) {
  for (const auto& c : golden["randint"]) {
    Generator generator(8);
    EXPECT_EQ(randint(c[0], c[1], {8}, {int64}, generator).to_vector<int64_t>(),
              c[2].get<std::vector<int64_t>>())
        << c;
  }
}

TEST_F(GeneratorGolden, Permutations) {
  ASSERT_EQ(golden["randperm"].size(), 21);
  for (const auto& expected : golden["randperm"]) {
    Generator generator(9);
    EXPECT_EQ(randperm(static_cast<int64_t>(expected.size()), generator).to_vector<int64_t>(),
              expected.get<std::vector<int64_t>>());
  }
}

// The spare value of a pair is kept across calls of other kinds, and both dtypes share it.
TEST_F(GeneratorGolden, MixedCalls) {
  manual_seed(3);
  const auto& m = golden["mixed"];
  const auto same = [](const Tensor& x, const nlohmann::json& expected) {
    expect_near(x, numbers(expected), 2e-6, 2e-6, expected.dump());
  };
  same(randn({3}), m[0]);
  same(rand({2}), m[1]);
  same(randn({2}), m[2]);
  same(randn({18}), m[3]);
  same(randint(0, 10, {4}), m[4]);
  same(randn({1}), m[5]);
  same(randperm(5), m[6]);
  same(randn({1}, {.dtype = float64}), m[7]);
  same(rand({1}, {.dtype = float64}), m[8]);
}

TEST_F(GeneratorGolden, WrongRangesAreErrors) {
  Generator generator(0);
  std::vector<float> values(3);
  EXPECT_EQ(error_of([&] { generator.uniform(std::span(values), 2, 1); }),
            "uniform: low 2 must not exceed high 1");
  EXPECT_EQ(error_of([&] { generator.normal(std::span(values), 0, -1); }),
            "normal: the standard deviation must not be negative, got -1");
  EXPECT_EQ(error_of([&] { (void)randint(3, 3, {2}, {int64}, generator); }),
            "randint: low 3 must be less than high 3");
  // None of them drew anything.
  EXPECT_EQ(bits(std::vector<float>{rand({1}, {}, generator).item<float>()}),
            bits(uniform<float>(0, 1)));
}

// Calls from several threads draw each number once.
TEST_F(GeneratorGolden, ThreadsShareOneStream) {
  Generator generator(11);
  std::vector<std::vector<double>> drawn(4, std::vector<double>(500));
  std::vector<std::thread> threads;
  for (auto& values : drawn)
    threads.emplace_back([&generator, &values] {
      for (size_t i = 0; i < values.size(); i += 10)
        generator.uniform(std::span(values).subspan(i, 10));
    });
  for (std::thread& thread : threads) thread.join();
  std::multiset<double> together;
  for (const auto& values : drawn) together.insert(values.begin(), values.end());
  const auto expected = uniform<double>(11, 2000);
  EXPECT_EQ(together, std::multiset<double>(expected.begin(), expected.end()));
}

}  // namespace
}  // namespace cuttle::test
