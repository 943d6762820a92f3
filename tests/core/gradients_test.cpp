// gradcheck of every differentiable operation, on operands in awkward layouts too.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/cross_entropy.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "samples.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

using Inputs = std::vector<Tensor>;

struct Case {
  std::string name;
  TensorFunction function;
  std::vector<Shape> shapes;
  double low = 0.5, high = 2;
};

Tensor in_place(const Tensor& x, const std::function<void(Tensor&)>& change) {
  Tensor y = x * 1;
  change(y);
  return y;
}

std::vector<Case> arithmetic() {
  return {
      {"add", [](const Inputs& x) { return x[0] + x[1]; }, {{2, 3}, {3}}},
      {"sub", [](const Inputs& x) { return x[0] - x[1]; }, {{2, 3}, {2, 1}}},
      {"mul", [](const Inputs& x) { return x[0] * x[1]; }, {{2, 3}, {1, 3}}},
      {"div", [](const Inputs& x) { return x[0] / x[1]; }, {{3}, {2, 3}}},
      {"add 0-dim", [](const Inputs& x) { return x[0] + x[1]; }, {{}, {3}}},
      {"mul self", [](const Inputs& x) { return x[0] * x[0]; }, {{5}}},
      {"scalars",
       [](const Inputs& x) { return 2 / (3 - x[0]) + (x[0] * 2 - 1) / 4 + 5; },
       {{5}},
       0,
       2},
      {"maximum", [](const Inputs& x) { return maximum(x[0], x[1]); }, {{7}, {2, 7}}},
      {"minimum", [](const Inputs& x) { return minimum(x[0], x[1]); }, {{7}, {2, 7}}},
      {"pow 3", [](const Inputs& x) { return pow(x[0], 3); }, {{5}}, -2, 2},
      {"pow 0", [](const Inputs& x) { return pow(x[0], 0); }, {{5}}},
      {"pow -1.5", [](const Inputs& x) { return x[0].pow(-1.5); }, {{5}}},
      {"neg", [](const Inputs& x) { return -x[0]; }, {{5}}},
      {"abs", [](const Inputs& x) { return x[0].abs(); }, {{33}}, -2, 2},
      {"exp", [](const Inputs& x) { return x[0].exp(); }, {{5}}},
      {"log", [](const Inputs& x) { return x[0].log(); }, {{5}}},
      {"sqrt", [](const Inputs& x) { return x[0].sqrt(); }, {{5}}},
      {"relu", [](const Inputs& x) { return x[0].relu(); }, {{33}}, -2, 2},
      {"sigmoid", [](const Inputs& x) { return x[0].sigmoid(); }, {{5}}, -2, 2},
      {"tanh", [](const Inputs& x) { return x[0].tanh(); }, {{5}}, -2, 2},
  };
}

std::vector<Case> reductions_and_products() {
  return {
      {"sum", [](const Inputs& x) { return x[0].sum(); }, {{2, 3, 4}}},
      {"sum dims",
       [](const Inputs& x) {
         return x[0].sum({0, -1});
       },
       {{2, 3, 4}}},
      {"sum keepdim", [](const Inputs& x) { return x[0].sum(1, true); }, {{2, 3, 4}}},
      {"mean", [](const Inputs& x) { return x[0].mean(1); }, {{2, 3}}},
      {"mean all", [](const Inputs& x) { return x[0].mean(); }, {{2, 3}}},
      {"empty sum", [](const Inputs& x) { return x[0].sum(0); }, {{0, 3}}},
      {"softmax", [](const Inputs& x) { return x[0].softmax(-1); }, {{3, 5}}, -3, 3},
      {"softmax 0", [](const Inputs& x) { return x[0].softmax(0); }, {{3, 5}}, -3, 3},
      {"softmax rank 0", [](const Inputs& x) { return x[0].softmax(0); }, {{}}},
      {"log_softmax", [](const Inputs& x) { return x[0].log_softmax(1); }, {{2, 4, 3}}, -3, 3},
      {"matmul", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{3, 4}, {4, 2}}},
      {"matmul vectors", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{4}, {4}}},
      {"matmul matrix vector", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{3, 4}, {4}}},
      {"matmul vector matrix", [](const Inputs& x) { return matmul(x[0], x[1]); }, {{4}, {4, 2}}},
      {"matmul batch",
       [](const Inputs& x) { return matmul(x[0], x[1]); },
       {{2, 1, 3, 2}, {3, 2, 2}}},
      {"matmul t", [](const Inputs& x) { return matmul(x[0].t(), x[1].t()); }, {{4, 3}, {2, 4}}},
      {"matmul self", [](const Inputs& x) { return matmul(x[0], x[0].t()); }, {{3, 2}}},
      {"linear",
       [](const Inputs& x) { return linear(x[0], x[1], x[2]); },
       {{2, 3, 4}, {5, 4}, {5}}},
      {"linear no bias", [](const Inputs& x) { return linear(x[0], x[1]); }, {{4}, {5, 4}}},
      {"linear in 0",
       [](const Inputs& x) { return linear(x[0], x[1], x[2]); },
       {{2, 0}, {3, 0}, {3}}},
  };
}

