// gradgradcheck itself: it must find wrong second derivatives, and say where; and what gradcheck
// makes of several outputs.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/autograd/record.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Gradgradcheck : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Gradgradcheck);

using Inputs = std::vector<Tensor>;

// x³ with the right gradient. Recorded, the backward is `factor` · 3x² · gradient with x taken for
// a constant if `constant`: wrong once it is itself differentiated.
Tensor cube(const Tensor& x, double factor, bool constant) {
  return record("cube", (x * x * x).detach(), {x},
                [x = save(x), factor, constant](const Tensor& gradient, const NeededInputs&) {
                  const Tensor at = constant ? x.get().detach() : x.get();
                  const Tensor dx = gradient * (at * at * 3);
                  return std::vector<Tensor>{is_grad_enabled() ? dx * factor : dx};
                });
}

TEST_P(Gradgradcheck, AcceptsARightSecondDerivative) {
  const auto result = gradgradcheck([](const Inputs& x) { return cube(x[0], 1, false); },
                                    {variable({2, 3}, device())});
  EXPECT_TRUE(result.passed) << result.message;
  EXPECT_EQ(result.message, "");
}

TEST_P(Gradgradcheck, FindsWhatAFirstDerivativeDoesNotShow) {
  const Inputs x = {variable({2, 3}, device())};
  const auto constant = [](const Inputs& i) { return cube(i[0], 1, true); };
  const auto scaled = [](const Inputs& i) { return cube(i[0], 2, false); };
  EXPECT_TRUE(gradcheck(constant, x));
  EXPECT_TRUE(gradcheck(scaled, x));
  EXPECT_FALSE(gradgradcheck(constant, x));
  EXPECT_FALSE(gradgradcheck(scaled, x));
}

TEST_P(Gradgradcheck, NamesTheInputTheGradientAndBothValues) {
  const Tensor constant = sample({2}, device());
  const Tensor x = tensor({1.0, 2.0}).to(device()).requires_grad_();
  const Tensor ones_of_y = ones({2}, {.dtype = float64, .device = device(), .requires_grad = true});
  const auto function = [](const Inputs& i) { return Inputs{i[0] > 0, cube(i[1], 1, true)}; };
  const auto result = gradgradcheck(function, {constant, x}, {ones_of_y});
  EXPECT_FALSE(result);
  EXPECT_EQ(result.message.find("gradgradcheck: worst at element [1] of input 1 (shape [2]), for "
                                "the gradient of input 1: numerical "),
            0)
      << result.message;
  EXPECT_NE(result.message.find(", analytical 0, with step 1e-06"), std::string::npos)
      << result.message;
  const auto of_the_gradient = gradgradcheck(
      [](const Inputs& i) {
        return Inputs{i[0] * 2, cube(i[0].detach() * i[0], 2, false)};
      },
      {x});
  EXPECT_NE(of_the_gradient.message.find("of the gradient of output 1"), std::string::npos)
      << of_the_gradient.message;
}

TEST_P(Gradgradcheck, TakesSeveralOutputsConstantsAndUndefinedTensors) {
  const auto function = [](const Inputs& x) {
    return Inputs{x[0] * x[1] * x[1], x[0].detach() * 2, x[1].exp().sum() * x[0], x[2] > 0};
  };
  const Inputs inputs = {variable({3}, device()), variable({3}, device(), 0.5, 1, 2),
                         sample({2}, device()), Tensor(), arange(3, {.device = device()})};
  EXPECT_TRUE(gradcheck(function, inputs)) << gradcheck(function, inputs).message;
  EXPECT_TRUE(gradgradcheck(function, inputs)) << gradgradcheck(function, inputs).message;
}

TEST_P(Gradgradcheck, NamesTheOutputOfGradcheck) {
  const auto result = gradcheck(
      [](const Inputs& x) {
        return Inputs{x[0] * 2, x[0] * x[0].detach()};
      },
      {variable({3}, device())});
  EXPECT_NE(result.message.find(" of input 0 (shape [3]), for output 1: "), std::string::npos)
      << result.message;
  // Where no output requires a gradient, they must be constant.
  EXPECT_FALSE(
      gradcheck([](const Inputs& x) { return x[0].detach() * 2; }, {variable({3}, device())}));
  EXPECT_TRUE(
      gradcheck([](const Inputs& x) { return zeros_like(x[0]); }, {variable({3}, device())}));
}

TEST_P(Gradgradcheck, SaysWhatIsMissing) {
  const Tensor x = variable({2}, device());
  const auto square = [](const Inputs& i) { return i[0] * i[0]; };
  EXPECT_EQ(error_of([&] { (void)gradgradcheck(square, {sample({2}, device())}); }),
            "gradgradcheck: no input requires a gradient; call requires_grad_() on one");
  EXPECT_EQ(
      error_of([&] { (void)gradgradcheck([](const Inputs& i) { return i[0].detach(); }, {x}); }),
      "gradgradcheck: no output requires a gradient, so there is no backward to check");
  EXPECT_EQ(error_of([&] {
              (void)gradgradcheck(square, {x}, {x, x});
            }),
            "gradgradcheck: expected a gradient for each of the 1 outputs that require one, got 2");
  EXPECT_EQ(error_of([&] { (void)gradcheck([](const Inputs& i) { return i[0] > 0; }, {x}); }),
            "gradcheck: the function gives no floating-point tensor");
}

}  // namespace
}  // namespace cuttle::test
