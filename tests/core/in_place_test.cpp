// In-place operations: results, aliasing, what they refuse, and that a refusal changes nothing.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/tensor_impl.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class InPlace : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<float> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(InPlace);

TEST_P(InPlace, AgreesWithTheOutOfPlaceForm) {
  const Tensor other = sample({33}, device(), float64, 1, 2, 5);
  for (const auto& [layout, original] : layouts({31, 33}, device(), float64)) {
    if (layout == "repeated") continue;
    const auto check = [&](auto&& change, const Tensor& expected, const std::string& what) {
      Tensor x = original.clone();
      Tensor view = x.t().t();
      change(view);
      expect_near(x, expected.to_vector<double>(), 0, 0, what + layout);
    };
    check([&](Tensor& x) { x += other; }, original + other, "+=");
    check([&](Tensor& x) { x -= other; }, original - other, "-=");
    check([&](Tensor& x) { x *= other; }, original * other, "*=");
    check([&](Tensor& x) { x /= other; }, original / other, "/=");
    check([&](Tensor& x) { x += 3; }, original + 3, "+= s");
    check([&](Tensor& x) { x -= 3; }, original - 3, "-= s");
    check([&](Tensor& x) { x *= 3; }, original * 3, "*= s");
    check([&](Tensor& x) { x /= 3; }, original / 3, "/= s");
    check([&](Tensor& x) { x.add_(other, 0.5); }, original + other * 0.5, "add_ alpha");
    check([&](Tensor& x) { x += x; }, original + original, "x += x");
    check([&](Tensor& x) { x *= x; }, original * original, "x *= x");
    check([&](Tensor& x) { x += x.narrow(0, 0, 1); }, original + original.narrow(0, 0, 1), "row");
  }
}

TEST_P(InPlace, KeepsTheDtype) {
  Tensor x = arange(3, {.dtype = uint8, .device = device()});
  x += tensor<int64_t>({300, 1, 2}).to(device());
  EXPECT_EQ(x.to_vector<uint8_t>(), (std::vector<uint8_t>{44, 2, 4}));
  Tensor f = ones({3}, {.device = device()});
  f *= tensor({0.1, 0.2, 0.3}).to(device());
  EXPECT_EQ(f.dtype(), float32);
}

TEST_P(InPlace, RefusesResultsOfAnotherKind) {
  Tensor whole = arange(2, {.dtype = int64, .device = device()});
  Tensor flags = tensor({true, false}).to(device());
  const auto refused = [](auto&& f, const char* sentence) { EXPECT_EQ(error_of(f), sentence); };
  refused([&] { whole += 0.5; },
          "add_: the result is float32 and does not fit into this int64 tensor; use the "
          "out-of-place form");
  refused([&] { whole /= 2; },
          "div_: the result is float32 and does not fit into this int64 tensor; use the "
          "out-of-place form");
  refused([&] { flags += 1; },
          "add_: the result is int64 and does not fit into this bool tensor; use the out-of-place "
          "form");
  refused([&] { flags -= flags.clone(); },
          "sub_: not defined for bool; convert first, with .to(int64) for example");
  refused(
      [&] {
        whole += ones({2, 2}, {.dtype = int64, .device = device()});
      },
      "add_: shape [2, 2] does not broadcast to [2], which cannot grow in place");
  EXPECT_EQ(whole.to_vector<int64_t>(), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(whole.version(), 0);
  flags += true;
  EXPECT_EQ(flags.to_vector<uint8_t>(), (std::vector<uint8_t>{1, 1}));
}

TEST_P(InPlace, RefusesExpandedTensorsAndLeaves) {
  Tensor expanded = zeros({1}, {.device = device()}).expand({3});
  EXPECT_EQ(error_of([&] { expanded.fill_(1); }),
            "fill_: several elements of this expanded tensor of shape [3] share memory and cannot "
            "be written one by one; clone() it first");
  Tensor x = leaf({1, 2});
  const std::string sentence =
      ": a leaf that requires a gradient (shape [2]) cannot be changed in place while recording; "
      "do it under NoGradGuard, or use the out-of-place form";
  EXPECT_EQ(error_of([&] { x += 1; }), "add_" + sentence);
  EXPECT_EQ(error_of([&] { x.zero_(); }), "fill_" + sentence);
  EXPECT_EQ(error_of([&] { x.copy_(zeros({2}, {.device = device()})); }), "copy_" + sentence);
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{1, 2}));
  const NoGradGuard no_grad;
  x += 1;
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{2, 3}));
  EXPECT_TRUE(x.is_leaf());
}

