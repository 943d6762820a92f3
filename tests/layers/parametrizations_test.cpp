// weight_norm and spectral_norm against PyTorch (tests/golden/generate_parametrizations.py), their
// gradients, what becomes of the module, and errors.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/layers/convolution/conv_transpose.h>
#include <cuttle/layers/parametrizations.h>

#include <functional>
#include <map>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;
using parametrizations::spectral_norm;
using parametrizations::weight_norm;
using Values = std::vector<double>;

template <class M>
M in_double(M layer) {
  layer.to(float64);
  return layer;
}

std::shared_ptr<Module> make_layer(const std::string& name) {
  static const std::map<std::string, std::function<AnyModule()>> makers = {
      {"weight_norm_linear", [] { return weight_norm(in_double(Linear(3, 4))); }},
      {"weight_norm_linear_whole",
       [] { return weight_norm(in_double(Linear(3, 4)), {.dim = {}}); }},
      {"weight_norm_linear_columns",
       [] { return weight_norm(in_double(Linear(3, 4)), {.dim = 1}); }},
      {"weight_norm_conv2d", [] { return weight_norm(in_double(Conv2d(2, 3, 2))); }},
      {"spectral_norm_linear", [] { return spectral_norm(Linear(3, 4)); }},
      {"spectral_norm_conv2d",
       [] { return spectral_norm(Conv2d(2, 3, 2, {.bias = false}), {.n_power_iterations = 2}); }},
      {"spectral_norm_conv_transpose1d", [] { return spectral_norm(ConvTranspose1d(2, 3, 2)); }},
      {"spectral_norm_columns", [] { return spectral_norm(Linear(3, 4), {.dim = 1}); }},
  };
  return makers.at(name)().get();
}

class Parametrizations : public DeviceTest {
 protected:
  void step(Module& layer, const json& c, const json* expected, double tolerance) {
    const auto name = c["name"].get<std::string>();
    const Shape shape(c["shape"].get<std::vector<int64_t>>());
    Tensor x = (rand(shape) - 0.5).to(device(), float64).detach().requires_grad_();
    layer.zero_grad();
    const Tensor y = layer(x);
    (y * rand(y.shape()).to(device(), float64)).sum().backward();
    if (expected == nullptr) return;
    expect_near(y, (*expected)["output"].get<Values>(), tolerance, tolerance, name + " output");
    expect_near(x.grad(), (*expected)["input_grad"].get<Values>(), tolerance, tolerance,
                name + " dx");
    const auto parameters = layer.named_parameters();
    EXPECT_EQ(parameters.size(), (*expected)["parameter_grads"].size()) << name;
    for (const auto& [key, parameter] : parameters)
      expect_near(parameter.grad(), (*expected)["parameter_grads"][key].get<Values>(), tolerance,
                  tolerance, name + " " + key);
  }
};
CUTTLE_INSTANTIATE_DEVICES(Parametrizations);

TEST_P(Parametrizations, AreThoseOfPyTorch) {
  const json cases = load_golden("parametrizations.json");
  ASSERT_EQ(cases.size(), 8u);
  for (const json& c : cases) {
    const auto name = c["name"].get<std::string>();
    const bool is_spectral = name.starts_with("spectral");
    // Singular vectors start as float32 numbers, of another library's logarithm and cosine.
    const double tolerance = is_spectral ? 2e-6 : 1e-12;
    manual_seed(7);
    const std::shared_ptr<Module> layer = make_layer(name);
    layer->to(device(), float64);
    if (is_spectral) {
      EXPECT_EQ(layer->str(), c["printed"].get<std::string>());
    }
    step(*layer, c, nullptr, tolerance);
    step(*layer, c, nullptr, tolerance);
    step(*layer, c, &c["training"], tolerance);
    const StateDict state = layer->state_dict();
    size_t count = 0;
    for (const auto& [key, tensor] : state) {
      ASSERT_TRUE(c["state"].contains(key)) << name << " " << key;
      expect_near(tensor, c["state"][key].get<Values>(), tolerance, tolerance, name + " " + key);
      ++count;
    }
    EXPECT_EQ(count, c["state"].size()) << name;
    layer->eval();
    step(*layer, c, &c["eval"], tolerance);
  }
}

