// The streams that random transforms draw from: what they depend on, their law, the fallback.
#include <cuttle/core/creation.h>
#include <cuttle/core/generator.h>
#include <cuttle/data/loading/sample_random.h>

#include <set>
#include <thread>

#include "io/scratch.h"

namespace cuttle {
namespace {

std::vector<double> draw(uint64_t seed, uint64_t epoch, uint64_t index) {
  const SampleRandomScope scope(seed, epoch, index);
  return {sample_random().uniform(), sample_random().normal(),
          static_cast<double>(sample_random().integer(0, int64_t{1} << 40))};
}

TEST(SampleRandom, DependsOnSeedEpochAndIndexAlone) {
  const auto expected = draw(1, 2, 3);
  sample_random().uniform();  // draws in between do not count
  EXPECT_EQ(draw(1, 2, 3), expected);
  std::vector<double> elsewhere;
  std::thread([&] { elsewhere = draw(1, 2, 3); }).join();
  EXPECT_EQ(elsewhere, expected);
  std::set<double> firsts;
  for (uint64_t seed = 0; seed < 5; ++seed)
    for (uint64_t epoch = 0; epoch < 5; ++epoch)
      for (uint64_t index = 0; index < 5; ++index) firsts.insert(draw(seed, epoch, index)[0]);
  EXPECT_EQ(firsts.size(), 125u);
}

// philox4x32-10 of the key 7 and the counter (9, (5 + 1) · 2³²): the generator's numbers are those
// of its calls, so the call of that number gives the same block.
TEST(SampleRandom, IsPhiloxAtAKnownPlace) {
  Generator generator(7, Engine::philox);
  std::vector<double> numbers(20);
  generator.uniform(std::span(numbers));    // call 0: element 2i is the first number of block i
  RandomStream stream(7, ~uint64_t{0}, 9);  // group −1 begins at call 0
  EXPECT_EQ(stream.uniform(), numbers[18]);
  generator.normal(std::span(numbers));  // call 1
  EXPECT_EQ(stream.normal(), numbers[18]);
  std::vector<int64_t> integers(10);
  generator.integers(std::span(integers), -5, 1000);
  EXPECT_EQ(stream.integer(-5, 1000), integers[9]);
}

TEST(SampleRandom, FollowsItsLaws) {
  const SampleRandomScope scope(0, 0, 0);
  constexpr int kDraws = 20'000;
  double uniform = 0, normal = 0, squares = 0;
  std::vector<int> counts(6);
  for (int i = 0; i < kDraws; ++i) {
    const double u = sample_random().uniform(), n = sample_random().normal();
    ASSERT_TRUE(u >= 0 && u < 1);
    uniform += u, normal += n, squares += n * n;
    ++counts.at(static_cast<size_t>(sample_random().integer(-2, 4) + 2));
  }
  // Five standard deviations of each mean.
  EXPECT_NEAR(uniform / kDraws, 0.5, 5 * 0.2887 / 141);
  EXPECT_NEAR(normal / kDraws, 0, 5 * 1.0 / 141);
  EXPECT_NEAR(squares / kDraws, 1, 5 * 1.4142 / 141);
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 6, 5 * 53);
}

TEST(SampleRandom, IsTheDefaultGeneratorElsewhere) {
  manual_seed(3);
  const double uniform = rand({1}, {.dtype = float64}).item();
  const int64_t integer = randint(2, 900, {1}).item<int64_t>();
  manual_seed(3);
  EXPECT_EQ(sample_random().uniform(), uniform);
  EXPECT_EQ(sample_random().integer(2, 900), integer);
  manual_seed(3);
  const double normal = randn({1}, {.dtype = float64}).item();
  manual_seed(3);
  EXPECT_EQ(sample_random().normal(), normal);
}

TEST(SampleRandom, ScopesNest) {
  const auto expected = draw(1, 1, 1);
  const SampleRandomScope outer(1, 1, 1);
  EXPECT_EQ(sample_random().uniform(), expected[0]);
  draw(2, 2, 2);
  EXPECT_EQ(sample_random().normal(), expected[1]);
}

TEST(SampleRandom, RefusesAnEmptyRange) {
  EXPECT_ERROR(sample_random().integer(3, 3), "low 3 must be less than high 3");
  const SampleRandomScope scope(0, 0, 0);
  EXPECT_ERROR(sample_random().integer(3, 3), "low 3 must be less than high 3");
}

}  // namespace
}  // namespace cuttle
