// New tensors: values, dtypes, memory that somebody else owns, named tensors.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/state_dict.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Creation : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Creation);

TEST_P(Creation, FilledTensorsOfEverySizeAndDtype) {
  for (const DType dtype :
       {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, boolean})
    for (const Shape& shape : common_shapes()) {
      const TensorOptions options{.dtype = dtype, .device = device()};
      const auto count = static_cast<size_t>(shape.numel());
      EXPECT_EQ(ones(shape, options).to_vector<double>(), std::vector<double>(count, 1));
      EXPECT_EQ(zeros(shape, options).to_vector<double>(), std::vector<double>(count, 0));
      EXPECT_EQ(full(shape, 1.75, options).to_vector<double>(),
                std::vector<double>(count, is_floating_point(dtype) ? 1.75 : 1));
      EXPECT_EQ(full_like(zeros(shape, options), 1).dtype(), dtype);
      EXPECT_EQ(empty(shape, options).shape(), shape);
    }
}

TEST_P(Creation, TensorCopiesItsValues) {
  const std::vector<float> values = {1.5f, -2, 3};
  const Tensor x = tensor(values, {3, 1}, {.dtype = int64, .device = device()});
  EXPECT_EQ(x.to_vector<int64_t>(), (std::vector<int64_t>{1, -2, 3}));
  EXPECT_EQ(tensor(std::vector<bool>{true, false}, {2}).dtype(), boolean);
  EXPECT_EQ(error_of([&] {
              (void)tensor(values, {2, 2});
            }),
            "tensor: 3 values do not fill shape [2, 2] of 4 elements");
  EXPECT_TRUE(tensor(values, {3}, {.device = device(), .requires_grad = true}).requires_grad());
  EXPECT_THROW((void)zeros({2}, {.dtype = int64, .requires_grad = true}), Error);
}

TEST_P(Creation, LikeKeepsTheLayout) {
  const Tensor x = sample({2, 3, 4, 5}, device()).contiguous(MemoryFormat::channels_last);
  EXPECT_EQ(zeros_like(x).strides(), x.strides());
  EXPECT_EQ(ones_like(x).device(), device());
  EXPECT_TRUE(zeros_like(x.narrow(0, 0, 1).expand({3, 3, 4, 5})).is_contiguous());
}

