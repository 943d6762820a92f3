// Layers, losses and initialisers against PyTorch (tests/golden/generate_layers.py): same seed,
// same order of construction and draws, so equal weights and inputs.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/init.h>

#include <bit>
#include <functional>
#include <map>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;
using Values = std::vector<double>;

const json& golden() {
  static const json file = load_golden("layers.json");
  return file;
}

/// CRC-32 as zlib computes it.
uint32_t crc32(const std::vector<float>& values) {
  uint32_t crc = ~0u;
  for (const float value : values) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (int byte = 0; byte < 4; ++byte) {
      crc ^= bits >> (8 * byte) & 0xff;
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
  }
  return ~crc;
}

TEST(GoldenTutorial, InitialWeightsArePyTorchsToTheBit) {
  const json& tutorial = golden()["tutorial"];
  manual_seed(0);
  const TrainModule model;
  const auto parameters = model.named_parameters();
  ASSERT_EQ(parameters.size(), tutorial["parameters"].size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    const json& expected = tutorial["parameters"][i];
    const auto& [name, parameter] = parameters[i];
    EXPECT_EQ(name, expected["name"].get<std::string>());
    EXPECT_EQ(parameter.shape(), Shape(expected["shape"].get<std::vector<int64_t>>()));
    const auto values = parameter.to_vector<float>();
    for (size_t k = 0; k < expected["first_bits"].size(); ++k)
      EXPECT_EQ(std::bit_cast<int32_t>(values[k]), expected["first_bits"][k].get<int32_t>())
          << name << " " << k;
    EXPECT_EQ(crc32(values), expected["crc32"].get<uint32_t>()) << name;
  }
  EXPECT_EQ(model.str(), tutorial["printed"].get<std::string>());
}

class Golden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Golden);

TEST_P(Golden, TutorialLossAndGradients) {
  const json& tutorial = golden()["tutorial"];
  manual_seed(0);
  TrainModule model;
  const Tensor x = rand({4, 3, 32, 32}).to(device());
  const Tensor target = tensor<int64_t>({3, 1, 4, 1}).to(device());
  model.to(device());
  const Tensor loss = CrossEntropyLoss()(model(x), target);
  EXPECT_NEAR(loss.item(), tutorial["loss"].get<double>(), 1e-5);
  loss.backward();
  Values norms;
  for (const Tensor& parameter : model.parameters()) {
    double squares = 0;
    for (const double value : parameter.grad().to_vector<double>()) squares += value * value;
    norms.push_back(std::sqrt(squares));
  }
  // float32 sums of up to 4 · 32 · 32 products, in another order than PyTorch's.
  expect_near(norms, tutorial["grad_norms"].get<Values>(), 1e-6, 1e-4, "gradient norms");
}

std::shared_ptr<Module> make_layer(const std::string& name) {
  static const std::map<std::string, std::function<AnyModule()>> makers = {
      {"conv2d", [] { return Conv2d(3, 4, 3, {.padding = 1}); }},
      {"conv2d_options",
       [] {
         return Conv2d(
             4, 6, {3, 2},
             {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2, .bias = false});
       }},
      {"linear", [] { return Linear(7, 3); }},
      {"linear_no_bias", [] { return Linear(3, 2, {.bias = false}); }},
      {"max_pool2d", [] { return MaxPool2d(2); }},
      {"max_pool2d_options",
       [] { return MaxPool2d(3, {.stride = 2, .padding = 1, .ceil_mode = true}); }},
      {"flatten", [] { return Flatten(); }},
      {"relu", [] { return ReLU(); }},
      {"sequential",
       [] {
         return Sequential{Conv2d(1, 2, 3), ReLU(), MaxPool2d({2, 1}), Flatten(), Linear(12, 3)};
       }},
  };
  return makers.at(name)().get();
}

