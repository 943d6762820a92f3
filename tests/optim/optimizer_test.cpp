// What every optimizer owes: groups, refusals in words, gradients set to zero, no devices.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/optim/sgd.h>

#include <cmath>
#include <type_traits>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

template <class T>
concept HasCuda = requires(T object) {
  object.cuda();
};
template <class T>
concept HasTo = requires(T object) {
  object.to(Device());
};
// Optimizers live on the host. Tensors have both, so the concepts can be true.
static_assert(!HasCuda<SGD> && !HasTo<SGD> && HasCuda<Tensor> && HasTo<Tensor>);
static_assert(!std::is_copy_constructible_v<SGD> && std::is_move_constructible_v<SGD>);

Tensor leaf(const Shape& shape) {
  return ones(shape, {.requires_grad = true});
}

TEST(Optimizer, TakesTheLearningRateAlone) {
  EXPECT_EQ(SGD({leaf({2})}, 0.25).lr(), 0.25);
  EXPECT_EQ(SGD({leaf({2})}, 1).lr(), 1);
}

TEST(Optimizer, RefusesParameters) {
  const std::string empty =
      "SGD: the list of parameters is empty; give it model.parameters(), and where that is empty, "
      "register the model's layers: a layer that is a plain member has parameters of its own, but "
      "the model learns of them through register_module(\"name\", layer) alone";
  EXPECT_EQ(error_of([] { SGD(std::vector<Tensor>{}); }), empty);
  EXPECT_EQ(error_of([] { SGD(std::vector<SGD::ParamGroup>{}); }), empty);
  EXPECT_EQ(error_of([] {
              SGD({leaf({2}), Tensor()});
            }),
            "SGD: parameter 1 of group 0 is an undefined tensor");
  EXPECT_EQ(error_of([] {
              SGD({leaf({2}), zeros({3, 2})});
            }),
            "SGD: parameter 1 of group 0 (shape [3, 2]) does not require a gradient; call "
            "requires_grad_(), or leave it out");
  EXPECT_EQ(error_of([] { SGD({leaf({2}).exp()}); }),
            "SGD: parameter 0 of group 0 (shape [2]) is the result of an operation (exp); only "
            "leaves can be optimized: detach() it and call requires_grad_()");
}

TEST(Optimizer, RefusesDuplicates) {
  const Tensor a = leaf({2}), b = leaf({3});
  const std::string sentence =
      " (shape [2]) is in the optimizer already; each parameter can be given once";
  EXPECT_EQ(error_of([&] { SGD({a, b, a}); }), "SGD: parameter 2 of group 0" + sentence);
  EXPECT_EQ(error_of([&] {
              SGD({{{a}, {}}, {{b, a}, {}}});
            }),
            "SGD: parameter 1 of group 1" + sentence);
  SGD optimizer({a}, {.lr = 0.1});
  EXPECT_THROW(optimizer.add_param_group({{b, a}, {}}), Error);
  EXPECT_EQ(optimizer.group_count(), 1u);
  optimizer.add_param_group({{b}, {.lr = 0.5}});
  EXPECT_EQ(optimizer.group_count(), 2u);
  EXPECT_TRUE(optimizer.parameters(1)[0].is_same(b));
}

TEST(Optimizer, LearningRates) {
  SGD optimizer({{{leaf({2})}, {.lr = 0.1}}, {{leaf({3})}, {.lr = 0.2}}});
  EXPECT_EQ(optimizer.lr(), 0.1);
  EXPECT_EQ(optimizer.lr(1), 0.2);
  optimizer.set_lr(0.5, 1);
  EXPECT_EQ(optimizer.lr(0), 0.1);
  EXPECT_EQ(optimizer.options(1).lr, 0.5);
  optimizer.set_lr(0.01);
  EXPECT_EQ(optimizer.lr(0) + optimizer.lr(1), 0.02);
  EXPECT_EQ(error_of([&] { optimizer.set_lr(-1); }), "SGD: lr must be 0 or more, got -1");
  EXPECT_EQ(optimizer.lr(), 0.01);
  EXPECT_EQ(error_of([&] { (void)optimizer.lr(2); }),
            "SGD: there is no parameter group 2; it has 2, numbered from 0");
}

class OptimizerOnDevice : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(OptimizerOnDevice);

TEST_P(OptimizerOnDevice, ZeroGrad) {
  Tensor used = ones({33}, {.device = device(), .requires_grad = true});
  Tensor unused = ones({2}, {.device = device(), .requires_grad = true});
  SGD optimizer({used, unused}, {.lr = 0.1});
  (used * 3.0).sum().backward();
  const Tensor gradient = used.grad();
  optimizer.zero_grad(/*set_to_none=*/false);
  EXPECT_EQ(gradient.to_vector<double>(), std::vector<double>(33, 0));
  EXPECT_TRUE(used.grad().is_same(gradient));
  EXPECT_FALSE(unused.grad().defined());
  optimizer.zero_grad();
  EXPECT_FALSE(used.grad().defined());
}

TEST_P(OptimizerOnDevice, MinimizesAQuadratic) {
  Tensor x = tensor({4.f, -3.f, 0.f}).to(device()).detach();
  x.requires_grad_();
  SGD optimizer({x}, {.lr = 0.1, .momentum = 0.5});
  for (int step = 0; step < 100; ++step) {
    optimizer.zero_grad();
    ((x - 1.0) * (x - 1.0)).sum().backward();
    optimizer.step();
  }
  expect_near(x, {1, 1, 1}, 1e-5, 0, "the minimum");
}

}  // namespace
}  // namespace cuttle::test
