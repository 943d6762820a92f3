// gradcheck itself: it must find wrong backwards, and say where.
#include <cuttle/core/autograd/record.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Gradcheck : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Gradcheck);

using Inputs = std::vector<Tensor>;

// x² with a backward that is right but at one element, which gets `wrong` there.
Tensor flawed_square(const Tensor& x, double wrong) {
  return record("flawed_square", (x * x).detach(), {x},
                [x = x.detach(), wrong](const Tensor& gradient, const NeededInputs&) {
                  Tensor dx = gradient * x * 2;
                  dx.view({-1}).narrow(0, 4, 1).fill_(wrong);
                  return std::vector<Tensor>{dx};
                });
}

TEST_P(Gradcheck, AcceptsARightGradient) {
  const auto result =
      gradcheck([](const Inputs& x) { return x[0] * x[0]; }, {variable({2, 3}, device())});
  EXPECT_TRUE(result.passed) << result.message;
  EXPECT_EQ(result.message, "");
}

TEST_P(Gradcheck, NamesTheElementBothValuesAndTheStep) {
  const Tensor constant = sample({2}, device());
  const auto result = gradcheck([](const Inputs& x) { return flawed_square(x[1], 77); },
                                {constant, variable({2, 3}, device())}, {.step = 1e-5});
  EXPECT_FALSE(result);
  const std::string& m = result.message;
  EXPECT_EQ(
      m.find(
          "gradcheck: worst at element [1, 1] of input 1 (shape [2, 3]), for output 0: numerical "),
      0)
      << m;
  EXPECT_NE(m.find(", analytical 77, with step 1e-05 (allowed 1e-05 + 0.001 * |numerical|)"),
            std::string::npos)
      << m;
}

TEST_P(Gradcheck, FindsNaNAndMissingGradients) {
  EXPECT_FALSE(gradcheck([](const Inputs& x) { return flawed_square(x[0], NAN); },
                         {variable({5}, device())}));
  EXPECT_FALSE(gradcheck([](const Inputs& x) { return x[0] * x[1].detach(); },
                         {variable({3}, device()), variable({3}, device(), 0.5, 1, 2)}));
}

TEST_P(Gradcheck, ToleratesWhatTheOptionsAllow) {
  const Tensor x = tensor({1.0, 1.0, 1.0, 1.0, 1.0}).to(device()).requires_grad_();
  const auto f = [](const Inputs& i) { return flawed_square(i[0], 2.5); };
  EXPECT_FALSE(gradcheck(f, {x}));
  EXPECT_TRUE(gradcheck(f, {x}, {.atol = 2}));
}

TEST_P(Gradcheck, LeavesTheInputsAlone) {
  const Tensor x = variable({4}, device());
  const auto before = x.to_vector<double>();
  EXPECT_TRUE(gradcheck([](const Inputs& i) { return i[0].exp(); }, {x}));
  EXPECT_EQ(x.to_vector<double>(), before);
  EXPECT_FALSE(x.grad().defined());
}

TEST_P(Gradcheck, RefusesCoarseOrConstantInputs) {
  const auto f = [](const Inputs& i) { return i[0] * 2; };
  EXPECT_EQ(error_of([&] { gradcheck(f, {ones({2}, {.device = device()}).requires_grad_()}); }),
            "gradcheck: input 0 is float32, too coarse for finite differences; use float64");
  EXPECT_EQ(error_of([&] { gradcheck(f, {sample({2}, device())}); }),
            "gradcheck: no input requires a gradient; call requires_grad_() on one");
}

}  // namespace
}  // namespace cuttle::test
