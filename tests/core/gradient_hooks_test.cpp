// Hooks on gradients: of leaves and results, several in order, removed, replacing, with
// create_graph; after accumulation; and gradients that results keep.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/warning.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using V = std::vector<double>;

class GradientHooks : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(GradientHooks);

V list(const Tensor& x) {
  return x.to_vector<double>();
}

TEST_P(GradientHooks, SeeTheWholeGradientOnceEachReplay) {
  const Tensor x = leaf({1, 2});
  std::vector<V> seen;
  x.register_hook([&](const Tensor& gradient) { seen.push_back(list(gradient)); });
  const Tensor y = (x * x + x * 3).sum();
  y.backward({}, /*retain_graph=*/true);
  y.backward();
  EXPECT_EQ(seen, (std::vector<V>{{5, 7}, {5, 7}}));
  EXPECT_EQ(list(x.grad()), (V{10, 14}));
}

TEST_P(GradientHooks, ReplaceTheGradientInOrder) {
  const Tensor x = leaf({1, 2});
  const Tensor h = x * 2;
  h.register_hook([](const Tensor& gradient) { return gradient + 1; });
  h.register_hook([](const Tensor& gradient) { return gradient * 10; });
  h.register_hook([](const Tensor&) { return Tensor(); });  // keeps it
  x.register_hook([](const Tensor& gradient) { return -gradient; });
  (h * 3).sum().backward();
  EXPECT_EQ(list(x.grad()), (V{-80, -80}));  // −(3 + 1) · 10 · 2
}

TEST_P(GradientHooks, AreSeenByGradToo) {
  const Tensor x = leaf({3});
  const Tensor h = x * x;
  h.register_hook([](const Tensor& gradient) { return gradient * 5; });
  x.register_hook([](const Tensor& gradient) { return gradient * 7; });
  const auto g = grad((h * 2).sum(), {h, x});
  EXPECT_EQ(g[0].item(), 10);
  EXPECT_EQ(g[1].item(), 10 * 6 * 7);
}

TEST_P(GradientHooks, AreRegisteredBeforeOrAfterTheForward) {
  const Tensor x = leaf({3});
  const Tensor y = x.sum();
  x.register_hook([](const Tensor& gradient) { return gradient * 2; });
  y.backward();
  EXPECT_EQ(x.grad().item(), 2);
  x.sum().backward();
  EXPECT_EQ(x.grad().item(), 4);
}

TEST_P(GradientHooks, AreTakenOff) {
  const Tensor x = leaf({1});
  int calls = 0;
  RemovableHandle first = x.register_hook([&](const Tensor&) { calls += 1; });
  RemovableHandle second = x.register_hook([&](const Tensor&) { calls += 10; });
  x.sum().backward();
  EXPECT_EQ(calls, 11);
  first.remove();
  first.remove();
  x.sum().backward();
  EXPECT_EQ(calls, 21);
  second.remove();
  x.sum().backward();
  EXPECT_EQ(calls, 21);
  RemovableHandle().remove();
}

TEST_P(GradientHooks, OneTakesItselfOff) {
  const Tensor x = leaf({1});
  int calls = 0;
  RemovableHandle handle;
  handle = x.register_hook([&](const Tensor&) {
    ++calls;
    handle.remove();
  });
  x.sum().backward();
  x.sum().backward();
  EXPECT_EQ(calls, 1);
}

TEST_P(GradientHooks, HandlesOutliveTensorsAndTensorsHandles) {
  RemovableHandle handle;
  const auto counted = std::make_shared<int>(0);
  {
    const Tensor x = leaf({1}), y = x * 2;
    handle = y.register_hook([counted](const Tensor&) { ++*counted; });
    x.register_hook([counted](const Tensor&) { ++*counted; });  // its handle is gone at once
    y.sum().backward();
    EXPECT_EQ(*counted, 2);
  }
  EXPECT_EQ(counted.use_count(), 1);  // the hooks went with the tensors
  handle.remove();
}

TEST_P(GradientHooks, AreRecordedWithCreateGraph) {
  const Tensor x = leaf({3});
  const Tensor h = x * x;
  h.register_hook([](const Tensor& gradient) { return gradient * gradient; });
  const Tensor first = grad((h * x).sum(), {x}, {}, {.create_graph = true})[0];
  EXPECT_EQ(first.item(), 3.0 * 3 * 6 + 9);  // (dh = x)² · 2x + h = 2x³ + x²
  EXPECT_EQ(grad(first, {x})[0].item(), 6.0 * 9 + 6);
}

TEST_P(GradientHooks, StayWithTheOperationThatMadeTheTensor) {
  const Tensor x = leaf({3});
  Tensor h = x * 2;
  V seen;
  h.register_hook([&](const Tensor& gradient) { seen.push_back(gradient.item()); });
  h *= 5;
  h.register_hook([&](const Tensor& gradient) { seen.push_back(gradient.item()); });
  h.sum().backward();
  EXPECT_EQ(seen, (V{1, 5}));  // of what h became, then of what it was
}

TEST_P(GradientHooks, KeepTheGradientTheySaw) {
  const Tensor x = leaf({2});
  Tensor kept;
  x.register_hook([&](const Tensor& gradient) { kept = gradient; });
  (x * 3).sum().backward();
  (x * 4).sum().backward();  // adds to the grad, which is not the kept tensor
  EXPECT_EQ(x.grad().item(), 7);
  EXPECT_EQ(kept.item(), 4);
}

