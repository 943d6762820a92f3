// What rearranging promises beyond values: bits, layouts, memory of its own, and gradients that are
// views.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/closeness.h>
#include <cuttle/core/ops/rearrange.h>

#include <cstring>
#include <limits>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class ShapingValues : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(ShapingValues);

std::vector<uint64_t> bits_of(const Tensor& x) {
  const std::vector<double> values = x.detach().to_vector<double>();
  std::vector<uint64_t> bits(values.size());
  std::memcpy(bits.data(), values.data(), values.size() * sizeof(double));
  return bits;
}

/// −0, denormals, infinities, NaN and numbers at the ends of the range.
std::vector<double> edges() {
  using Limits = std::numeric_limits<double>;
  return {-0.0,
          Limits::denorm_min(),
          Limits::min(),
          Limits::max(),
          -Limits::max(),
          Limits::infinity(),
          -Limits::infinity(),
          Limits::quiet_NaN(),
          1.0};
}

TEST_P(ShapingValues, BitsAreMovedUntouched) {
  const auto x = tensor(edges(), {3, 3}).to(device());
  const auto b = bits_of(x);
  const auto take = [&](std::vector<size_t> places) {
    std::vector<uint64_t> taken;
    for (const size_t place : places) taken.push_back(b[place]);
    return taken;
  };
  EXPECT_EQ(bits_of(x.flip(0, 1)), take({8, 7, 6, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(bits_of(x.roll(1, 1)), take({2, 0, 1, 5, 3, 4, 8, 6, 7}));
  EXPECT_EQ(bits_of(x.rot90()), take({2, 5, 8, 1, 4, 7, 0, 3, 6}));
  EXPECT_EQ(bits_of(x.repeat(1, 2)).size(), 18);
  EXPECT_EQ(bits_of(cat({x, x})).back(), b.back());
  EXPECT_EQ(bits_of(pad(x, {1, 0}, "replicate")), take({0, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8}));
}

TEST_P(ShapingValues, ATriangleIsChosenNotMultiplied) {
  Tensor x = full({2, 2}, std::numeric_limits<double>::quiet_NaN(), float64).to(device());
  x.requires_grad_();
  const Tensor y = x.triu(1);
  EXPECT_EQ(bits_of(y)[0], 0u);
  EXPECT_EQ(bits_of(y)[2], 0u);
  const Tensor weights =
      full({2, 2}, std::numeric_limits<double>::infinity(), float64).to(device());
  EXPECT_EQ(grad(y, {x}, weights)[0].to_vector<double>(),
            (std::vector<double>{0, std::numeric_limits<double>::infinity(), 0, 0}));
}

TEST_P(ShapingValues, ExtremesOfIntegers) {
  using Limits = std::numeric_limits<int64_t>;
  const Tensor x = tensor<int64_t>({Limits::min(), Limits::max(), 0, -1}).to(device());
  EXPECT_EQ(x.flip(0).to_vector<int64_t>(),
            (std::vector<int64_t>{-1, 0, Limits::max(), Limits::min()}));
  EXPECT_EQ(pad(x, {0, 1}, "constant", Limits::min()).to_vector<int64_t>().back(), Limits::min());
  EXPECT_EQ(cat({x, x.narrow(0, 0, 1)}).to_vector<int64_t>().back(), Limits::min());
}

TEST_P(ShapingValues, ChannelsLastIsKept) {
  const auto last = MemoryFormat::channels_last;
  const Tensor x = sample({2, 3, 4, 5}, device()).contiguous(last);
  for (const auto& [name, y] : std::vector<std::pair<std::string, Tensor>>{
           {"cat", cat({x, x}, 1)},
           {"flip", x.flip(1, 3)},
           {"roll", x.roll(1, 2)},
           {"tril", x.tril()},
           {"constant", pad(x, {1, 2, 0, 1})},
           {"reflect", pad(x, {1, 2, 0, 1}, "reflect")},
           {"circular", pad(x, {1, 2, 0, 1}, "circular")}}) {
    EXPECT_TRUE(y.is_contiguous(last)) << name;
  }
  EXPECT_TRUE(cat({x, x.contiguous()}, 1).is_contiguous());
  const Tensor dense = x.contiguous();
  EXPECT_TRUE(equal(pad(x, {1, 2, 0, 1}, "reflect"), pad(dense, {1, 2, 0, 1}, "reflect")));
  EXPECT_TRUE(equal(x.flip(1, 3), dense.flip(1, 3)));
  EXPECT_TRUE(equal(x.triu(-1), dense.triu(-1)));
}

TEST_P(ShapingValues, ResultsHaveMemoryOfTheirOwn) {
  const Tensor x = sample({2, 3}, device());
  const Tensor single = sample({1, 1}, device()).expand({2, 3});
  for (const Tensor& from : {x, single})
    for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{
             [](const Tensor& t) { return t.repeat(1, 1); },
             [](const Tensor& t) { return t.repeat(2, 1); },
             [](const Tensor& t) { return t.tile(1); },
             [](const Tensor& t) { return t.repeat_interleave(1, 0); },
             [](const Tensor& t) { return t.repeat_interleave(2, 0); },
             [](const Tensor& t) { return t.flip({}); },
             [](const Tensor& t) { return t.roll(0, 0); },
             [](const Tensor& t) { return t.rot90(0); }, [](const Tensor& t) { return t.rot90(4); },
             [](const Tensor& t) { return t.triu(-5); }, [](const Tensor& t) { return cat({t}); },
             [](const Tensor& t) {
               return pad(t, {0, 0});
             }}) {
      const auto before = from.to_vector<double>();
      Tensor y = f(from);
      y.fill_(7);  // refused where elements share memory
      EXPECT_EQ(from.to_vector<double>(), before);
    }
}

TEST_P(ShapingValues, FramesPassTheirGradientOnAsAView) {
  const Tensor x = variable({2, 3}, device());
  const Tensor weights = sample({4, 6}, device());
  const Tensor of_pad = grad(pad(x, {1, 2, 1, 1}), {x}, weights)[0];
  EXPECT_TRUE(equal(of_pad, weights.narrow(0, 1, 2).narrow(1, 1, 3)));
  const Tensor of_flip = grad(x.flip(0, 1), {x}, weights.narrow(0, 0, 2).narrow(1, 0, 3))[0];
  EXPECT_TRUE(equal(of_flip, weights.narrow(0, 0, 2).narrow(1, 0, 3).flip(0, 1)));
}

TEST_P(ShapingValues, IndicesOfTriangles) {
  for (const int64_t offset : {-3, -1, 0, 1, 4})
    for (const auto& [rows, columns] :
         std::vector<std::pair<int64_t, int64_t>>{{3, 4}, {4, 3}, {1, 1}, {0, 2}, {2, 0}}) {
      const Tensor lower = tril_indices(rows, columns, offset, {.device = device()});
      const Tensor upper = triu_indices(rows, columns, offset + 1, {.device = device()});
      std::vector<int64_t> expected[2][2];  // [upper][row or column]
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
          expected[j - i > offset][0].push_back(i);
          expected[j - i > offset][1].push_back(j);
        }
      for (const int64_t which : {0, 1}) {
        EXPECT_EQ(lower.select(0, which).to_vector<int64_t>(), expected[0][which]);
        EXPECT_EQ(upper.select(0, which).to_vector<int64_t>(), expected[1][which]);
      }
    }
  EXPECT_EQ(tril_indices(2, 2, 0, {.dtype = int32}).dtype(), int32);
}

}  // namespace
}  // namespace cuttle::test
