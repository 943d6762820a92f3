// Random tensors: the same bits on every device and in every layout, generators' seeds and states,
// errors.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/random.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Fill = std::function<void(Tensor, const Generator&)>;

class Random : public DeviceTest {
 protected:
  Generator philox(uint64_t seed = 42) const { return Generator(seed, Engine::philox); }
  /// Each way to fill a floating tensor.
  static std::vector<std::pair<std::string, Fill>> fills() {
    return {
        {"uniform_", [](Tensor x, const Generator& g) { x.uniform_(-1.5, 2.25, g); }},
        {"normal_", [](Tensor x, const Generator& g) { x.normal_(0.5, 3, g); }},
        {"exponential_", [](Tensor x, const Generator& g) { x.exponential_(0.75, g); }},
        {"geometric_", [](Tensor x, const Generator& g) { x.geometric_(0.2, g); }},
        {"random_", [](Tensor x, const Generator& g) { x.random_(-40, 90, g); }},
        {"bernoulli_", [](Tensor x, const Generator& g) { x.bernoulli_(0.4, g); }},
    };
  }
};
CUTTLE_INSTANTIATE_DEVICES(Random);

TEST_P(Random, PhiloxGivesTheSameBitsOnEveryDeviceAndInEveryLayout) {
  for (const auto& [name, fill] : fills())
    for (const DType dtype : {float32, float64, float16, bfloat16})
      for (const Shape& shape : common_shapes()) {
        const Tensor expected = empty(shape, {.dtype = dtype});
        const Generator before = philox();
        (void)rand({1}, {}, before);  // so that the offset is not 0
        fill(expected, before);
        for (const auto& [layout, place] : layouts(shape, device(), dtype)) {
          if (layout == "repeated") continue;
          const Generator generator = philox();
          (void)rand({1}, {}, generator);
          fill(place, generator);
          ASSERT_EQ(place.to_vector<double>(), expected.to_vector<double>())
              << name << " " << dtype << " " << shape << " " << layout;
        }
      }
}

TEST_P(Random, PhiloxDrawsEveryDtypeAlike) {
  for (const DType dtype : {int64, int32, int16, int8, uint8})
    for (const int64_t size : {1, 33, 1025}) {
      const TensorOptions here{.dtype = dtype, .device = device()}, cpu{.dtype = dtype};
      EXPECT_EQ(randint(3, 100, {size}, here, philox()).to_vector<int64_t>(),
                randint(3, 100, {size}, cpu, philox()).to_vector<int64_t>());
      EXPECT_EQ(empty({size}, here).geometric_(0.1, philox()).to_vector<int64_t>(),
                empty({size}, cpu).geometric_(0.1, philox()).to_vector<int64_t>());
    }
  const Tensor ones = empty({1025}, {.dtype = boolean, .device = device()});
  EXPECT_EQ(bernoulli(ones, 0.3, philox()).to_vector<bool>(),
            bernoulli(ones.cpu(), 0.3, philox()).to_vector<bool>());
  const Tensor p = sample({5, 7}, device(), float32, 0, 1);
  EXPECT_EQ(bernoulli(p.t(), philox()).to_vector<bool>(),
            bernoulli(p.cpu().t(), philox()).to_vector<bool>());
  const Tensor weights = sample({3, 700}, device(), float32, 0, 1);
  for (const bool replacement : {true, false})
    EXPECT_EQ(multinomial(weights, 60, replacement, philox()).to_vector<int64_t>(),
              multinomial(weights.cpu(), 60, replacement, philox()).to_vector<int64_t>());
}

TEST_P(Random, OneCallIsOneOffset) {
  const TensorOptions here{.dtype = float32, .device = device()};
  const Generator a = philox(), b = philox();
  const auto first = rand({100}, here, a).to_vector<float>();
  EXPECT_EQ(rand({7}, here, b).to_vector<float>(),
            std::vector<float>(first.begin(), first.begin() + 7));
  EXPECT_EQ(rand({9}, here, a).to_vector<float>(), rand({9}, here, b).to_vector<float>());
  EXPECT_NE(rand({9}, here, a).to_vector<float>(), first);
  EXPECT_NE(rand({100}, here, philox(43)).to_vector<float>(), first);
}

TEST_P(Random, ManualSeedSeedsTheDefaultGenerators) {
  const TensorOptions here{.device = device()};
  manual_seed(7);
  const auto first = rand({33}, here).to_vector<float>();
  const auto second = rand({33}, here).to_vector<float>();
  EXPECT_NE(first, second);
  manual_seed(7);
  EXPECT_EQ(rand({33}, here).to_vector<float>(), first);
  EXPECT_EQ(default_generator(device()).initial_seed(), 7u);
  const Generator same(7, device().is_cuda() ? Engine::philox : Engine::mt19937);
  EXPECT_EQ(rand({33}, {}, same).to_vector<float>(), first);
  EXPECT_EQ(default_generator(device()).engine(), Generator(device()).engine());
  if (!device().is_cuda()) return;
  cuda::manual_seed(8);
  EXPECT_EQ(default_generator(device()).initial_seed(), 8u);
  EXPECT_EQ(default_generator().initial_seed(), 7u);
  cuda::manual_seed_all(9);
  EXPECT_EQ(default_generator(device()).initial_seed(), 9u);
}

