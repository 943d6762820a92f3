// Gradients of every layer and loss against finite differences, inputs and parameters, in double.
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>

#include "layers/models.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

class LayerGradcheck : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    manual_seed(21);
  }
  /// Distinct values with gaps of 0.01 in random order, none within 0.002 of 0: no ties for a
  /// maximum, no kink within a step.
  Tensor input(const Shape& shape) {
    const double middle = static_cast<double>(shape.numel()) / 2;
    Tensor x = ((randperm(shape.numel()).to(float64) - middle) * 0.01 + 0.003).reshape(shape);
    x = x.to(device()).detach();
    return x.requires_grad_();
  }
  /// The layer's parameters are inputs too: each run writes what it is given into their slots.
  template <class Layer>
  void check_with_parameters(Layer layer, const Shape& shape) {
    layer.to(device(), float64);
    const bool has_bias = layer.bias.defined();
    std::vector<Tensor> inputs{input(shape), layer.weight};
    if (has_bias) inputs.push_back(layer.bias);
    const GradcheckResult result = gradcheck(
        [&](const std::vector<Tensor>& in) {
          layer.weight = in[1];
          if (has_bias) layer.bias = in[2];
          return layer(in[0]);
        },
        inputs);
    EXPECT_TRUE(result) << layer << ": " << result.message;
  }
  void check(Module& layer, const Shape& shape) {
    layer.to(device(), float64);
    const GradcheckResult result =
        gradcheck([&](const std::vector<Tensor>& in) { return layer(in[0]); }, {input(shape)});
    EXPECT_TRUE(result) << layer << ": " << result.message;
  }
  void check_loss(const CrossEntropyLossOptions& options) {
    CrossEntropyLoss loss(options);
    loss.to(device(), float64);
    const Tensor target = tensor<int64_t>({0, 3, 1, 2, 1, 3}).to(device());
    const GradcheckResult result = gradcheck(
        [&](const std::vector<Tensor>& in) { return loss(in[0], target); }, {input({6, 4})});
    EXPECT_TRUE(result) << result.message;
  }
};
CUTTLE_INSTANTIATE_DEVICES(LayerGradcheck);

TEST_P(LayerGradcheck, Conv2d) {
  check_with_parameters(Conv2d(2, 3, 3, {.padding = 1}), {2, 2, 4, 3});
  check_with_parameters(Conv2d(4, 6, {3, 2}, {.stride = {2, 1}, .dilation = {1, 2}, .groups = 2}),
                        {1, 4, 5, 4});
  check_with_parameters(Conv2d(1, 2, 2, {.bias = false}), {1, 1, 3, 3});
}

TEST_P(LayerGradcheck, Linear) {
  check_with_parameters(Linear(5, 3), {4, 5});
  check_with_parameters(Linear(3, 2, {.bias = false}), {2, 2, 3});
}

TEST_P(LayerGradcheck, LayersWithoutParameters) {
  MaxPool2d pool(2), overlapping(3, {.stride = 1, .padding = 1});
  check(pool, {2, 2, 5, 4});
  check(overlapping, {1, 2, 4, 4});
  Flatten flatten;
  check(flatten, {2, 3, 2, 2});
  ReLU relu;
  check(relu, {3, 11});
}

TEST_P(LayerGradcheck, SequentialOfAllLayers) {
  Sequential model{Conv2d(1, 2, 3), ReLU(), MaxPool2d({2, 1}), Flatten(), Linear(12, 3)};
  check(model, {2, 1, 6, 5});
}

TEST_P(LayerGradcheck, CrossEntropyLoss) {
  const Tensor weight = tensor({0.5f, 2.f, 1.f, 0.25f});
  check_loss({});
  check_loss({.reduction = LossReduction::sum});
  check_loss({.reduction = LossReduction::none});
  check_loss({.weight = weight, .ignore_index = 1});
  check_loss({.weight = weight, .label_smoothing = 0.1});
}

}  // namespace
}  // namespace cuttle::test
