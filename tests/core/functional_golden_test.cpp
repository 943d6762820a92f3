// Derivatives of functions as PyTorch has them (tests/golden/generate_derivatives.py).
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/functional.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>

#include <map>

#include "golden_values.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using Tensors = std::vector<Tensor>;

std::map<std::string, TensorsFunction> functions() {
  const auto on = [](const Tensor& x, const Tensor& y) { return y.to(x.device()); };
  return {
      {"exp", [](const Tensors& x) { return x[0].exp(); }},
      {"softmax", [](const Tensors& x) { return x[0].softmax(-1); }},
      {"two outputs",
       [](const Tensors& x) {
         return Tensors{x[0] * x[1], x[0].sum() * x[1].exp()};
       }},
      {"partly independent",
       [](const Tensors& x) {
         return Tensors{x[0] * 2, x[1] * x[1]};
       }},
      {"conv2d",
       [](const Tensors& x) {
         return conv2d(x[0], x[1], {}, {.stride = {2, 1}, .padding = 1, .groups = 2});
       }},
      {"cubic", [](const Tensors& x) { return x[0].pow(3).sum(); }},
      {"bilinear", [](const Tensors& x) { return matmul(x[0], x[1]).tanh().sum(); }},
      {"linear", [](const Tensors& x) { return (x[0] * 2).sum(); }},
      {"network",
       [](const Tensors& x) {
         const Tensor pooled = conv2d_max_pool2d(x[0], x[1], {}, {.padding = 1}, Activation::relu);
         return linear(pooled.flatten(1), x[2]).sigmoid().sum();
       }},
      {"cross entropy",
       [on](const Tensors& x) {
         return cross_entropy(x[0], on(x[0], tensor<int64_t>({0, 2, 1, 2})),
                              on(x[0], tensor({0.5, 2.0, 1.0})),
                              {.ignore_index = 1, .label_smoothing = 0.2});
       }},
      {"log softmax", [](const Tensors& x) { return x[0].log_softmax(0).pow(2).sum(); }},
  };
}

class FunctionalGolden : public DeviceTest {
 protected:
  /// Calls f(name, function, what PyTorch found, inputs).
  template <class F>
  void for_each_case(F&& f) {
    const nlohmann::json golden = load_golden("derivatives.json")["cases"];
    const auto all = functions();
    ASSERT_EQ(golden.size(), all.size());
    for (const auto& [name, c] : golden.items()) {
      Tensors inputs;
      for (size_t i = 0; i < c["shapes"].size(); ++i)
        inputs.push_back(tensor_of(c["inputs"][i], shape_of(c["shapes"][i])));
      f(name, all.at(name), c, inputs);
    }
  }
  Tensor tensor_of(const nlohmann::json& values, const Shape& shape) const {
    return tensor(numbers(values), shape, {.dtype = float64, .device = device()});
  }
  Tensors like(const nlohmann::json& lists, const Tensors& tensors) const {
    Tensors all;
    for (size_t i = 0; i < tensors.size(); ++i)
      all.push_back(tensor_of(lists[i], tensors[i].shape()));
    return all;
  }
  static void compare(const Tensors& found, const nlohmann::json& expected,
                      const std::string& what) {
    ASSERT_EQ(found.size(), expected.size()) << what;
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_FALSE(found[i].requires_grad()) << what;
      expect_near(found[i], numbers(expected[i]), 1e-12, 1e-10, what + " " + std::to_string(i));
    }
  }
};
CUTTLE_INSTANTIATE_DEVICES(FunctionalGolden);

TEST_P(FunctionalGolden, ProductsWithTheJacobian) {
  for_each_case([&](const auto& name, const auto& f, const auto& c, const Tensors& inputs) {
    const auto [output, along] = jvp(f, inputs, like(c["along"], inputs));
    compare(output, c["outputs"], name + " output");
    compare(along, c["jvp"], name + " jvp");
    const auto [same, back] = vjp(f, inputs, like(c["back"], output));
    compare(same, c["outputs"], name + " output of vjp");
    compare(back, c["vjp"], name + " vjp");
  });
}

TEST_P(FunctionalGolden, Jacobians) {
  for_each_case([&](const auto& name, const auto& f, const auto& c, const Tensors& inputs) {
    if (!c.contains("jacobian")) return;
    const auto found = jacobian(f, inputs);
    ASSERT_EQ(found.size(), c["jacobian"].size());
    for (size_t i = 0; i < found.size(); ++i) compare(found[i], c["jacobian"][i], name);
  });
}

TEST_P(FunctionalGolden, Hessians) {
  for_each_case([&](const auto& name, const auto& f, const auto& c, const Tensors& inputs) {
    if (!c.contains("hvp")) return;
    const Tensors v = like(c["along"], inputs);
    compare(hvp(f, inputs, v).second, c["hvp"], name + " hvp");
    compare(vhp(f, inputs, v).second, c["vhp"], name + " vhp");
    if (!c.contains("hessian")) return;
    const auto found = hessian(f, inputs);
    for (size_t i = 0; i < found.size(); ++i) compare(found[i], c["hessian"][i], name);
  });
}

TEST_P(FunctionalGolden, GradientsOfAGradientPenalty) {
  for_each_case([&](const auto& name, const auto& f, const auto& c, Tensors inputs) {
    for (Tensor& x : inputs) x.requires_grad_();
    Tensors squares, penalties;
    for (const Tensor& y : f(inputs)) squares.push_back(y.pow(2).sum());
    for (const Tensor& g : grad(squares, inputs, {}, {.create_graph = true}))
      penalties.push_back(g.pow(2).sum());
    compare(grad(penalties, inputs), c["penalty"], name);
  });
}

}  // namespace
}  // namespace cuttle::test