TEST_P(Parametrizations, ComputeTheWeightInEachCall) {
  class Model : public Module {
   public:
    Tensor forward(const Tensor& x) override { return fc(x); }
    Linear& fc = register_module("fc", weight_norm(Linear(3, 2, {.bias = false})));
  };
  Model moved;
  Model model = std::move(moved);
  model.to(device());
  const Tensor x = rand({4, 3}).to(device());
  EXPECT_EQ(model.str(),
            "Model(\n  (fc): ParametrizedLinear(\n    in_features=3, out_features=2, bias=False\n"
            "    (parametrizations): ModuleDict(\n      (weight): ParametrizationList(\n"
            "        (0): _WeightNorm()\n      )\n    )\n  )\n)");
  const auto parameters = model.named_parameters();
  ASSERT_EQ(parameters.size(), 2u);
  EXPECT_EQ(parameters[0].first, "fc.parametrizations.weight.original0");
  EXPECT_EQ(parameters[0].second.shape(), (Shape{2, 1}));
  Tensor g = parameters[0].second;
  const Tensor v = parameters[1].second, before = model(x);
  expect_near(before, x.matmul(v.t()).to_vector<double>(), 1e-6, 1e-6, "at first the weight is v");
  EXPECT_FALSE(model.fc.weight.is_leaf());
  {
    const NoGradGuard no_grad;
    g.mul_(2);
  }
  expect_near(model(x), (before * 2).to_vector<double>(), 1e-6, 1e-6, "twice the norm");
  expect_near(model.fc.weight.norm(2, 1), g.flatten().to_vector<double>(), 1e-6, 1e-6, "norms");
  Model other;
  other.to(device());
  other.load_state_dict(model.state_dict());
  EXPECT_EQ(other(x).to_vector<double>(), model(x).to_vector<double>());
}

TEST_P(Parametrizations, SpectralNormDividesByTheLargestSingularValue) {
  Linear layer(2, 2, {.bias = false});
  {
    const NoGradGuard no_grad;
    layer.weight.copy_(tensor({3.f, 0.f, 0.f, 1.f}, {2, 2}));
  }
  spectral_norm(layer);
  layer.to(device()).eval();
  const Tensor x = ones({1, 2}, {.device = device()});
  expect_near(layer(x), {1, 1.0 / 3}, 1e-5, 0, "divided by 3");
  const auto u = layer.named_buffers()[0].second.to_vector<double>();
  (void)layer(x);
  EXPECT_EQ(layer.named_buffers()[0].second.to_vector<double>(), u);  // evaluation iterates nothing
}

TEST_P(Parametrizations, SecondDerivatives) {
  Conv2d layer(1, 2, 2);
  weight_norm(layer);
  layer.to(device(), float64);
  const Tensor x = rand({1, 1, 3, 3}).to(device(), float64).detach().requires_grad_();
  const auto function = [&](const std::vector<Tensor>& in) { return layer(in[0]).tanh(); };
  const GradcheckResult first = gradcheck(function, {x}), second = gradgradcheck(function, {x});
  EXPECT_TRUE(first) << first.message;
  EXPECT_TRUE(second) << second.message;
}

TEST(ParametrizationErrors, NameWhatIsWrong) {
  Linear layer(3, 4, {.bias = false});
  EXPECT_EQ(error_of([&] { weight_norm(layer, {.name = "scale"}); }),
            "weight_norm: Linear has no parameter \"scale\"");
  EXPECT_EQ(error_of([&] { spectral_norm(layer, {.name = "bias"}); }),
            "spectral_norm: Linear has no parameter \"bias\"");
  EXPECT_EQ(error_of([&] { spectral_norm(layer, {.n_power_iterations = 0}); }),
            "spectral_norm: n_power_iterations must be at least 1, got 0");
  weight_norm(layer);
  EXPECT_EQ(error_of([&] { spectral_norm(layer); }),
            "spectral_norm: \"weight\" of ParametrizedLinear is computed from other parameters "
            "already");
}

}  // namespace
}  // namespace cuttle::test
