// Sequential's fused layers: which they are, that they give what the layers one by one give, and
// that Errors name the layer at fault.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>

#include <functional>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

/// As it was before, whatever a test does.
class KeepsFusion {
 public:
  ~KeepsFusion() { set_layer_fusion(before_); }

 private:
  const bool before_ = layer_fusion();
};

class Fusion : public DeviceTest {
 protected:
  const KeepsFusion keeps_fusion_;
};
CUTTLE_INSTANTIATE_DEVICES(Fusion);

using Make = std::function<Sequential()>;

/// Whole numbers: windows hold equal elements and zeros, and sums are exact in every order, so that
/// results agree to the bit on all devices.
Tensor whole_numbers(const Shape& shape, const Device& device) {
  return randint(-2, 3, shape).to(float32).to(device);
}

/// y, dx, and the gradients of all parameters.
std::vector<std::vector<double>> results(Sequential& model, const Tensor& input) {
  model.zero_grad();
  Tensor x = input.detach().requires_grad_();
  const Tensor y = model(x);
  (y * y).sum().backward();
  std::vector<std::vector<double>> all = {y.to_vector<double>(), x.grad().to_vector<double>()};
  for (const Tensor& parameter : model.parameters())
    all.push_back(parameter.grad().to_vector<double>());
  return all;
}

TEST_P(Fusion, GivesWhatTheLayersOneByOneGive) {
  const std::vector<Make> models = {
      [] {
        return Sequential{Conv2d(2, 4, 3, {.padding = 1}), MaxPool2d(2)};
      },
      [] {
        return Sequential{Conv2d(2, 4, 3, {.bias = false}), ReLU(), MaxPool2d(2)};
      },
      [] {
        return Sequential{Conv2d(2, 3, 2, {.stride = 2}), MaxPool2d(2), ReLU()};
      },
  };
  for (const Make& make : models) {
    Sequential model = make();
    manual_seed(3);
    {
      const NoGradGuard no_grad;
      for (Tensor parameter : model.parameters())
        parameter.copy_(whole_numbers(parameter.shape(), Device()));
    }
    model.to(device());
    const Tensor x = whole_numbers({3, 2, 9, 10}, device());
    set_layer_fusion(true);
    EXPECT_EQ(model(x).grad_fn(), "conv2d_max_pool2d") << model;
    const auto fused = results(model, x);
    set_layer_fusion(false);
    EXPECT_NE(model(x).grad_fn(), "conv2d_max_pool2d") << model;
    EXPECT_EQ(fused, results(model, x)) << model;
  }
}

class OtherConvolution : public Conv2d {
 public:
  using Conv2d::Conv2d;
  Tensor forward(const Tensor& x) override { return Conv2d::forward(x) * 2; }
};

TEST_P(Fusion, LeavesOtherLayersAlone) {
  const std::vector<std::pair<Make, std::string>> models = {
      {[] {
         return Sequential{Conv2d(2, 4, 3), ReLU()};
       },
       "relu"},
      {[] {
         return Sequential{OtherConvolution(2, 4, 3), MaxPool2d(2)};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), ReLU(), ReLU(), MaxPool2d(2)};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), MaxPool2d({2, 1})};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), MaxPool2d(2, 1)};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), MaxPool2d(3, 2)};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), MaxPool2d(2, {.padding = 1})};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), MaxPool2d(2, {.dilation = 2})};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), MaxPool2d(2, {.ceil_mode = true})};
       },
       "max_pool2d"},
      {[] {
         return Sequential{Conv2d(2, 4, 3), ReLU(), MaxPool2d(2), ReLU()};
       },
       "relu"},
  };
  for (const auto& [make, last] : models) {
    Sequential model = make();
    model.to(device());
    EXPECT_EQ(model(ones({1, 2, 8, 8}, {.device = device()})).grad_fn(), last) << model;
  }
}

TEST_P(Fusion, ErrorsNameTheLayer) {
  Sequential model{Conv2d(3, 4, 3), ReLU(), MaxPool2d(2), Conv2d(4, 4, 3), MaxPool2d(2)};
  model.to(device());
  const auto message = [&](const Shape& shape) {
    return error_of([&] { (void)model(zeros(shape, {.device = device()})); });
  };
  for (const bool fusion : {true, false}) {
    set_layer_fusion(fusion);
    EXPECT_EQ(message({1, 1, 8, 8}).substr(0, 53),
              "0 (Conv2d): conv2d: expected 3 input channels, got 1 ");
    EXPECT_EQ(message({1, 3, 3, 8}),
              "2 (MaxPool2d): max_pool2d: the kernel (2, 2) does not fit into the input "
              "[1, 4, 1, 6]");
    EXPECT_EQ(message({1, 3, 9, 9}),
              "4 (MaxPool2d): max_pool2d: the kernel (2, 2) does not fit into the input "
              "[1, 4, 1, 1]");
  }
}

}  // namespace
}  // namespace cuttle::test
