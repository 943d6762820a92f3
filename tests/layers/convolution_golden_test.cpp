// The convolution layers against PyTorch (tests/golden/generate_convolution.py): same seed, same
// order of construction and draws, so equal weights and inputs.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/convolution/conv1d.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/convolution/conv3d.h>
#include <cuttle/layers/convolution/conv_transpose.h>

#include <functional>
#include <map>

#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;
using Values = std::vector<double>;
using Made = std::shared_ptr<Module>;

template <class Layer>
Made made(Layer layer) {
  return std::make_shared<Layer>(std::move(layer));
}

const std::map<std::string, std::function<Made()>>& makers() {
  static const std::map<std::string, std::function<Made()>> all = {
      {"conv1d", [] { return made(Conv1d(3, 4, 3, {.padding = 1})); }},
      {"conv1d_options",
       [] {
         return made(Conv1d(
             4, 6, 2, {.stride = 2, .padding = 1, .dilation = 2, .groups = 2, .bias = false}));
       }},
      {"conv1d_same", [] { return made(Conv1d(2, 2, 4, {.padding = "same"})); }},
      {"conv1d_circular",
       [] { return made(Conv1d(2, 3, 3, {.padding = 2, .padding_mode = "circular"})); }},
      {"conv2d_same",
       [] {
         return made(Conv2d(2, 3, {2, 4}, {.padding = "same", .dilation = {3, 1}}));
       }},
      {"conv2d_valid", [] { return made(Conv2d(2, 2, 3, {.padding = "valid"})); }},
      {"conv2d_reflect",
       [] {
         return made(Conv2d(2, 2, 3, {.stride = 2, .padding = {1, 2}, .padding_mode = "reflect"}));
       }},
      {"conv2d_replicate",
       [] { return made(Conv2d(1, 2, 2, {.padding = "same", .padding_mode = "replicate"})); }},
      {"conv2d_circular",
       [] {
         return made(
             Conv2d(1, 2, {3, 2}, {.padding = "same", .bias = false, .padding_mode = "circular"}));
       }},
      {"conv2d_depthwise", [] { return made(Conv2d(4, 4, 3, {.padding = 1, .groups = 4})); }},
      {"conv3d", [] { return made(Conv3d(2, 3, 3, {.padding = 1})); }},
      {"conv3d_options",
       [] {
         return made(Conv3d(4, 4, {2, 3, 2},
                            {.stride = {2, 1, 2},
                             .padding = {1, 1, 0},
                             .dilation = {2, 1, 1},
                             .groups = 2,
                             .bias = false}));
       }},
      {"conv3d_same",
       [] {
         return made(Conv3d(1, 2, {2, 3, 2}, {.padding = "same"}));
       }},
      {"conv3d_replicate",
       [] { return made(Conv3d(1, 1, 3, {.padding = 1, .padding_mode = "replicate"})); }},
      {"conv_transpose1d", [] { return made(ConvTranspose1d(3, 2, 3, 2, 1, 1)); }},
      {"conv_transpose1d_options",
       [] {
         return made(
             ConvTranspose1d(2, 4, 2, {.stride = 3, .groups = 2, .bias = false, .dilation = 2}));
       }},
      {"conv_transpose2d", [] { return made(ConvTranspose2d(3, 4, 3)); }},
      {"conv_transpose2d_options",
       [] {
         return made(ConvTranspose2d(4, 6, {3, 2},
                                     {.stride = {2, 3},
                                      .padding = {1, 0},
                                      .output_padding = {1, 2},
                                      .groups = 2,
                                      .bias = false,
                                      .dilation = {1, 2}}));
       }},
      {"conv_transpose2d_wide_output_padding",
       [] {
         return made(ConvTranspose2d(2, 2, 2, {.padding = 1, .output_padding = 2, .dilation = 3}));
       }},
      {"conv_transpose2d_output_size",
       [] { return made(ConvTranspose2d(2, 3, 3, {.stride = 2, .padding = 1})); }},
      {"conv_transpose3d", [] { return made(ConvTranspose3d(2, 2, 2, {.stride = 2})); }},
      {"conv_transpose3d_options",
       [] {
         return made(ConvTranspose3d(2, 4, {3, 2, 2},
                                     {.stride = {2, 1, 2},
                                      .padding = {1, 0, 1},
                                      .output_padding = {1, 0, 1},
                                      .groups = 2,
                                      .dilation = {1, 2, 1}}));
       }},
  };
  return all;
}

// The layer's output, by the forward that takes a size where the case has one.
Tensor output_of(const Made& layer, const Tensor& x, const json& expected) {
  if (!expected.contains("output_size")) return (*layer)(x);
  const Shape size(expected["output_size"].get<std::vector<int64_t>>());
  return dynamic_cast<ConvTranspose2d&>(*layer)(x, size);
}

class ConvolutionGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(ConvolutionGolden);

TEST_P(ConvolutionGolden, LayersForwardAndBackward) {
  const json golden = load_golden("convolution.json");
  ASSERT_EQ(golden["layers"].size(), makers().size());
  for (const json& expected : golden["layers"]) {
    const auto name = expected["name"].get<std::string>();
    manual_seed(11);
    const Made layer = makers().at(name)();
    layer->to(device(), float64);
    const Shape shape(expected["input_shape"].get<std::vector<int64_t>>());
    Tensor x = (rand(shape) - 0.5).to(device(), float64).detach();
    x.requires_grad_();
    const Tensor y = output_of(layer, x, expected);
    ASSERT_EQ(y.shape(), Shape(expected["output_shape"].get<std::vector<int64_t>>())) << name;
    (y * rand(y.shape()).to(device(), float64)).sum().backward();

    EXPECT_EQ(layer->str(), expected["printed"].get<std::string>());
    expect_near(y, expected["output"].get<Values>(), 1e-12, 1e-12, name + " output");
    expect_near(x.grad(), expected["input_grad"].get<Values>(), 1e-12, 1e-12, name + " dx");
    ASSERT_EQ(layer->named_parameters().size(), expected["parameter_grads"].size()) << name;
    for (const auto& [parameter_name, parameter] : layer->named_parameters())
      expect_near(parameter.grad(), expected["parameter_grads"][parameter_name].get<Values>(),
                  1e-12, 1e-12, name + " " + parameter_name);
  }
}

}  // namespace
}  // namespace cuttle::test