// PyTorch refuses each of these too: the base would not learn of the write.
TEST_P(InPlace, RefusesViewsThatWereTakenUnderNoGradGuard) {
  const auto view_of = [](const Tensor& base) {
    const NoGradGuard no_grad;
    return base.narrow(0, 0, 1);
  };
  const Tensor w = leaf({5});
  Tensor plain = zeros({3}, {.device = device()});
  Tensor view = view_of(plain);
  EXPECT_EQ(error_of([&] { view += w; }),
            "add_: this view (shape [1]) was taken under NoGradGuard, so that the tensor it shows "
            "would not learn of the change's gradient; take the view while recording");
  view += 1;  // nothing to record
  EXPECT_EQ(plain.to_vector<float>(), (std::vector<float>{1, 0, 0}));

  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 1;
  const std::string sentence =
      "mul_: this view (shape [1]) was taken under NoGradGuard of a tensor that requires a "
      "gradient, which would not learn of the change; take the view and change it both under "
      "NoGradGuard, or "
      "neither";
  for (const Tensor& base : {x, y}) {
    Tensor hidden = view_of(base);
    EXPECT_EQ(error_of([&] { hidden *= 2; }), sentence);
    Tensor below = hidden.view(1, 1).view(1);
    EXPECT_EQ(error_of([&] { below *= 2; }), sentence);
    EXPECT_EQ(error_of([&] { hidden *= w; }), sentence);
    EXPECT_EQ(base.to_vector<float>(), (std::vector<float>{1, 2, 3}));
    const NoGradGuard no_grad;
    hidden *= 2;
    EXPECT_EQ(base.to_vector<float>(), (std::vector<float>{2, 2, 3}));
    hidden /= 2;
  }
  // Stale as any other view once its base was changed by a recorded operation.
  const Tensor before = view_of(plain);
  plain += w;
  EXPECT_EQ(error_of([&] { (void)(before * 2); }).substr(0, 52),
            "mul: a view of shape [1], taken under NoGradGuard, s");
  // detach() says that no gradient is meant to flow.
  Tensor detached = x.detach();
  detached *= 3;
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{3, 6, 9}));
}

// The results of matmul, linear and keepdim sums are reshaped: views, but of memory of their own.
TEST_P(InPlace, ChangesResultsThatWereReshaped) {
  Tensor x = ones({2, 2}, {.dtype = float64, .device = device(), .requires_grad = true});
  Tensor y = matmul(x, x);
  y += 1;
  y *= y;
  Tensor z = x.sum(0, true);
  z *= 3;
  (y.sum() + z.sum()).backward();
  // y = (x·x + 1)²: each of 4 entries 3, d = 2·3 through both factors (2 entries each), + 3.
  expect_near(x.grad(), {27, 27, 27, 27}, 1e-12, 0, "gradient");
}

TEST_P(InPlace, StaleViewsAreRefusedBeforeAnythingIsWritten) {
  const Tensor w = leaf({5});
  Tensor base = zeros({3}, {.device = device()});
  const Tensor view = [&] {
    const NoGradGuard no_grad;
    return base.narrow(0, 0, 1);
  }();
  base += w;
  const std::string sentence =
      ": a view of shape [1], taken under NoGradGuard, shows memory that was since changed in "
      "place "
      "by a recorded operation; take the view again after the change";
  // The view itself requires no gradient, but its memory now depends on w.
  EXPECT_EQ(error_of([&] { (void)(view * 2); }), "mul" + sentence);
  Tensor other = zeros({1}, {.device = device()});
  const uint64_t before = other.version();
  EXPECT_EQ(error_of([&] { other += view; }), "add_" + sentence);
  EXPECT_EQ(error_of([&] { other.copy_(view); }), "copy_" + sentence);
  EXPECT_EQ(other.item(), 0);
  EXPECT_EQ(other.version(), before);
  EXPECT_EQ(view.item(), 5);
  const NoGradGuard no_grad;
  EXPECT_EQ((view * 2).item(), 10);
}

TEST_P(InPlace, SavedTensorsNoticeChanges) {
  const Tensor x = leaf({1, 2});
  Tensor y = x.exp();
  y += 1;  // exp needs its result
  const std::string sentence = error_of([&] { y.sum().backward(); });
  EXPECT_EQ(sentence,
            "backward: a tensor of shape [2] that 'exp' needs for its gradient was changed in "
            "place after it was used (it is at version 1, saved at 0); use the operation's "
            "out-of-place form, or clone() first");
}

TEST_P(InPlace, OnlyWhatAGradientNeedsIsGuarded) {
  const Tensor x = leaf({1, 2});
  Tensor h = x * 1;
  const Tensor y = h * tensor({3.f, 4.f}).to(device());  // dh needs the constant, not h
  const Tensor z = h / tensor({2.f, 4.f}).to(device());
  h += 1;
  (y + z).sum().backward();
  expect_near(x.grad(), {3.5, 4.25}, 0, 0, "gradient");
}

TEST_P(InPlace, OverwritingForgetsHistory) {
  for (const bool fill : {true, false}) {
    const Tensor x = leaf({1, 2});
    Tensor y = x * 2;
    if (fill)
      y.fill_(7);
    else
      y.copy_(full({2}, 7, {.device = device()}));
    EXPECT_FALSE(y.requires_grad());
    EXPECT_EQ(error_of([&] { y.sum().backward(); }).substr(0, 30),
              "backward: the tensor of shape ");
    EXPECT_FALSE(x.grad().defined());
  }
}

TEST_P(InPlace, IntegersTakeNoGradient) {
  const Tensor x = leaf({1.5, 2.5});
  Tensor y = zeros({2}, {.dtype = int64, .device = device()});
  y.copy_(x * 2);
  EXPECT_FALSE(y.requires_grad());
  EXPECT_EQ(y.to_vector<int64_t>(), (std::vector<int64_t>{3, 5}));
}

TEST_P(InPlace, ATensorTimesItselfHasTheRightGradientAndNoCycle) {
  const Tensor x = leaf({3});
  std::weak_ptr<TensorImpl> watched;
  {
    Tensor y = x * 1;
    y *= y;
    y.sum().backward();
    EXPECT_EQ(x.grad().item(), 6);
    Tensor z = x * 1;
    z *= z;  // never replayed: must still be freed
    watched = z.impl().weak_from_this();
  }
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace cuttle::test
