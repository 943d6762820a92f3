// Every case of the table: its first, second and third derivatives against finite differences.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>

#include <functional>

#include "core/samples.h"
#include "derivative_cases.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

class Derivatives : public DeviceTest {
 protected:
  Inputs inputs_of(const DerivativeCase& c) const {
    Inputs inputs;
    for (size_t i = 0; i < c.shapes.size(); ++i)
      inputs.push_back(variable(c.shapes[i], device(), c.low, c.high, i + 1));
    return inputs;
  }
};
CUTTLE_INSTANTIATE_DEVICES(Derivatives);

void expect_passes(const DerivativeCase& c, const std::function<GradcheckResult()>& check) try {
  const GradcheckResult result = check();
  EXPECT_TRUE(result) << c.name << ": " << result.message;
} catch (const Error& error) {
  ADD_FAILURE() << c.name << " throws: " << error.what();
}

TEST_P(Derivatives, FirstOnes) {
  for (const DerivativeCase& c : DerivativeCases::all()) {
    expect_passes(c, [&] { return gradcheck(c.function, inputs_of(c), c.options); });
  }
}

TEST_P(Derivatives, SecondOnes) {
  for (const DerivativeCase& c : DerivativeCases::all()) {
    if (!c.once)
      expect_passes(c, [&] { return gradgradcheck(c.function, inputs_of(c), c.options); });
  }
}

TEST_P(Derivatives, SecondOnesThatAreRefused) {
  int64_t refused = 0;
  for (const DerivativeCase& c : DerivativeCases::all()) {
    if (!c.once) continue;
    const Inputs x = inputs_of(c);
    const Tensor first = grad(c.function(x)[0].sum(), {x[0]}, {}, {.create_graph = true})[0];
    EXPECT_THROW((void)grad(first.sum(), {x[0]}), Error) << c.name;
    ++refused;
  }
  EXPECT_GT(refused, 0);
}

// Of operations that take floating dtypes.
TEST_P(Derivatives, ConstantsHaveNone) {
  int64_t taken = 0;
  for (const DerivativeCase& c : ConstantCases::all()) try {
      for (const Tensor& y : c.function(inputs_of(c))) EXPECT_FALSE(y.requires_grad()) << c.name;
      ++taken;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("float64"), std::string::npos) << c.name;
    }
  EXPECT_GT(taken, 50);
}

// gradgradcheck of the gradients of a number: one in which nothing is linear.
TEST_P(Derivatives, ThirdOnes) {
  for (const DerivativeCase& c : DerivativeCases::all()) {
    if (c.once) continue;
    const auto gradients = [&](const Inputs& x) {
      const GradMode on(true);
      const Tensor y = c.function(x)[0];
      const Tensor number = (y * y).sum() * (x[0] * x[0]).sum();
      Inputs found = grad(number, x, {}, {.create_graph = true, .allow_unused = true});
      std::erase_if(found, [](const Tensor& gradient) { return !gradient.defined(); });
      return found;
    };
    expect_passes(c, [&] { return gradgradcheck(gradients, inputs_of(c), c.options); });
  }
}

}  // namespace
}  // namespace cuttle::test
