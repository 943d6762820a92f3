// Normalisation and convolution of inputs in other layouts (transposed, sliced, expanded) and of
// sizes zero and one. The oracle is the dense input, whose values normalization_golden_test.cpp and
// convolution_golden_test.cpp compare with PyTorch's.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/convolution/conv1d.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/convolution/conv3d.h>
#include <cuttle/layers/convolution/conv_transpose.h>
#include <cuttle/layers/normalization/batch_norm.h>
#include <cuttle/layers/normalization/group_norm.h>
#include <cuttle/layers/normalization/instance_norm.h>
#include <cuttle/layers/normalization/layer_norm.h>
#include <cuttle/layers/sequential.h>

#include <map>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Values = std::vector<double>;

struct Sample {
  AnyModule module;
  Shape input;
};

std::vector<Sample> norms() {
  const Shape plane{3, 4, 5, 6};
  return {
      {BatchNorm1d(4), {3, 4, 5}},
      {BatchNorm2d(4), plane},
      {BatchNorm3d(4), {2, 4, 2, 3, 3}},
      {LayerNorm(6), plane},
      {LayerNorm({5, 6}), plane},
      {RMSNorm(6), plane},
      {GroupNorm(2, 4), plane},
      {InstanceNorm1d(4, {.affine = true}), {3, 4, 5}},
      {InstanceNorm2d(4, {.affine = true}), plane},
      {LocalResponseNorm(3), plane},
  };
}

std::vector<Sample> convolutions() {
  const Shape line{2, 4, 7}, plane{2, 4, 5, 6}, volume{2, 4, 3, 4, 5};
  return {
      {Conv1d(4, 6, 3, {.stride = 2, .padding = 1, .groups = 2}), line},
      {Conv2d(4, 3, 3, {.padding = 1}), plane},
      {Conv2d(4, 4, 3, {.padding = 2, .padding_mode = "reflect"}), plane},
      {Conv2d(4, 4, 3, {.dilation = 2, .groups = 4}), plane},
      {Conv3d(4, 2, 2, {.padding = 1}), volume},
      {ConvTranspose1d(4, 2, 3, {.stride = 2}), line},
      {ConvTranspose2d(4, 2, 3, {.stride = 2, .output_padding = 1}), plane},
      {ConvTranspose3d(4, 2, 2), volume},
  };
}

/// y, dx and the parameters' gradients.
std::vector<Values> results(Module& module, const Tensor& input) {
  module.zero_grad();
  const Tensor x = input.detach().requires_grad_();
  const Tensor y = module(x);
  (y * y * 0.5 + y).sum().backward();
  std::vector<Values> all{y.to_vector<double>(), x.grad().to_vector<double>()};
  for (const Tensor& parameter : module.parameters())
    all.push_back(parameter.grad().to_vector<double>());
  return all;
}

/// The same values in other layouts.
std::map<std::string, Tensor> layouts(const Tensor& dense) {
  const int last = dense.dim() - 1;
  Shape wide = dense.shape();
  wide[last] *= 2;
  const Tensor all = zeros(wide, {.dtype = dense.dtype(), .device = dense.device()});
  Tensor sliced = all.slice(last, 1, wide[last], 2);
  sliced.copy_(dense);
  return {{"transposed", dense.transpose(0, last).contiguous().transpose(0, last)},
          {"channels behind", dense.transpose(1, last).contiguous().transpose(1, last)},
          {"sliced", sliced}};
}

class Layouts : public DeviceTest {
 protected:
  void check(const std::vector<Sample>& samples) {
    for (const Sample& sample : samples) {
      Module& module = *sample.module.get();
      module.to(device(), float64);
      const Tensor x = rand(sample.input, float64).to(device());
      const auto compare = [&](const Tensor& given, const std::vector<Values>& expected,
                               const std::string& what) {
        const std::vector<Values> found = results(module, given);
        ASSERT_EQ(found.size(), expected.size());
        for (size_t i = 0; i < found.size(); ++i)
          expect_near(found[i], expected[i], 1e-11, 1e-11,
                      module.str() + " " + what + ", part " + std::to_string(i));
      };
      const std::vector<Values> expected = results(module, x);
      for (const auto& [name, given] : layouts(x)) {
        ASSERT_FALSE(given.is_contiguous()) << name;
        compare(given, expected, name);
      }
      const Tensor row = x.narrow(0, 0, 1).expand(sample.input);
      compare(row, results(module, row.contiguous()), "expanded");
    }
  }
};
CUTTLE_INSTANTIATE_DEVICES(Layouts);

TEST_P(Layouts, OfNorms) {
  manual_seed(2);
  check(norms());
}

TEST_P(Layouts, OfConvolutions) {
  manual_seed(2);
  check(convolutions());
}

TEST_P(Layouts, EmptyBatchesGiveEmptyResultsAndNoGradients) {
  for (const auto& samples : {norms(), convolutions()})
    for (const Sample& sample : samples) {
      Module& module = *sample.module.get();
      module.to(device()).eval();  // in training BatchNorm refuses: it has no mean
      Shape shape = sample.input;
      const int64_t rest = module(zeros(shape, {.device = device()})).numel() / shape[0];
      shape[0] = 0;
      const Tensor x = zeros(shape, {.device = device()}).requires_grad_();
      const Tensor y = module(x);
      EXPECT_EQ(y.size(0), 0) << module.str();
      EXPECT_GT(rest, 0);
      y.sum().backward();
      EXPECT_EQ(x.grad().shape(), shape) << module.str();
      for (const Tensor& parameter : module.parameters())
        EXPECT_EQ(parameter.grad().to_vector<double>(),
                  Values(static_cast<size_t>(parameter.numel()), 0))
            << module.str();
    }
}

TEST_P(Layouts, SingleElements) {
  const auto one = [&](const Shape& shape) { return full(shape, 3.0).to(device()); };
  const auto expect = [&](auto layer, const Shape& shape, double value) {
    layer.to(device());
    expect_near(layer(one(shape)), Values{value}, 1e-6, 1e-6, layer.str());
  };
  expect(LayerNorm(1), {1, 1}, 0);  // its own mean
  expect(RMSNorm(1), {1, 1}, 1);    // its own root mean square
  GroupNorm group(1, 1);
  group.to(device());
  EXPECT_NE(error_of([&] {
              (void)group(one({1, 1, 1, 1}));
            }).find("expected more than 1 value per group, got an input of shape [1, 1, 1, 1]"),
            std::string::npos);
  Conv1d conv(1, 1, 1);
  conv.to(device());
  const double weight = conv.weight.item(), bias = conv.bias.item();
  EXPECT_NEAR(conv(one({1, 1, 1})).item(), 3 * weight + bias, 1e-6);
  ConvTranspose3d back(1, 1, 1, {.bias = false});
  back.to(device());
  EXPECT_NEAR(back(one({1, 1, 1, 1, 1})).item(), 3 * back.weight.item(), 1e-6);
}

}  // namespace
}  // namespace cuttle::test