std::vector<Case> views_and_copies() {
  return {
      {"view",
       [](const Inputs& x) {
         return x[0].view({3, 2}) * 2;
       },
       {{2, 3}}},
      {"reshape copy", [](const Inputs& x) { return x[0].t().reshape({6}) * 2; }, {{2, 3}}},
      {"permute",
       [](const Inputs& x) {
         return x[0].permute({2, 0, 1}).exp();
       },
       {{2, 3, 4}}},
      {"expand",
       [](const Inputs& x) {
         return x[0].expand({4, 2, 3}).exp();
       },
       {{2, 1}}},
      {"select", [](const Inputs& x) { return x[0][1] * x[0].select(1, -1).sum(); }, {{2, 3}}},
      {"slice", [](const Inputs& x) { return x[0].slice(0, 1, 7, 2).exp(); }, {{7, 2}}},
      {"narrow",
       [](const Inputs& x) { return x[0].narrow(1, 1, 2) * x[0].narrow(1, 0, 2); },
       {{2, 3}}},
      {"squeeze", [](const Inputs& x) { return x[0].squeeze().unsqueeze(1).exp(); }, {{2, 1, 3}}},
      {"flatten", [](const Inputs& x) { return x[0].flatten(1).exp(); }, {{2, 3, 2}}},
      {"contiguous", [](const Inputs& x) { return x[0].t().contiguous().exp(); }, {{2, 3}}},
      {"channels last",
       [](const Inputs& x) { return x[0].contiguous(MemoryFormat::channels_last).exp(); },
       {{2, 3, 2, 2}}},
      {"clone", [](const Inputs& x) { return x[0].clone() * x[0]; }, {{3}}},
      {"to float and back",
       [](const Inputs& x) { return x[0].to(float32).to(float64).exp(); },
       {{3}}},
      {"cpu and back",
       [](const Inputs& x) { return x[0].cpu().exp().to(x[0].device()) * x[0]; },
       {{3}}},
      {"cat",
       [](const Inputs& x) {
         return cat({x[0], x[1], x[0]}, 1).exp();
       },
       {{2, 3}, {2, 1}}},
      {"stack",
       [](const Inputs& x) {
         return stack({x[0], x[1]}, -1).exp();
       },
       {{2, 3}, {2, 3}}},
      {"add_",
       [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y.add_(x[1], 2.5); }); },
       {{2, 3}, {3}}},
      {"sub_",
       [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y -= x[1]; }); },
       {{2, 3}, {3}}},
      {"mul_",
       [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y *= x[1]; }); },
       {{2, 3}, {3}}},
      {"div_",
       [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y /= x[1]; }); },
       {{2, 3}, {3}}},
      {"mul_ self",
       [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y *= y; }); },
       {{3}}},
      {"div_ self",
       [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y /= y; }); },
       {{3}}},
      {"scalars_",
       [](const Inputs& x) {
         return in_place(x[0], [&](Tensor& y) { ((y += 1) *= 3) -= 2, y /= 7; });
       },
       {{3}}},
      {"in place on a constant",
       [](const Inputs& x) {
         Tensor y = zeros_like(x[0].detach());
         y += x[0];
         y *= x[0];
         return y;
       },
       {{3}}},
      {"copy_",
       [](const Inputs& x) {
         return in_place(x[0], [&](Tensor& y) { y.copy_(x[1].exp()); }) + x[0];
       },
       {{2, 3}, {3}}},
      {"copy_ self",
       [](const Inputs& x) { return in_place(x[0], [&](Tensor& y) { y.copy_(y); }); },
       {{3}}},
  };
}

