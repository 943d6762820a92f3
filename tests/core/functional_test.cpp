// vjp, jvp, jacobian, hessian, vhp and hvp against closed forms, and what they refuse.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/functional.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Tensors = std::vector<Tensor>;
using V = std::vector<double>;

class Functional : public DeviceTest {
 protected:
  Tensor vector(std::initializer_list<double> values) const { return tensor(values).to(device()); }
};
CUTTLE_INSTANTIATE_DEVICES(Functional);

Tensor squares(const Tensor& x) {
  return x * x;
}
Tensor cubes(const Tensor& x) {
  return (x * x * x).sum();
}
// aᵀ · b, and a · Σb.
Tensors products(const Tensors& x) {
  return {(x[0] * x[1]).sum(), x[0] * x[1].sum()};
}

TEST_P(Functional, OfOneTensor) {
  const Tensor x = vector({1, 2, 3}), v = vector({1, 10, 100});
  const auto [y, back] = vjp(squares, x, v);
  EXPECT_EQ(y.to_vector<double>(), (V{1, 4, 9}));
  EXPECT_EQ(back.to_vector<double>(), (V{2, 40, 600}));
  EXPECT_EQ(jvp(squares, x, v).second.to_vector<double>(), (V{2, 40, 600}));
  EXPECT_EQ(jacobian(squares, x).to_vector<double>(), (V{2, 0, 0, 0, 4, 0, 0, 0, 6}));
  EXPECT_EQ(hessian(cubes, x).to_vector<double>(), (V{6, 0, 0, 0, 12, 0, 0, 0, 18}));
  EXPECT_EQ(vhp(cubes, x, v).second.to_vector<double>(), (V{6, 120, 1800}));
  EXPECT_EQ(hvp(cubes, x, v).second.to_vector<double>(), (V{6, 120, 1800}));
  EXPECT_EQ(hvp(cubes, x, v).first.item(), 36);
  EXPECT_FALSE(x.requires_grad());
}

TEST_P(Functional, OfSeveralTensors) {
  const Tensor a = vector({1, 2}), b = vector({3, 4});
  const auto j = jacobian(products, {a, b});
  ASSERT_EQ(j.size(), 2);
  EXPECT_EQ(j[0][0].shape(), (Shape{2}));
  EXPECT_EQ(j[0][0].to_vector<double>(), (V{3, 4}));
  EXPECT_EQ(j[0][1].to_vector<double>(), (V{1, 2}));
  EXPECT_EQ(j[1][0].to_vector<double>(), (V{7, 0, 0, 7}));
  EXPECT_EQ(j[1][1].to_vector<double>(), (V{1, 1, 2, 2}));
  const auto first = [](const Tensors& x) { return products(x)[0]; };
  const auto h = hessian(first, {a, b});
  EXPECT_EQ(h[0][0].to_vector<double>(), (V{0, 0, 0, 0}));
  EXPECT_EQ(h[0][1].to_vector<double>(), (V{1, 0, 0, 1}));
  const auto [y, along] = jvp(products, {a, b}, {vector({1, 0}), vector({0, 1})});
  EXPECT_EQ(along[0].item(), 5);
  EXPECT_EQ(along[1].to_vector<double>(), (V{8, 2}));
  EXPECT_EQ(y[0].item(), 11);
  // One tensor in two places is two variables.
  EXPECT_EQ(jacobian(first, {a, a})[0][1].to_vector<double>(), (V{1, 2}));
}

TEST_P(Functional, VMayBeLeftOutOfOneElement) {
  EXPECT_EQ(vjp(cubes, vector({1, 2})).second.to_vector<double>(), (V{3, 12}));
  EXPECT_EQ(jvp(squares, vector({3})).second.item(), 6);
  EXPECT_EQ(hvp(cubes, vector({3})).second.item(), 18);
  EXPECT_EQ(vhp(cubes, vector({3})).second.item(), 18);
}

TEST_P(Functional, GivesZerosWhereNothingDepends) {
  const Tensor x = vector({1, 2});
  const auto constant = [](const Tensor& in) { return in.detach() * 3; };
  const auto linear = [](const Tensor& in) { return (in * 3).sum(); };
  EXPECT_EQ(jacobian(constant, x).to_vector<double>(), (V{0, 0, 0, 0}));
  EXPECT_EQ(jvp(constant, x, x).second.to_vector<double>(), (V{0, 0}));
  EXPECT_EQ(vjp(constant, x, x).second.to_vector<double>(), (V{0, 0}));
  EXPECT_EQ(hessian(linear, x).to_vector<double>(), (V{0, 0, 0, 0}));
  EXPECT_EQ(hvp(linear, x, x).second.to_vector<double>(), (V{0, 0}));
  EXPECT_EQ(vhp(linear, x, x).second.to_vector<double>(), (V{0, 0}));
  EXPECT_EQ(jacobian(squares, zeros({0}, {.dtype = float64, .device = device()})).shape(),
            (Shape{0, 0}));
}

TEST_P(Functional, WithoutCreateGraphRecordsNothing) {
  const Tensor x = variable({2}, device());
  const NoGradGuard no_grad;  // they record inside all the same
  EXPECT_FALSE(jacobian(squares, x).requires_grad());
  EXPECT_FALSE(vjp(squares, x, x).first.requires_grad());
  EXPECT_FALSE(hvp(cubes, x, x).second.requires_grad());
  EXPECT_FALSE(is_grad_enabled());
}