TEST_P(Random, StatesAreKeptAndTakenUp) {
  for (const Engine engine : {Engine::mt19937, Engine::philox}) {
    Generator generator(5, engine);
    const TensorOptions here{.device = device()};
    (void)randn({3}, here, generator);  // an odd number, so that a Twister keeps a spare one
    const Tensor state = generator.get_state();
    EXPECT_EQ(state.dtype(), uint8);
    const auto expected = randn({5}, here, generator).to_vector<float>();
    (void)rand({100}, here, generator);
    generator.set_state(state);
    EXPECT_EQ(randn({5}, here, generator).to_vector<float>(), expected);
    Generator other(0, engine);
    other.set_state(state);
    EXPECT_EQ(other.initial_seed(), 5u);
    EXPECT_EQ(randn({5}, here, other).to_vector<float>(), expected);
    const Generator handle = other;  // the same stream
    EXPECT_EQ(rand({5}, here, handle).to_vector<float>(), [&] {
      generator.set_state(state);
      (void)randn({5}, here, generator);
      return rand({5}, here, generator).to_vector<float>();
    }());
    EXPECT_NE(generator.seed(), generator.seed());
    EXPECT_EQ(error_of([&] { other.set_state(zeros({4})); }),
              "set_state: expected the uint8 tensor that get_state() gave");
    EXPECT_THROW(other.set_state(zeros({4}, uint8)), Error);
  }
  Generator philox_one(1, Engine::philox);
  EXPECT_EQ(
      error_of([&] { philox_one.set_state(Generator(1).get_state()); }),
      "set_state: expected the state of a generator with engine philox, got one with mt19937");
}

TEST_P(Random, LikeTakesWhatTheOptionsDoNotSay) {
  const Tensor x = sample({2, 3, 4, 5}, device(), float64).contiguous(MemoryFormat::channels_last);
  EXPECT_EQ(rand_like(x).strides(), x.strides());
  EXPECT_EQ(rand_like(x).dtype(), float64);
  EXPECT_EQ(randn_like(x).device(), device());
  EXPECT_EQ(randn_like(x, {.dtype = float32}).dtype(), float32);
  EXPECT_TRUE(rand_like(x, {.device = Device()}).is_cpu());
  EXPECT_TRUE(randn_like(x, {.requires_grad = true}).requires_grad());
  EXPECT_EQ(randint_like(x, 3, {.dtype = int64}).dtype(), int64);
  EXPECT_EQ(randint_like(x, 3, 4).sum().item(), 360);
  EXPECT_EQ(randperm(5, {.dtype = int32, .device = device()}).dtype(), int32);
  EXPECT_EQ(randint(3, {2}, {.device = device()}).dtype(), int64);
}

TEST_P(Random, UniformStaysBelowItsUpperEnd) {
  const std::pair<DType, double> nexts[] = {{float32, 1 + 0x1p-23},
                                            {float64, 1 + 0x1p-52},
                                            {float16, 1 + 0x1p-10},
                                            {bfloat16, 1 + 0x1p-7}};
  for (const auto& [dtype, next] : nexts) {
    Tensor x = empty({20000}, {.dtype = dtype, .device = device()});
    const auto values = x.uniform_(1, next, philox()).to_vector<double>();
    EXPECT_EQ(values, std::vector<double>(20000, 1));
    EXPECT_EQ(x.uniform_(3, 3, philox()).to_vector<double>(), std::vector<double>(20000, 3));
  }
}

TEST_P(Random, FilledTensorsForgetTheirHistory) {
  Tensor x = ones({3}, {.device = device(), .requires_grad = true});
  EXPECT_THROW(x.uniform_(), Error);  // a leaf
  Tensor y = x * 2;
  const uint64_t version = y.version();
  y.normal_(0, 1, philox());
  EXPECT_GT(y.version(), version);
  EXPECT_FALSE(y.requires_grad());
  EXPECT_EQ(y.to_vector<double>(), randn({3}, {.device = device()}, philox()).to_vector<double>());
  Tensor part = zeros({4}, {.device = device()});
  part.slice(0, 1, 4, 2).bernoulli_(1.0, philox());
  EXPECT_EQ(part.to_vector<double>(), (std::vector<double>{0, 1, 0, 1}));
}