TEST_P(Golden, LayersForwardAndBackward) {
  ASSERT_EQ(golden()["layers"].size(), 9u);
  for (const json& expected : golden()["layers"]) {
    const auto name = expected["name"].get<std::string>();
    manual_seed(7);
    const std::shared_ptr<Module> layer = make_layer(name);
    layer->to(device(), float64);
    const Shape shape(expected["input_shape"].get<std::vector<int64_t>>());
    Tensor x = (rand(shape) - 0.5).to(device(), float64).detach();
    x.requires_grad_();
    const Tensor y = (*layer)(x);
    ASSERT_EQ(y.shape(), Shape(expected["output_shape"].get<std::vector<int64_t>>())) << name;
    (y * rand(y.shape()).to(device(), float64)).sum().backward();

    EXPECT_EQ(layer->str(), expected["printed"].get<std::string>());
    expect_near(y, expected["output"].get<Values>(), 1e-12, 1e-12, name + " output");
    expect_near(x.grad(), expected["input_grad"].get<Values>(), 1e-12, 1e-12, name + " dx");
    for (const auto& [parameter_name, parameter] : layer->named_parameters())
      expect_near(parameter.grad(), expected["parameter_grads"][parameter_name].get<Values>(),
                  1e-12, 1e-12, name + " " + parameter_name);
  }
}

TEST_P(Golden, LossesForwardAndBackward) {
  const Tensor weight = tensor({0.5f, 2.f, 1.f, 0.25f});
  const std::map<std::string, CrossEntropyLossOptions> options = {
      {"mean", {}},
      {"sum", {.reduction = LossReduction::sum}},
      {"none", {.reduction = LossReduction::none}},
      {"weight", {.weight = weight}},
      {"all_options", {.weight = weight, .ignore_index = 1, .label_smoothing = 0.1}}};
  ASSERT_EQ(golden()["losses"].size(), options.size());
  for (const json& expected : golden()["losses"]) {
    const auto name = expected["name"].get<std::string>();
    CrossEntropyLoss loss(options.at(name));
    loss.to(device(), float64);
    manual_seed(8);
    Tensor x = (4.0 * rand({6, 4}) - 2.0).to(device(), float64).detach();
    x.requires_grad_();
    const Tensor y = loss(x, tensor<int64_t>({0, 3, 1, 2, 1, 3}).to(device()));
    y.sum().backward();
    expect_near(y, expected["output"].get<Values>(), 1e-12, 1e-12, name);
    expect_near(x.grad(), expected["input_grad"].get<Values>(), 1e-12, 1e-12, name + " dx");
  }
}

TEST_P(Golden, Initialisers) {
  const json& expected = golden()["initialisers"];
  const auto drawn = [&](const Shape& shape, DType dtype, const auto& init) {
    const Tensor x = empty(shape, {.dtype = dtype, .device = device()});
    manual_seed(9);
    init(x);
    return x.to_vector<double>();
  };
  const auto uniform = [](const Tensor& x) { init::uniform_(x, -2, 3); };
  const auto normal = [](const Tensor& x) { init::normal_(x, 1, 2); };
  EXPECT_EQ(drawn({2, 5}, float32, uniform), expected["uniform"].get<Values>());
  EXPECT_EQ(drawn({2, 5}, float64, uniform), expected["uniform_double"].get<Values>());
  EXPECT_EQ(drawn({3, 2, 2, 1}, float32, [](const Tensor& x) { init::kaiming_uniform_(x); }),
            expected["kaiming_uniform"].get<Values>());
  EXPECT_EQ(drawn({3, 4}, float32,
                  [](const Tensor& x) {
                    init::kaiming_uniform_(x, 0, init::FanMode::fan_out, init::Nonlinearity::relu);
                  }),
            expected["kaiming_uniform_fan_out_relu"].get<Values>());
  // The logarithm and cosine of another library may differ in the last bits.
  expect_near(drawn({5}, float32, normal), expected["normal_5"].get<Values>(), 1e-6, 1e-6, "5");
  expect_near(drawn({4, 5}, float32, normal), expected["normal_20"].get<Values>(), 1e-6, 1e-6,
              "20");
}

}  // namespace
}  // namespace cuttle::test
