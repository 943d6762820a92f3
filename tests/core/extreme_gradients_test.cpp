// Gradients where numbers are infinite, NaN, or so large and small that a detour overflows.
// Expected values are PyTorch's unless a comment says otherwise.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>

#include <cmath>
#include <limits>

#include "samples.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Equal, or both NaN.
void expect_same(const Tensor& actual, const std::vector<float>& expected, const char* what) {
  const auto values = actual.to_vector<float>();
  ASSERT_EQ(values.size(), expected.size()) << what;
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_TRUE(values[i] == expected[i] || (std::isnan(values[i]) && std::isnan(expected[i])))
        << what << ", element " << i << ": " << values[i] << ", expected " << expected[i];
}

class ExtremeGradients : public DeviceTest {
 protected:
  Tensor values(const std::vector<float>& v) const {
    return tensor(v, {static_cast<int64_t>(v.size())}, {.device = device()});
  }
  Tensor leaf(const std::vector<float>& v) const { return values(v).requires_grad_(); }
};
CUTTLE_INSTANTIATE_DEVICES(ExtremeGradients);

TEST_P(ExtremeGradients, WhatAMaskDropsIsZeroWhateverArrives) {
  const Tensor x = leaf({-1, 4});
  maximum(x, values({0, 0})).sqrt().sum().backward();
  expect_same(x.grad(), {0, 0.25f}, "sqrt of maximum");

  const Tensor below = leaf({-3, 0, 2});
  maximum(below, values({1e-30f, 1e-30f, 1e-30f})).log().backward(values({kInf, kInf, 1}));
  expect_same(below.grad(), {0, 0, 0.5f}, "log of maximum");

  const Tensor rectified = leaf({-1, 0, 4});
  rectified.relu().sqrt().sum().backward();
  expect_same(rectified.grad(), {0, 0, 0.25f}, "sqrt of relu");
}

TEST_P(ExtremeGradients, ReluPassesWhatArrivesAtNan) {
  const Tensor x = leaf({kNan, -0.0f, 0, -1, 1, kInf});
  const Tensor y = x.relu();
  y.backward(values({1, kInf, kInf, kInf, 2, 3}));
  expect_same(y, {kNan, 0, 0, 0, 1, kInf}, "relu");
  expect_same(x.grad(), {1, 0, 0, 0, 2, 3}, "its gradient");
}

TEST_P(ExtremeGradients, ExtremaShareEqualsAndGiveBothWhatANanGets) {
  const std::vector<float> left = {1, 2, 3, kNan, 1, kNan, kInf, -0.0f};
  const std::vector<float> right = {2, 2, 1, 1, kNan, kNan, kInf, 0};
  const Tensor arriving = values({1, 2, 3, 4, 5, 6, kInf, 8});
  {
    const Tensor a = leaf(left), b = leaf(right), y = maximum(a, b);
    y.backward(arriving);
    expect_same(y, {2, 2, 3, kNan, kNan, kNan, kInf, 0}, "maximum");
    expect_same(a.grad(), {0, 1, 3, 4, 5, 6, kInf, 4}, "maximum, left");
    expect_same(b.grad(), {1, 1, 0, 4, 5, 6, kInf, 4}, "maximum, right");
  }
  const Tensor a = leaf(left), b = leaf(right), y = minimum(a, b);
  y.backward(arriving);
  expect_same(y, {1, 2, 1, kNan, kNan, kNan, kInf, 0}, "minimum");
  expect_same(a.grad(), {1, 1, 0, 4, 5, 6, kInf, 4}, "minimum, left");
  expect_same(b.grad(), {0, 1, 3, 4, 5, 6, kInf, 4}, "minimum, right");
}

// The mathematical value, -a / b², in range though b² is not.
TEST_P(ExtremeGradients, DivisorsBeyondTheSquareRootOfTheRange) {
  const std::vector<float> numbers = {1e20f, 1e-30f, 3};
  const auto expect_right = [&](const Tensor& gradient, const char* what) {
    const auto actual = gradient.to_vector<double>();
    for (size_t i = 0; i < numbers.size(); ++i)
      EXPECT_NEAR(actual[i] * numbers[i], -1, 1e-6) << what << ", element " << i;
  };
  const Tensor a = values(numbers);
  const Tensor b = leaf(numbers);
  (a / b).sum().backward();
  expect_right(b.grad(), "tensor / tensor");

  for (size_t i = 0; i < numbers.size(); ++i) {
    const Tensor x = leaf({numbers[i]});
    (numbers[i] / x).sum().backward();
    EXPECT_NEAR(x.grad().item() * numbers[i], -1, 1e-6) << "number / tensor, " << numbers[i];
  }

  const Tensor divisor = leaf(numbers);
  Tensor quotient = values(numbers);
  quotient.div_(divisor);
  quotient.sum().backward();
  expect_right(divisor.grad(), "div_");
}

TEST_P(ExtremeGradients, PowerZeroIsConstant) {
  const Tensor x = leaf({0, 1, kInf, kNan});
  x.pow(0).backward(values({kInf, kInf, kNan, 1}));
  expect_same(x.grad(), {0, 0, 0, 0}, "pow 0");
}

TEST_P(ExtremeGradients, SecondDerivativesGoThroughMasks) {
  const Tensor x = leaf({-1, 3});
  const Tensor y = (maximum(x, values({0, 0})) * x.relu()).sum();  // x² above 0
  const Tensor first = grad(y, {x}, {}, {.create_graph = true})[0];
  expect_same(first, {0, 6}, "first");
  expect_same(grad(first.sum(), {x})[0], {0, 2}, "second");
}

}  // namespace
}  // namespace cuttle::test
