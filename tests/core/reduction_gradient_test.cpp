// Gradients of reductions by finite differences, and the gradients' own; zeros, ties and edges by
// hand.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/autograd/record.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/reduce.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class ReductionGradient : public DeviceTest {
 protected:
  Tensor leaf(const std::vector<double>& values, const Shape& shape) const {
    return tensor(values, shape).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(ReductionGradient);

using Inputs = std::vector<Tensor>;
using Function = std::function<Tensor(const Tensor&)>;

std::vector<std::pair<std::string, Function>> functions() {
  std::vector<std::pair<std::string, Function>> all = {
      {"max", [](const Tensor& x) { return x.max(); }},
      {"max 1", [](const Tensor& x) { return x.max(1).values; }},
      {"min 0", [](const Tensor& x) { return x.min(0, true).values; }},
      {"var biased", [](const Tensor& x) { return x.var(false); }},
      {"var_mean",
       [](const Tensor& x) {
         const auto [var, mean] = var_mean(x, {0, 2});
         return var * mean;
       }},
      {"sum with a dtype", [](const Tensor& x) { return x.sum(0, false, float64); }},
  };
  for (const Dims& dims : {Dims(), Dims(1), Dims{0, 2}, Dims{-1, 1}})
    for (const bool keep : {false, true}) {
      const auto add = [&](const std::string& name, auto f) {
        all.emplace_back(name + " over " + std::to_string(dims.size()) + " dims",
                         [dims, keep, f](const Tensor& x) { return f(x, dims, keep); });
      };
      add("sum", [](const Tensor& x, const Dims& d, bool k) { return x.sum(d, k); });
      add("nansum", [](const Tensor& x, const Dims& d, bool k) { return x.nansum(d, k); });
      add("mean", [](const Tensor& x, const Dims& d, bool k) { return x.mean(d, k); });
      add("prod", [](const Tensor& x, const Dims& d, bool k) { return x.prod(d, k); });
      add("var", [](const Tensor& x, const Dims& d, bool k) { return x.var(d, 1, k); });
      add("std", [](const Tensor& x, const Dims& d, bool k) { return x.std(d, 0, k); });
      add("amax", [](const Tensor& x, const Dims& d, bool k) { return x.amax(d, k); });
      add("amin", [](const Tensor& x, const Dims& d, bool k) { return x.amin(d, k); });
      add("logsumexp", [](const Tensor& x, const Dims& d, bool k) { return x.logsumexp(d, k); });
      for (const double p : {0.5, 1.0, 1.5, 2.0, 3.0, double{INFINITY}, -double{INFINITY}})
        add("norm " + std::to_string(p),
            [p](const Tensor& x, const Dims& d, bool k) { return x.norm(p, d, k); });
    }
  return all;
}

TEST_P(ReductionGradient, AgreesWithFiniteDifferences) {
  for (const auto& [name, f] : functions()) {
    const auto result = gradcheck([&f = f](const Inputs& x) { return f(x[0]); },
                                  {variable({2, 3, 4}, device(), -2, 2, 3)});
    EXPECT_TRUE(result) << name << ": " << result.message;
  }
}

// The gradient as a function: recorded within finite differences, too.
Tensor gradient_of(const Function& f, const Tensor& input) {
  const GradMode on(true);
  const Tensor x = input.requires_grad() ? input : input.detach().requires_grad_();
  const Tensor y = f(x);
  return grad((y * y + y).sum(), {x}, {}, {.create_graph = true})[0];
}

TEST_P(ReductionGradient, IsDifferentiableItself) {
  for (const auto& [name, f] : functions()) {
    const auto result =
        gradcheck([&f = f](const Inputs& x) { return gradient_of(f, x[0]); },
                  {variable({2, 3, 4}, device(), 0.3, 2, 3)}, {.step = 1e-5, .atol = 1e-4});
    EXPECT_TRUE(result) << name << ": " << result.message;
  }
}

TEST_P(ReductionGradient, OfProductsWithZeros) {
  const std::vector<double> values = {2, 3, 4, 0, 5, 6, 0, 7, 0, 0, 0, 0};
  const std::vector<double> expected = {12, 8, 6, 30, 0, 0, 0, 0, 0, 0, 0, 0};
  for (const bool create_graph : {false, true}) {
    const Tensor x = leaf(values, {4, 3});
    const Tensor dx = grad(x.prod(1).sum(), {x}, {}, {.create_graph = create_graph})[0];
    expect_near(dx, expected, 0, 1e-12, "rows without, with one, two and three zeros");
  }
  const auto result = gradcheck(
      [](const Inputs& x) { return gradient_of([](auto& t) { return t.prod(1); }, x[0]); },
      {leaf(values, {4, 3})}, {.step = 1e-5, .atol = 1e-4});
  EXPECT_TRUE(result) << result.message;
  const Tensor one = leaf({0}, {1});
  expect_near(grad(one.prod(), {one})[0], {1}, 0, 0, "of one element");
}

TEST_P(ReductionGradient, IsSharedByEqualElements) {
  const Tensor x = leaf({1, 3, 3, 3, 2, 3}, {2, 3});
  expect_near(grad(x.amax(1).sum(), {x})[0], {0, 0.5, 0.5, 0.5, 0, 0.5}, 0, 0, "amax");
  expect_near(grad(x.max(), {x})[0], {0, 0.25, 0.25, 0.25, 0, 0.25}, 0, 0, "max");
  expect_near(grad(x.max(1).values.sum(), {x})[0], {0, 1, 0, 1, 0, 0}, 0, 0, "max of rows");
  expect_near(grad(x.norm(INFINITY), {x})[0], {0, 0.25, 0.25, 0.25, 0, 0.25}, 0, 0, "norm");
  const Tensor nan = leaf({1, NAN, 3}, {3});
  expect_near(grad(nan.amin(), {nan})[0], {0, 1, 0}, 0, 0, "a NaN is the extreme");
}

TEST_P(ReductionGradient, IsZeroAtZeroNorm) {
  for (const double p : {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, double{INFINITY}}) {
    const Tensor x = leaf({0, 0, 0}, {3});
    expect_near(grad(x.norm(p), {x})[0], {0, 0, 0}, 0, 0, "norm " + std::to_string(p));
  }
  const Tensor x = leaf({2, 2}, {2});
  expect_near(grad(x.std(), {x})[0], {0, 0}, 0, 0, "std");
  const Tensor y = leaf({0, 3}, {2});
  expect_near(grad(y.norm(1.5), {y})[0], {0, 1}, 0, 1e-12, "beside a zero");
}

TEST_P(ReductionGradient, OfLogSumExpWhereAllIsMinusInfinity) {
  const Tensor x = leaf({-INFINITY, -INFINITY, 0, -INFINITY}, {2, 2});
  expect_near(grad(x.logsumexp(1).sum(), {x})[0], {0, 0, 1, 0}, 0, 0, "logsumexp");
}

TEST_P(ReductionGradient, OfASumIsAnExpandedScalar) {
  for (const bool mean : {false, true}) {
    Strides arrived;
    const Tensor x = variable({40, 50}, device());
    const Tensor y =
        record("probe", x.detach().clone(), {x}, [&](const Tensor& gradient, const NeededInputs&) {
          arrived = gradient.strides();
          return std::vector<Tensor>{gradient};
        });
    (void)grad(mean ? y.mean() : y.sum(), {x});
    EXPECT_EQ(arrived, (Strides{0, 0}));
  }
}

TEST_P(ReductionGradient, OfEmptySlices) {
  const Tensor x = leaf({}, {2, 0});
  for (const Function& f : std::vector<Function>{
           [](const Tensor& t) { return t.sum(1); }, [](const Tensor& t) { return t.prod(1); },
           [](const Tensor& t) { return t.mean(1); }, [](const Tensor& t) { return t.norm(2, 1); },
           [](const Tensor& t) { return t.var(1); }, [](const Tensor& t) { return t.amax(0); },
           [](const Tensor& t) { return t.logsumexp(1); }})
    EXPECT_EQ(grad(f(x).sum(), {x})[0].shape(), (Shape{2, 0}));
}

TEST_P(ReductionGradient, DtypesAndWrongUses) {
  const Tensor x = ones({2, 3}, {.dtype = float32, .device = device()});
  EXPECT_EQ(x.sum(float64).dtype(), float64);
  EXPECT_EQ(x.to(int64).mean(float32).dtype(), float32);
  EXPECT_EQ(x.to(uint8).sum({}, false, uint8).dtype(), uint8);
  EXPECT_EQ(x.norm(2, {}, false, float64).dtype(), float64);
  EXPECT_EQ((x == 1).amax().dtype(), boolean);
  EXPECT_EQ((x == 1).prod().dtype(), int64);
  const Tensor i = x.to(int64);
  const std::string floating =
      ": expected a floating dtype, got int64; convert first, with .to(float32) for example";
  EXPECT_EQ(error_of([&] { (void)i.mean(); }), "mean" + floating);
  EXPECT_EQ(error_of([&] { (void)i.var(); }), "var" + floating);
  EXPECT_EQ(error_of([&] { (void)i.std(1); }), "std" + floating);
  EXPECT_EQ(error_of([&] { (void)i.norm(); }), "norm" + floating);
  EXPECT_EQ(error_of([&] { (void)i.norm(0); }), "norm" + floating);
  EXPECT_EQ(error_of([&] { (void)i.logsumexp(0); }), "logsumexp" + floating);
  EXPECT_EQ(error_of([&] { (void)(x == 1).argmin(); }),
            "argmin: not defined for bool; convert first, with .to(float32) for example");
  EXPECT_EQ(error_of([&] { (void)x.amax(2); }),
            "amax: dimension 2 is out of range for a tensor of 2 dimensions; -2 to 1 are valid");
  EXPECT_EQ(error_of([&] {
              (void)x.prod({1, -1});
            }),
            "prod: dimension -1 of shape [2, 3] is given twice");
  const Tensor none = zeros({0, 3}, {.device = device()});
  EXPECT_EQ(error_of([&] {
              (void)none.amin({1, 0});
            }),
            "amin: dimension 0 of shape [0, 3] is empty and has no result; reduce over one that is "
            "not");
  EXPECT_EQ(
      error_of([&] { (void)none.max(); }),
      "max: a tensor of shape [0, 3] has no elements, and so no result; give a dimension that "
      "is not empty");
  EXPECT_EQ(none.amin(1).shape(), Shape{0});
  EXPECT_EQ(error_of([] { (void)Tensor().any(); }),
            "any: got an undefined tensor; was a default-constructed Tensor never assigned?");
}

TEST_P(ReductionGradient, ALongSumKeepsItsDigits) {
  // Equal numbers, whose roundings do not cancel.
  const int64_t n = int64_t{1} << (device().is_cpu() ? 25 : 20);
  const Tensor x = full({1}, 0.1, {.dtype = float32, .device = device()}).expand({n});
  const double expected = static_cast<double>(n) * static_cast<double>(0.1f);
  // A GPU's threads compensate their sums; joining those of 2^k threads and blocks is a tree, which
  // rounds k times by half a unit (6e-8) at most, here up to 13 times, and the result once more.
  const double allowed = device().is_cpu() ? 1.2e-7 : 5e-7;
  EXPECT_NEAR(x.sum().item(), expected, expected * allowed);
  EXPECT_NEAR(x.mean().item(), static_cast<double>(0.1f), 3e-8);
}

}  // namespace
}  // namespace cuttle::test
