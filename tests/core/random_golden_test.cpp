// Random functions: a Twister's numbers against PyTorch's, Philox's against Python's
// (tests/golden/generate_random.py).
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/random.h>

#include "golden_values.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using Json = nlohmann::json;

std::vector<double> values_of(const Tensor& x) {
  return x.to_vector<double>();
}
std::vector<double> listed(const Json& list) {
  return list.get<std::vector<double>>();
}

// On the CPU; and on a GPU, where a Twister's numbers are moved.
class RandomGolden : public DeviceTest {
 protected:
  const Json golden = load_golden("random.json");
  const Json& twister = golden["twister"];
  const Json& philox = golden["philox"];

  Generator python() const { return Generator(philox["seed"].get<uint64_t>(), Engine::philox); }
  TensorOptions options(DType dtype) const { return {.dtype = dtype, .device = device()}; }

  /// For each [dtype, values] of a list: draw(tensor of that size, generator) gives the values.
  template <class Draw>
  void compare(const std::string& name, const Draw& draw) {
    ASSERT_FALSE(twister[name].empty()) << name;
    for (const auto& c : twister[name]) {
      const auto expected = listed(c[1]);
      const auto dtype = dtype_from_name(c[0].get<std::string>());
      const Tensor x = empty({static_cast<int64_t>(expected.size())}, options(dtype));
      Generator generator(21);
      EXPECT_EQ(values_of(draw(x, generator)), expected) << name << " " << dtype;
    }
  }
};
CUTTLE_INSTANTIATE_DEVICES(RandomGolden);

TEST_P(RandomGolden, TwistersIntegersAndTrials) {
  compare("geometric", [](Tensor x, Generator& g) { return x.geometric_(0.3, g); });
  compare("random", [](Tensor x, Generator& g) { return x.random_(g); });
  compare("random_to", [](Tensor x, Generator& g) { return x.random_(100, g); });
  compare("random_from_to", [](Tensor x, Generator& g) { return x.random_(-7, 90, g); });
  compare("uniform", [](Tensor x, Generator& g) { return x.uniform_(-2, 5, g); });
}

TEST_P(RandomGolden, TwistersBernoulli) {
  std::vector<float> p;
  for (int i = 0; i < 30; ++i) p.push_back(0.25f * static_cast<float>(i % 5));
  const Tensor each = tensor(p, {30}, options(float32));
  compare("bernoulli_number", [](Tensor x, Generator& g) { return x.bernoulli_(0.3, g); });
  compare("bernoulli_number", [](Tensor x, Generator& g) { return bernoulli(x, 0.3, g); });
  compare("bernoulli_into", [&](Tensor x, Generator& g) { return x.bernoulli_(each, g); });
  compare("bernoulli_tensor",
          [&](const Tensor& x, Generator& g) { return bernoulli(each.to(x.dtype()), g); });
}

TEST_P(RandomGolden, TwistersExponential) {
  for (const auto& c : twister["exponential"]) {
    Generator generator(21);
    Tensor x = empty({7}, options(dtype_from_name(c[0].get<std::string>())));
    expect_near(x.exponential_(2.5, generator), listed(c[1]), 0, 2e-7, c[0].dump());
  }
}

TEST_P(RandomGolden, TwistersNormalOfTensors) {
  const Tensor mean = arange(20.0, options(float32)), std = mean / 4;
  const auto same = [&](const std::string& name, const Tensor& x) {
    expect_near(x, listed(twister[name]), 2e-5, 2e-6, name);
  };
  same("normal_tensors", normal(mean, std, Generator(21)));
  same("normal_mean", normal(mean, 2, Generator(21)));
  same("normal_std", normal(1.5, std, Generator(21)));
  same("normal_numbers", normal(1.5, 2, {5, 4}, options(float32), Generator(21)));
}

TEST_P(RandomGolden, TwistersMultinomial) {
  const auto list = listed(twister["weights"]);
  const Tensor weights = tensor(list, {3, 4}, options(float32));
  EXPECT_EQ(values_of(multinomial(weights, 12, true, Generator(21))),
            listed(twister["with_replacement"]));
  EXPECT_EQ(values_of(multinomial(weights[0].to(float64), 12, true, Generator(21))),
            listed(twister["with_replacement_row"]));
  for (uint64_t seed = 0; seed < 6; ++seed) {
    EXPECT_EQ(values_of(weights.multinomial(1, false, Generator(seed))),
              listed(twister["one"][seed]));
    EXPECT_EQ(values_of(weights.narrow(0, 0, 2).multinomial(3, false, Generator(seed))),
              listed(twister["without_replacement"][seed]));
  }
}

TEST_P(RandomGolden, PhiloxToTheBit) {
  EXPECT_EQ(values_of(rand({21}, options(float32), python())), listed(philox["uniform_float32"]));
  for (const DType dtype : {float64, float16, bfloat16})
    EXPECT_EQ(values_of(rand({21}, options(dtype), python())),
              listed(philox["uniform_" + std::string(dtype_name(dtype))]));
  EXPECT_EQ(values_of(empty({21}, options(float32)).bernoulli_(0.3, python())),
            listed(philox["bernoulli"]));
  EXPECT_EQ(values_of(empty({21}, options(int64)).geometric_(0.3, python())),
            listed(philox["geometric"]));
  EXPECT_EQ(values_of(randperm(21, options(int64), python())), listed(philox["randperm"]));
  for (const auto& c : philox["integers"])
    EXPECT_EQ(randint(c[0], c[1], {21}, options(int64), python()).to_vector<int64_t>(),
              c[2].get<std::vector<int64_t>>());
  const Generator again = python();
  (void)rand({3}, options(float64), again);
  EXPECT_EQ(values_of(rand({21}, options(float32), again)), listed(philox["next_uniform_float32"]));
}

// Up to the rounding of float: Python computes in double.
TEST_P(RandomGolden, PhiloxNormalAndExponential) {
  const auto same = [](const Tensor& x, const Json& expected, double tolerance) {
    expect_near(x, listed(expected), tolerance, tolerance, expected.dump());
  };
  same(randn({21}, options(float32), python()), philox["normal_float32"], 1e-6);
  same(randn({21}, options(float64), python()), philox["normal_float64"], 4e-15);
  same(empty({21}, options(float64)).exponential_(2.5, python()), philox["exponential"], 1e-15);
}

}  // namespace
}  // namespace cuttle::test