TEST_P(Functional, CreateGraphLeadsBackToTheInputsAndToV) {
  const Tensor x = vector({1, 2}).requires_grad_(), v = vector({3, 5}).requires_grad_();
  const FunctionalOptions again{.create_graph = true};
  EXPECT_EQ(grad(jacobian(squares, x, again).sum(), {x})[0].to_vector<double>(), (V{2, 2}));
  EXPECT_EQ(grad(hessian(cubes, x, again).sum(), {x})[0].to_vector<double>(), (V{6, 6}));
  const auto of = [&](const Tensor& product) { return grad(product.sum(), {x, v}); };
  for (const Tensor& product :
       {vjp(squares, x, v, again).second, jvp(squares, x, v, again).second}) {
    const Tensors g = of(product);  // 2vx
    EXPECT_EQ(g[0].to_vector<double>(), (V{6, 10}));
    EXPECT_EQ(g[1].to_vector<double>(), (V{2, 4}));
  }
  for (const Tensor& product : {hvp(cubes, x, v, again).second, vhp(cubes, x, v, again).second}) {
    const Tensors g = of(product);  // 6vx
    EXPECT_EQ(g[0].to_vector<double>(), (V{18, 30}));
    EXPECT_EQ(g[1].to_vector<double>(), (V{6, 12}));
  }
  const Tensors output = grad(vjp(squares, x, v, again).first.sum(), {x});
  EXPECT_EQ(output[0].to_vector<double>(), (V{2, 4}));
}

TEST_P(Functional, StrictForbidsIndependence) {
  const Tensor x = vector({1, 2});
  const FunctionalOptions strict{.strict = true};
  const auto constant = [](const Tensor& in) { return in.detach().sum(); };
  const auto first = [](const Tensors& in) { return in[0] * 2; };
  EXPECT_EQ(error_of([&] { (void)vjp(constant, x, {}, strict); }),
            "vjp: output 0 depends on no input, which strict forbids");
  EXPECT_EQ(error_of([&] {
              (void)jacobian(first, {x, x}, strict);
            }),
            "jacobian: output 0 does not depend on input 1, which strict forbids");
  EXPECT_EQ(error_of([&] {
              (void)vjp(first, {x, x}, {x}, strict);
            }),
            "vjp: no output depends on input 1, which strict forbids");
  EXPECT_EQ(
      error_of([&] { (void)vhp([](const Tensor& in) { return (in * 2).sum(); }, x, x, strict); }),
      "vhp: the gradient does not depend on input 0, which strict forbids");
}

TEST_P(Functional, SaysWhatDoesNotFit) {
  const Tensor x = vector({1, 2});
  EXPECT_EQ(error_of([&] { (void)vjp(squares, x); }),
            "vjp: v needs 1 tensor, got 0; it can be left out where there is one element");
  EXPECT_EQ(error_of([&] { (void)jvp(squares, x, vector({1})); }),
            "jvp: v[0] must have shape [2] and dtype float64, got [1] and float64");
  EXPECT_EQ(error_of([&] {
              (void)vjp(products, {x, x}, {x, Tensor()});
            }),
            "vjp: v[0] must have shape [] and dtype float64, got [2] and float64");
  EXPECT_EQ(error_of([&] { (void)hessian(squares, x); }),
            "hessian: the function must give a tensor of one element, got shape [2]; is a .sum() "
            "missing?");
  EXPECT_EQ(error_of([&] {
              (void)hvp(products, {x, x}, {x, x});
            }),
            "hvp: the function must give one tensor, of one element, got 2");
  EXPECT_EQ(
      error_of([&] { (void)jacobian(squares, arange(3, {.device = device()})); }),
      "jacobian: input 0 is int64, which has no derivatives; convert it with .to(float32) for "
      "example");
  EXPECT_EQ(error_of([&] { (void)jacobian(squares, Tensor()); }), "jacobian: input 0 is undefined");
}

// grad and backward of several outputs at once.
TEST_P(Functional, GradOfSeveralOutputs) {
  const Tensor x = vector({1, 2}).requires_grad_(), w = vector({3}).requires_grad_();
  const Tensor y = x * w, z = (x * x).sum();
  const Tensors g = grad({y, z}, {x, w}, {vector({1, 10}), Tensor()}, {.retain_graph = true});
  EXPECT_EQ(g[0].to_vector<double>(), (V{5, 34}));
  EXPECT_EQ(g[1].to_vector<double>(), (V{21}));
  backward({z, w * 2}, {}, {.retain_graph = true});
  EXPECT_EQ(x.grad().to_vector<double>(), (V{2, 4}));
  EXPECT_EQ(w.grad().item(), 2);
  EXPECT_EQ(grad({z, z}, {x}, {}, {.retain_graph = true})[0].to_vector<double>(), (V{4, 8}));
  EXPECT_EQ(error_of([&] {
              (void)grad({y, z}, {x}, {y});
            }),
            "grad: expected one gradient for each of 2 tensors, got 1");
  EXPECT_EQ(error_of([&] { backward(Tensors{}); }), "backward: there is no tensor to start at");
}

}  // namespace
}  // namespace cuttle::test