TEST_P(Random, EdgesOfProbability) {
  const Tensor x = empty({5000}, {.device = device()});
  EXPECT_EQ(bernoulli(x, 0, philox()).sum().item(), 0);
  EXPECT_EQ(bernoulli(x, 1, philox()).sum().item(), 5000);
  EXPECT_EQ(zeros({5000}, {.device = device()}).bernoulli(philox()).sum().item(), 0);
  EXPECT_EQ(ones({5000}, {.device = device()}).bernoulli(philox()).sum().item(), 5000);
  // Weight 0 never comes; without replacement each comes once.
  const Tensor weights = tensor({0.f, 1.f, 0.f, 2.f, 0.f}).to(device());
  for (const int64_t drawn : multinomial(weights, 1000, true, philox()).to_vector<int64_t>())
    ASSERT_TRUE(drawn == 1 || drawn == 3) << drawn;
  const auto both = multinomial(weights, 2, false, philox()).to_vector<int64_t>();
  EXPECT_EQ(both[0] + both[1], 4);
  EXPECT_EQ(multinomial(zeros({0, 3}, {.device = device()}), 2).shape(), (Shape{0, 2}));
}

TEST_P(Random, ErrorsSayWhatWasWrong) {
  const TensorOptions here{.device = device()};
  Tensor x = zeros({3}, here), n = zeros({3}, {.dtype = int64, .device = device()});
  const auto sentence = [](const auto& f) { return error_of([&] { (void)f(); }); };
  EXPECT_EQ(sentence([&] { return rand({2}, {.dtype = int64}); }),
            "rand: makes floating numbers, and the dtype is int64; ask for float32, for example");
  EXPECT_EQ(sentence([&] { return n.normal_(); }),
            "normal_: expected a floating tensor, got int64; convert first, with .to(float32) for "
            "example");
  EXPECT_EQ(sentence([&] { return x.exponential_(0); }),
            "exponential_: the rate must be above 0, got 0");
  EXPECT_EQ(sentence([&] { return x.geometric_(1); }),
            "geometric_: p must lie between 0 and 1, got 1");
  EXPECT_EQ(sentence([&] { return bernoulli(x, 1.5); }),
            "bernoulli: p must lie between 0 and 1, got 1.5");
  EXPECT_EQ(sentence([&] { return x.random_(3, 3); }), "random_: low 3 must be less than high 3");
  EXPECT_EQ(sentence([&] { return randperm(-1); }), "randperm: n must not be negative, got -1");
  EXPECT_EQ(sentence([&] { return randperm(300, {.dtype = uint8}); }),
            "randperm: uint8 cannot hold every whole number from 0 to 299; ask for a wider dtype");
  EXPECT_EQ(sentence([&] { return normal(x, -1); }),
            "normal: the standard deviation must not be negative, got -1");
  EXPECT_EQ(sentence([&] { return x.bernoulli_(zeros({4}, here)); }),
            "bernoulli_: shapes [3] and [4] do not broadcast: dimension 0 is 3 in one and 4 in the "
            "other; they must be equal, or one of them 1");
  EXPECT_EQ(sentence([&] { return multinomial(x, 4); }),
            "multinomial: 4 samples without replacement are more than the 3 categories; ask for "
            "fewer, or for replacement");
  EXPECT_EQ(sentence([&] { return multinomial(x, 0); }),
            "multinomial: num_samples must be at least 1, got 0");
  EXPECT_EQ(sentence([&] {
              return multinomial(zeros({2, 3, 4}, here), 1);
            }),
            "multinomial: expected weights of shape (C) or (N, C) with C above 0, got [2, 3, 4]");
}

// On a GPU they come with the next wait.
TEST_P(Random, BadValuesAreNamed) {
  const auto sentence = [&](const auto& f) {
    return error_of([&] {
      const Tensor out = f();
      (void)out.to_vector<double>();
    });
  };
  const Tensor p = tensor({0.5f, 1.5f}).to(device());
  EXPECT_EQ(sentence([&] { return bernoulli(p, philox()); }),
            "bernoulli: p must lie between 0 and 1, got 1.5 at element 1");
  EXPECT_EQ(sentence([&] { return multinomial(p - 1, 1, true, philox()); }),
            "multinomial: weights are finite numbers, 0 or more; got -0.5 at row 0, column 0");
  EXPECT_EQ(sentence([&] {
              return multinomial(zeros({1, 3}, {.device = device()}), 2, false, philox());
            }),
            "multinomial: the weights of row 0 add up to 0; their sum must be finite and above 0");
  EXPECT_EQ(multinomial(p, 2, false, philox()).numel(), 2);  // and all is well afterwards
  EXPECT_EQ(multinomial(p, 2, false, philox()).to_vector<int64_t>().size(), 2u);
}

}  // namespace
}  // namespace cuttle::test