std::vector<Case> windows_and_losses() {
  return {
      {"conv2d",
       [](const Inputs& x) { return conv2d(x[0], x[1], x[2], {.padding = 1}); },
       {{2, 2, 4, 3}, {3, 2, 3, 3}, {3}},
       -1,
       1},
      {"conv2d options",
       [](const Inputs& x) {
         return conv2d(x[0], x[1], {},
                       {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2});
       },
       {{1, 4, 5, 4}, {4, 2, 2, 3}},
       -1,
       1},
      {"conv2d of a view",
       [](const Inputs& x) { return conv2d(x[0].transpose(2, 3), x[1]); },
       {{1, 2, 4, 5}, {1, 2, 2, 2}},
       -1,
       1},
      {"max_pool2d", [](const Inputs& x) { return max_pool2d(x[0], 2); }, {{2, 3, 5, 4}}, -2, 2},
      {"max_pool2d options",
       [](const Inputs& x) {
         return max_pool2d(x[0], {3, 2}, {.stride = 2, .padding = 1, .ceil_mode = true});
       },
       {{1, 2, 6, 5}},
       -2,
       2},
  };
}

class Gradients : public DeviceTest {
 protected:
  void check(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
      Inputs inputs;
      for (size_t i = 0; i < c.shapes.size(); ++i)
        inputs.push_back(variable(c.shapes[i], device(), c.low, c.high, i + 1));
      // Finite differences through float32 see steps of 1e-7 only: that case takes a wide one.
      const bool coarse = c.name == "to float and back";
      const auto result = gradcheck(c.function, inputs,
                                    {.step = coarse ? 1e-2 : 1e-6, .atol = coarse ? 1e-3 : 1e-5});
      EXPECT_TRUE(result) << c.name << ": " << result.message;
    }
  }
};
CUTTLE_INSTANTIATE_DEVICES(Gradients);

TEST_P(Gradients, Arithmetic) {
  check(arithmetic());
}
TEST_P(Gradients, ReductionsAndProducts) {
  check(reductions_and_products());
}
TEST_P(Gradients, ViewsAndCopies) {
  check(views_and_copies());
}
TEST_P(Gradients, WindowsAndLosses) {
  check(windows_and_losses());
}

TEST_P(Gradients, CrossEntropy) {
  const Tensor target = tensor<int64_t>({0, 2, 1, 2}).to(device());
  const Tensor weight = tensor({0.5, 2.0, 1.0}).to(device());
  for (const auto reduction : {LossReduction::mean, LossReduction::sum, LossReduction::none})
    for (const double smoothing : {0.0, 0.3}) {
      const auto result = gradcheck(
          [&](const Inputs& x) {
            return cross_entropy(
                x[0].t(), target, weight,
                {.reduction = reduction, .ignore_index = 1, .label_smoothing = smoothing});
          },
          {variable({3, 4}, device())});
      EXPECT_TRUE(result) << result.message;
    }
}

// Every layout of the operand, not only dense leaves.
TEST_P(Gradients, OperandsInEveryLayout) {
  for (auto& [layout, x] : layouts({2, 3, 4, 3}, device(), float64, -2, 2)) {
    if (layout == "repeated") continue;  // a leaf must own its elements for finite differences
    Tensor leaf = x.detach().requires_grad_();
    for (const auto& f : std::vector<TensorFunction>{
             [](const Inputs& i) {
               return i[0].exp().sum({1, 3}) + i[0].mean();
             },
             [](const Inputs& i) { return i[0].softmax(1); },
             [](const Inputs& i) { return i[0].relu() * i[0].tanh(); },
             [](const Inputs& i) { return matmul(i[0], i[0].transpose(2, 3)); },
             [](const Inputs& i) { return max_pool2d(i[0], 2); }}) {
      const auto result = gradcheck(f, {leaf});
      EXPECT_TRUE(result) << layout << ": " << result.message;
    }
  }
}

TEST_P(Gradients, EqualsShareTheGradientOfAnExtremum) {
  Tensor a = ones({3}, {.device = device()}).requires_grad_();
  Tensor b = ones({3}, {.device = device()}).requires_grad_();
  (maximum(a, b) + minimum(a, b) * 3).sum().backward();
  EXPECT_EQ(a.grad().to_vector<float>(), (std::vector<float>{2, 2, 2}));
  EXPECT_EQ(b.grad().to_vector<float>(), (std::vector<float>{2, 2, 2}));
}

TEST_P(Gradients, OfMixedDtypesComeInTheInputsDtype) {
  Tensor a = ones({3}, {.device = device()}).requires_grad_();
  Tensor b = ones({3}, {.dtype = float64, .device = device()}).requires_grad_();
  (a * b * tensor<int64_t>({1, 2, 3}).to(device())).sum().backward();
  EXPECT_EQ(a.grad().dtype(), float32);
  EXPECT_EQ(b.grad().to_vector<double>(), (std::vector<double>{1, 2, 3}));
}

}  // namespace
}  // namespace cuttle::test