TEST_P(GradientHooks, Refusals) {
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(
      error_of([&] { x.detach().register_hook([](const Tensor&) {}); }),
      "register_hook: this tensor of shape [2] requires no gradient, so none will ever arrive; "
      "call requires_grad_() on it, or on what it is computed from, first");
  EXPECT_EQ(error_of([&] { x.register_hook(std::function<Tensor(const Tensor&)>()); }),
            "register_hook: the hook is an empty function");
  const std::string place = device().str();
  const Tensor h = x * 2;
  RemovableHandle handle = h.register_hook([](const Tensor& gradient) { return gradient.sum(); });
  EXPECT_EQ(
      error_of([&] { h.sum().backward(); }),
      "register_hook: a hook on the result of 'mul' returned a gradient of shape [] (float64, " +
          place + ") in place of one of shape [2] (float64, " + place + "); they must be alike");
  handle.remove();
  x.register_hook([](const Tensor& gradient) { return gradient.to(float32); });
  EXPECT_EQ(error_of([&] { h.sum().backward(); }),
            "register_hook: a hook on a leaf returned a gradient of shape [2] (float32, " + place +
                ") in place of one of shape [2] (float64, " + place + "); they must be alike");
  EXPECT_EQ(
      error_of([&] { (x * 2).register_post_accumulate_grad_hook([](const Tensor&) {}); }),
      "register_post_accumulate_grad_hook: this tensor is the result of 'mul', and only leaves "
      "accumulate; use register_hook");
}

TEST_P(GradientHooks, AfterAccumulation) {
  const Tensor x = leaf({1, 2}), y = leaf({3, 4});
  std::vector<V> seen;
  RemovableHandle handle = x.register_post_accumulate_grad_hook([&](Tensor parameter) {
    EXPECT_TRUE(parameter.is_same(x));
    seen.push_back(list(parameter.grad()));
  });
  // What it is for: the gradient is used and freed while the backward goes on.
  y.register_post_accumulate_grad_hook([](Tensor parameter) { parameter.set_grad({}); });
  (x * y).sum().backward();
  (x * y).sum().backward();
  EXPECT_EQ(seen, (std::vector<V>{{3, 4}, {6, 8}}));
  EXPECT_FALSE(y.grad().defined());
  (void)grad((x * y).sum(), {x});  // accumulates nothing
  handle.remove();
  (x * y).sum().backward();
  EXPECT_EQ(seen.size(), 2u);
}

TEST_P(GradientHooks, RetainedGradients) {
  const Tensor x = leaf({1, 2});
  const Tensor h = x * 3, other = h * 1;
  EXPECT_FALSE(h.retains_grad());
  h.retain_grad();
  h.retain_grad();  // once more changes nothing
  EXPECT_TRUE(h.retains_grad());
  h.register_hook([](const Tensor& gradient) { return gradient * 2; });  // seen before it is kept
  const Tensor y = (h * h + other).sum();
  y.backward({}, /*retain_graph=*/true);
  EXPECT_EQ(list(h.grad()), (V{14, 26}));  // 2 · (2h + 1)
  y.backward();
  EXPECT_EQ(list(h.grad()), (V{28, 52}));
  EXPECT_EQ(list(x.grad()), (V{84, 156}));
  x.retain_grad();
  EXPECT_FALSE(x.retains_grad());  // a leaf does anyway
  EXPECT_EQ(error_of([&] { x.detach().retain_grad(); }),
            "retain_grad: this tensor of shape [2] requires no gradient, so none will ever arrive; "
            "call requires_grad_() on it, or on what it is computed from, first");
}

TEST_P(GradientHooks, ARetainedGradientIsThatOfTheChangedTensor) {
  const Tensor x = leaf({1});
  Tensor h = x * 3;
  h.retain_grad();
  h.mul_(5);
  EXPECT_TRUE(h.retains_grad());
  (h * 2).sum().backward();
  EXPECT_EQ(h.grad().item(), 2);  // not 10: that was the gradient before it was changed
  EXPECT_EQ(x.grad().item(), 30);
}

TEST_P(GradientHooks, RetainedWithAHistory) {
  const Tensor x = leaf({3});
  const Tensor h = x * x;
  h.retain_grad();
  (void)grad((h * h).sum(), {x}, {}, {.create_graph = true});
  EXPECT_EQ(h.grad().item(), 18);
  EXPECT_EQ(grad(h.grad(), {x})[0].item(), 12);  // 2h = 2x²
  Tensor(h).set_grad({});
}

TEST_P(GradientHooks, AResultThatKeepsNoGradientSaysSo) {
  std::vector<std::string> warnings;
  set_warning_handler([&](const std::string& sentence) { warnings.push_back(sentence); });
  const Tensor x = leaf({3});
  const Tensor h = x * 2, kept = h * 2;
  kept.retain_grad();
  kept.sum().backward();
  EXPECT_FALSE(h.grad().defined());
  EXPECT_TRUE(kept.grad().defined());
  EXPECT_TRUE(x.grad().defined());
  EXPECT_FALSE(leaf({1}).grad().defined());
  set_warning_handler({});
  EXPECT_EQ(warnings,
            (std::vector<std::string>{
                "grad(): the result of an operation does not keep its gradient; call retain_grad() "
                "on it before backward(), or use register_hook() or grad(output, {result})"}));
}

}  // namespace
}  // namespace cuttle::test
