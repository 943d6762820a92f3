// float16 and bfloat16 in convolutions, max pooling and matrix products: float32's results of the
// same numbers, rounded once.
#include <cuttle/core/autocast.h>
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/convolution.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/max_pool2d.h>

#include <functional>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Inputs = std::vector<Tensor>;
using Function = std::function<Tensor(const Inputs&)>;

class HalfProducts : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(HalfProducts);

struct Case {
  std::string name;
  Function function;
  std::vector<Shape> shapes;
};

std::vector<Case> cases() {
  return {
      {"conv2d",
       [](const Inputs& x) { return conv2d(x[0], x[1], x[2], {.padding = 1}); },
       {{2, 16, 9, 8}, {24, 16, 3, 3}, {24}}},
      {"conv2d, few channels",
       [](const Inputs& x) { return conv2d(x[0], x[1], x[2], {.stride = 2, .padding = 2}); },
       {{2, 3, 9, 9}, {5, 3, 5, 5}, {5}}},
      {"conv2d, depthwise",
       [](const Inputs& x) { return conv2d(x[0], x[1], {}, {.padding = 1, .groups = 8}); },
       {{2, 8, 6, 6}, {8, 1, 3, 3}}},
      {"conv2d, groups and dilation",
       [](const Inputs& x) { return conv2d(x[0], x[1], {}, {.dilation = 2, .groups = 2}); },
       {{1, 8, 7, 7}, {6, 4, 3, 2}}},
      {"conv2d, 1 x 1",
       [](const Inputs& x) { return conv2d(x[0], x[1]); },
       {{2, 32, 5, 5}, {16, 32, 1, 1}}},
      {"conv1d",
       [](const Inputs& x) { return conv1d(x[0], x[1], x[2], {.padding = "same"}); },
       {{2, 4, 9}, {6, 4, 4}, {6}}},
      {"conv_transpose2d",
       [](const Inputs& x) { return conv_transpose2d(x[0], x[1], {}, {.stride = 2}); },
       {{2, 16, 4, 4}, {16, 8, 3, 3}}},
      {"conv2d_max_pool2d",
       [](const Inputs& x) {
         return conv2d_max_pool2d(x[0], x[1], x[2], {.padding = 1}, Activation::relu);
       },
       {{2, 4, 6, 6}, {8, 4, 3, 3}, {8}}},
      {"matmul", [](const Inputs& x) { return x[0].matmul(x[1]); }, {{33, 65}, {65, 40}}},
      {"matmul of transposed",
       [](const Inputs& x) { return x[0].t().matmul(x[1].t()); },
       {{65, 33}, {40, 65}}},
      {"batched", [](const Inputs& x) { return x[0].matmul(x[1]); }, {{3, 5, 7}, {3, 7, 6}}},
      {"with a vector", [](const Inputs& x) { return x[0].matmul(x[1]); }, {{31, 65}, {65}}},
      {"linear",
       [](const Inputs& x) { return linear(x[0], x[1], x[2]); },
       {{8, 33}, {17, 33}, {17}}},
  };
}

// The result and the gradients of all inputs, whose values the dtype holds.
Inputs results(const Case& c, const Device& device, DType values, DType dtype) {
  Inputs x;
  for (size_t i = 0; i < c.shapes.size(); ++i) {
    const Tensor given = sample(c.shapes[i], device, float32, -1, 1, i + 1).to(values).to(dtype);
    x.push_back(given.detach().requires_grad_());
  }
  const Tensor y = c.function(x);
  y.backward(sample(y.shape(), device, float32, -1, 1, 9).to(values).to(dtype));
  Inputs all = {y};
  for (const Tensor& leaf : x) all.push_back(leaf.grad());
  return all;
}

TEST_P(HalfProducts, AreFloatsRoundedOnce) {
  for (const Case& c : cases())
    for (const DType half : {float16, bfloat16}) {
      const Inputs expected = results(c, device(), half, float64);
      const Inputs actual = results(c, device(), half, half);
      ASSERT_EQ(actual.size(), expected.size());
      // Half a unit in the last place; what pooling takes from a rounded convolution is rounded
      // before, and sums in float end a little beside.
      const double unit = half == bfloat16 ? 1.0 / 256 : 1.0 / 2048;
      const bool chain = c.name == "conv2d_max_pool2d";
      for (size_t i = 0; i < actual.size(); ++i) {
        EXPECT_EQ(actual[i].dtype(), half) << c.name;
        // Rounding may choose another one of two that are nearly equal, with another gradient.
        if (chain && i > 0) continue;
        expect_near(actual[i].to_vector<double>(), expected[i].to_vector<double>(), 2e-5,
                    unit * 1.01, c.name + ", number " + std::to_string(i));
      }
    }
}

TEST_P(HalfProducts, AddWhatIsScaledBeforeTheyRound) {
  const Tensor input = sample({4, 6}, device(), float32, -1, 1, 1).to(bfloat16);
  const Tensor a = sample({4, 9}, device(), float32, -1, 1, 2).to(bfloat16);
  const Tensor b = sample({9, 6}, device(), float32, -1, 1, 3).to(bfloat16);
  for (const double beta : {1.0, 0.5})
    for (const double alpha : {1.0, 2.0}) {
      const Tensor expected = addmm(input.to(float64), a.to(float64), b.to(float64), beta, alpha);
      expect_near(addmm(input, a, b, beta, alpha), expected.to_vector<double>(), 1e-6, 1.01 / 256,
                  "addmm");
    }
  const TensorOptions like = {.dtype = bfloat16, .device = device()};
  EXPECT_EQ(addmm(input, zeros({4, 0}, like), zeros({0, 6}, like)).to_vector<double>(),
            input.to_vector<double>());
}

// Parameters stay float32, and so do their gradients.
TEST_P(HalfProducts, AreWhatAutocastMakesOfConvolutions) {
  const Tensor x = sample({2, 3, 6, 6}, device(), float32, -1, 1, 1);
  const auto leaf = [&](uint64_t seed) {
    return sample({3, 3, 3, 3}, device(), float32, -1, 1, seed).requires_grad_();
  };
  const Tensor first = leaf(2), second = leaf(3), third = leaf(4);
  {
    const Autocast autocast(bfloat16);
    const Tensor y = conv_transpose2d(conv2d(x, first), second);
    EXPECT_EQ(y.dtype(), bfloat16);
    conv2d_max_pool2d(y, third).sum().backward();
  }
  for (const Tensor& weight : {first, second, third}) EXPECT_EQ(weight.grad().dtype(), float32);
  const Tensor by_hand = conv2d(x.to(bfloat16), first.to(bfloat16));
  const Autocast autocast(bfloat16);
  EXPECT_EQ(conv2d(x, first).to_vector<double>(), by_hand.to_vector<double>());
}

TEST_P(HalfProducts, MaxPoolIsExact) {
  const Tensor x = sample({2, 3, 7, 6}, device(), float32, -1, 1, 1).to(bfloat16);
  const Tensor y = max_pool2d(x, 3, {.stride = 2, .padding = 1});
  EXPECT_EQ(y.dtype(), bfloat16);
  EXPECT_EQ(y.to_vector<double>(),
            max_pool2d(x.to(float32), 3, {.stride = 2, .padding = 1}).to_vector<double>());
}

}  // namespace
}  // namespace cuttle::test