TEST_P(Creation, ArangeAtTheEdges) {
  const auto range = [&](Scalar start, Scalar end, Scalar step, DType dtype) {
    return arange(start, end, step, {.dtype = dtype, .device = device()}).to_vector<int64_t>();
  };
  EXPECT_TRUE(range(3, 0, 1, int64).empty());
  EXPECT_TRUE(range(0, 0, -1, int64).empty());
  EXPECT_EQ(range(0, 2.5, 1, int64), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(range(INT64_MAX - 1, INT64_MAX, 1, int64), (std::vector<int64_t>{INT64_MAX - 1}));
  EXPECT_EQ(range(INT64_MAX, INT64_MIN, INT64_MIN, int64), (std::vector<int64_t>{INT64_MAX, -1}));
  EXPECT_EQ(arange(1025, {.dtype = float32, .device = device()}).sum().item(), 524800);
  EXPECT_EQ(error_of([] { (void)arange(0, 1, 0.25, {int64}); }),
            "arange: int64 cannot hold steps of 0.25 from 0; ask for {.dtype = float32}");
  EXPECT_EQ(error_of([] { (void)arange(0, 1, 0); }),
            "arange: needs finite numbers and a step other than 0, got 0, 1, 0");
  EXPECT_EQ(error_of([] { (void)arange(INT64_MIN, INT64_MAX); }),
            "arange: the range has more elements than can be counted");
  EXPECT_THROW((void)arange(0, 1e300, 1, {.dtype = float64}), Error);
  EXPECT_EQ(range(255, 257, 2, uint8), (std::vector<int64_t>{255}));
  EXPECT_EQ(range(4, 0, -2, uint8), (std::vector<int64_t>{4, 2}));
  EXPECT_EQ(error_of([&] { (void)range(0, 257, 1, uint8); }),
            "arange: uint8 cannot hold the numbers from 0 to 256; ask for a wider dtype");
  EXPECT_EQ(error_of([&] { (void)range(-1, 3, 1, uint8); }),
            "arange: uint8 cannot hold the numbers from -1 to 2; ask for a wider dtype");
  EXPECT_THROW((void)range(0, int64_t{1} << 33, int64_t{1} << 32, int32), Error);
  EXPECT_THROW((void)range(1e30, 2e30, 1e30, int64), Error);
  EXPECT_THROW((void)arange(0, 2e39, 1e39, {.dtype = float32}), Error);
  EXPECT_THROW((void)arange(0, 2, 1, {.dtype = boolean}), Error);
}

TEST_P(Creation, ArangeTakesItsDtypeFromItsArguments) {
  const TensorOptions here{.device = device()};
  EXPECT_EQ(arange(5, here).dtype(), int64);
  EXPECT_EQ(arange(5.5, here).dtype(), float32);
  EXPECT_EQ(arange(5.5, here).to_vector<float>(), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(arange(3.0).dtype(), float32);
  EXPECT_EQ(arange(0, 3, 1.0).dtype(), float32);
  EXPECT_EQ(arange(0, 3, here).dtype(), int64);
  EXPECT_EQ(arange(0, 10, {.dtype = float64}).dtype(), float64);
}

// Rounded once, from the double's value: 0.1 as a float would be off by 1.5e-9 of each element.
TEST_P(Creation, ArangeOfFloatsRoundsOnlyTheResult) {
  const auto values = arange(0, 100, 0.1, {.device = device()}).to_vector<float>();
  ASSERT_EQ(values.size(), 1000);
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(values[i], static_cast<float>(static_cast<double>(i) * 0.1)) << i;
}

TEST_P(Creation, FullTakesItsDtypeFromTheValue) {
  const TensorOptions here{.device = device()};
  EXPECT_EQ(full({2}, 1, here).dtype(), int64);
  EXPECT_EQ(full({2}, 1.0, here).dtype(), float32);
  EXPECT_EQ(full({2}, true, here).dtype(), boolean);
  EXPECT_EQ(full({2}, 1, {.dtype = float32, .device = device()}).dtype(), float32);
  EXPECT_EQ(zeros({2}, here).dtype(), float32);
}

TEST_P(Creation, NumbersThatADtypeCannotHoldAreRefused) {
  const TensorOptions here{.device = device()};
  EXPECT_EQ(
      error_of([&] { (void)full({1}, 18446744073709551615u, here); }),
      "the number 18446744073709551615 is above the largest int64, 9223372036854775807; pass it "
      "as a double if its last digits may go");
  EXPECT_THROW((void)(zeros({1}, here) + (uint64_t{1} << 63)), Error);
  EXPECT_THROW((void)(zeros({1}, {int64, device()}) < (uint64_t{1} << 63)), Error);
  EXPECT_EQ((zeros({1}, here) + 0x1p63).item(), 0x1p63);
  EXPECT_TRUE((zeros({1}, {int64, device()}) < 0x1p63).item<bool>());
  EXPECT_EQ(full({1}, -1.9, {uint8, device()}).item<int>(), 255);
  EXPECT_EQ(full({1}, -0x1p63, {int64, device()}).item<int64_t>(), INT64_MIN);
  EXPECT_THROW((void)full({1}, -256, {uint8, device()}), Error);
  EXPECT_THROW((void)full({1}, 256.0, {uint8, device()}), Error);
  const std::string rest = " does not fit into the C++ type that was asked for";
  const auto item_error = [&]<class T>(Scalar value, DType dtype) {
    const Tensor x = full({1}, value, {dtype, device()});
    return error_of([&] { (void)x.item<T>(); });
  };
  EXPECT_EQ(item_error.operator()<uint8_t>(300, int64), "item: 300" + rest);
  EXPECT_EQ(item_error.operator()<uint64_t>(-1, int64), "item: -1" + rest);
  EXPECT_EQ(item_error.operator()<int>(1e30, float64), "item: 1e+30" + rest);
  EXPECT_EQ(item_error.operator()<int64_t>(1e30, float64), "item: 1e+30" + rest);
  EXPECT_EQ(item_error.operator()<int64_t>(NAN, float32), "item: nan" + rest);
  EXPECT_EQ(item_error.operator()<float>(1e300, float64), "item: 1e+300" + rest);
  EXPECT_EQ(full({1}, -2.5, here).item<int>(), -2);
  EXPECT_TRUE(full({1}, 0.5, here).item<bool>());
  EXPECT_EQ(full({1}, 7, here).item<uint64_t>(), 7u);
  EXPECT_EQ(full({1}, (uint64_t{1} << 63) - 1, here).item<int64_t>(), INT64_MAX);

  Tensor x = zeros({1}, here);
  EXPECT_EQ(error_of([&] { x.fill_(1e300); }), "fill_: float32 cannot hold the value 1e+300");
  EXPECT_THROW((void)full({1}, -1e39, here), Error);
  EXPECT_EQ(full({1}, -1e39, {.dtype = float64, .device = device()}).item(), -1e39);
  EXPECT_EQ(full({1}, -INFINITY, here).item(), -INFINITY);
  // Comparison rounds as arithmetic does: beyond float32 lies infinity.
  EXPECT_TRUE((x < 1e300).item<bool>());
  EXPECT_FALSE((x == 1e300).item<bool>());
  EXPECT_FALSE((zeros({1}, {int32, device()}) >= (int64_t{1} << 40)).item<bool>());
  EXPECT_FALSE((full({1}, 255, {uint8, device()}) == -1).item<bool>());
  EXPECT_TRUE((full({1}, 255, {uint8, device()}) > -1).item<bool>());
  EXPECT_EQ(error_of([&] {
              const Tensor two = full({1}, 2, {uint8, device()});
              (void)two.pow(257);
            }),
            "pow: uint8 cannot hold the exponent 257; convert first, with .to(int64) for example");
  const TensorOptions bytes{uint8, device()}, longs{int64, device()}, floats{float32, device()};
  EXPECT_EQ(error_of([&] {
              (void)tensor({300, 2}, bytes);
            }),
            "tensor: uint8 cannot hold the value 300");
  EXPECT_THROW((void)tensor({1e300}, longs), Error);
  EXPECT_EQ(tensor({1e300}, floats).item(), INFINITY);  // as in PyTorch
}

TEST_P(Creation, RandomRangesThatADtypeCannotHoldAreRefused) {
  EXPECT_EQ(error_of([&] {
              (void)randint(0, 300, {2}, {uint8, device()});
            }),
            "randint: uint8 cannot hold every whole number from 0 to 299; ask for a wider dtype");
  EXPECT_THROW((void)randint(-1, 3, {2}, {uint8, device()}), Error);
  EXPECT_THROW((void)randint(0, 3, {2}, {boolean, device()}), Error);
  EXPECT_THROW((void)randint(0, (int64_t{1} << 31) + 1, {2}, {int32, device()}), Error);
  EXPECT_THROW((void)randint(0, (1 << 24) + 2, {2}, {float32, device()}), Error);
  EXPECT_EQ(randint(0, 256, {2}, {uint8, device()}).dtype(), uint8);
  EXPECT_EQ(randint(0, int64_t{1} << 31, {2}, {int32, device()}).dtype(), int32);
  EXPECT_EQ(randint(0, (1 << 24) + 1, {2}, {float32, device()}).dtype(), float32);
  EXPECT_EQ(randint(0, 2, {2}, {boolean, device()}).dtype(), boolean);

  std::vector<float> floats(2);
  std::vector<double> doubles(2);
  Generator g;
  EXPECT_EQ(
      error_of([&] { g.uniform(std::span(floats), -3e38, 3e38); }),
      "uniform: from -3e+38 to 3e+38 is a wider range than float32 has numbers, the largest of "
      "which is 3.40282e+38");
  EXPECT_THROW(g.uniform(std::span(floats), 0, 1e39), Error);
  EXPECT_THROW(g.uniform(std::span(floats), 0, INFINITY), Error);
  EXPECT_THROW(g.uniform(std::span(floats), NAN, 1), Error);
  EXPECT_THROW(g.uniform(std::span(doubles), -1e308, 1e308), Error);
  EXPECT_THROW(g.normal(std::span(floats), 0, 1e39), Error);
  EXPECT_THROW(g.normal(std::span(floats), NAN, 1), Error);
  g.uniform(std::span(doubles), -3e38, 3e38);
  EXPECT_TRUE(std::isfinite(doubles[0]));
}

TEST(FromBlob, SharesMemoryAndReleasesItOnce) {
  int released = 0;
  std::vector<float> memory = {1, 2, 3, 4};
  {
    Tensor x = from_blob(memory.data(), {2, 2}, {}, [&] { ++released; });
    const Tensor view = x.t()[1];
    x += 10;
    x = Tensor();
    EXPECT_EQ(released, 0);
    EXPECT_EQ(view.to_vector<float>(), (std::vector<float>{12, 14}));
  }
  EXPECT_EQ(released, 1);
  EXPECT_EQ(memory, (std::vector<float>{11, 12, 13, 14}));
  EXPECT_EQ(error_of([] { (void)from_blob(nullptr, {2}); }),
            "from_blob: got a null pointer for shape [2]");
  EXPECT_EQ(from_blob(nullptr, {0}).numel(), 0);
}

TEST(StateDictTest, KeepsOrderAndNames) {
  StateDict state = {{"b", zeros({1})}, {"a", ones({2})}};
  state.insert("c", Tensor());
  std::string names;
  for (const auto& [name, tensor] : state) names += name;
  EXPECT_EQ(names, "bac");
  EXPECT_EQ(state.size(), 3);
  EXPECT_EQ(state.at("a").numel(), 2);
  EXPECT_EQ(state.find("d"), nullptr);
  EXPECT_EQ(error_of([&] { (void)state.at("d"); }),
            "state dict: there is no 'd'; there are: b, a, c");
  EXPECT_EQ(error_of([&] { state.insert("a", zeros({1})); }),
            "state dict: the name 'a' is there twice");
  EXPECT_EQ(error_of([] { (void)StateDict().at("x"); }),
            "state dict: there is no 'x'; there are: none");
}

TEST(StateDictTest, HoldsManyAndNamesFewInAMessage) {
  StateDict state;
  const auto name = [](int i) { return "block." + std::to_string(i) + ".weight"; };
  for (int i = 0; i < 40'000; ++i) state.insert(name(i), Tensor());
  int next = 0;
  for (const auto& [key, tensor] : state) ASSERT_EQ(key, name(next++));
  for (int i = 0; i < 40'000; i += 777) EXPECT_NE(state.find(name(i)), nullptr);
  const StateDict copy = state;
  const StateDict moved = std::move(state);
  EXPECT_NE(copy.find(name(39'999)), moved.find(name(39'999)));
  EXPECT_EQ(moved.find(name(40'000)), nullptr);
  const std::string sentence = error_of([&] { (void)moved.at(std::string(1'000'000, 'x')); });
  EXPECT_LT(sentence.size(), 3000u);
  EXPECT_NE(sentence.find("block.49.weight and 39950 more"), std::string::npos) << sentence;
}

}  // namespace
}  // namespace cuttle::test
