// Modules that move: as C++ objects, and between devices and dtypes. Handles must follow.
#include <cuttle/core/autograd/grad_mode.h>

#include <type_traits>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

static_assert(!std::is_copy_constructible_v<Linear> && !std::is_copy_constructible_v<TrainModule>);
static_assert(std::is_move_constructible_v<Linear> && std::is_move_constructible_v<TrainModule>);

TEST(ModuleMove, ReferencesSurvive) {
  Mixed first;
  const Tensor weight = first.body.at<Linear>(0).weight;
  const Tensor expected = first(ones({1, 4}));
  Mixed second(std::move(first));
  EXPECT_TRUE(second.scale.is_same(second.parameters()[0]));
  EXPECT_TRUE(second.body.at<Linear>(0).weight.is_same(weight));
  EXPECT_EQ(second(ones({1, 4})).to_vector<double>(), expected.to_vector<double>());
  second.scale = full({2}, 7, {.dtype = float32, .requires_grad = true});  // the slot itself
  EXPECT_TRUE(second.parameters()[0].is_same(second.scale));
}

TEST(ModuleMove, ManyRegistrationsKeepEarlierReferences) {
  Mixed model;
  const Tensor* const first = &model.scale;
  for (int i = 0; i < 1025; ++i) model.register_parameter("p" + std::to_string(i), zeros({1}));
  EXPECT_EQ(first, &model.scale);
  EXPECT_TRUE(model.parameters()[0].is_same(model.scale));
}

class ModuleTo : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(ModuleTo);

TEST_P(ModuleTo, MovesInPlaceAndKeepsIdentityGradientsAndLayout) {
  Conv2d conv(3, 4, 5);
  const Tensor weight = conv.weight, bias = conv.bias;
  conv(ones({1, 3, 6, 6})).sum().backward();
  const Tensor gradient = weight.grad();
  const auto values = weight.to_vector<double>(), gradients = gradient.to_vector<double>();

  EXPECT_EQ(&conv.to(device()), &conv);
  EXPECT_EQ(weight.device(), device());
  EXPECT_EQ(bias.device(), device());
  EXPECT_EQ(gradient.device(), device());
  EXPECT_TRUE(conv.weight.is_same(weight) && weight.grad().is_same(gradient));
  EXPECT_TRUE(weight.is_contiguous(MemoryFormat::channels_last));
  EXPECT_TRUE(weight.requires_grad() && weight.is_leaf());
  EXPECT_EQ(weight.to_vector<double>(), values);
  EXPECT_EQ(gradient.to_vector<double>(), gradients);

  // It still trains there, into the gradient that it had.
  conv(ones({1, 3, 6, 6}, {.device = device()})).sum().backward();
  expect_near(
      weight.grad(),
      [&] {
        std::vector<double> twice = gradients;
        for (double& value : twice) value *= 2;
        return twice;
      }(),
      1e-4, 1e-5, "gradient after two backwards");
  conv.cpu();
  EXPECT_TRUE(weight.is_cpu() && weight.grad().is_cpu());
}

TEST_P(ModuleTo, DTypeConvertsFloatingPointAlone) {
  Mixed model;
  const Tensor scale = model.scale;
  model.to(device(), float64);
  EXPECT_EQ(scale.dtype(), float64);
  EXPECT_EQ(model.count.dtype(), int64);
  EXPECT_EQ(model.count.device(), device());
  EXPECT_EQ(model.scratch.dtype(), float64);
  EXPECT_EQ(model(ones({1, 4}, {.dtype = float64, .device = device()})).dtype(), float64);
  model.to(float32);
  EXPECT_EQ(scale.dtype(), float32);
  EXPECT_EQ(scale.device(), device());
}

TEST_P(ModuleTo, LossWeightFollows) {
  CrossEntropyLoss loss({.weight = ones({3})});
  loss.to(device());
  const Tensor y =
      loss(zeros({2, 3}, {.device = device()}), zeros({2}, {.dtype = int64, .device = device()}));
  EXPECT_EQ(loss.weight.device(), device());
  EXPECT_NEAR(y.item(), 1.0986122886681098, 1e-6);  // ln 3
}

TEST(ModuleToErrors, IntegerDType) {
  Linear layer(2, 2);
  EXPECT_EQ(error_of([&] { layer.to(int64); }),
            "Module::to: a module's parameters are of a floating dtype, not of int64");
  EXPECT_EQ(layer.weight.dtype(), float32);
}

TEST(ModuleToErrors, ExhaustedMemoryMovesNothing) {
  Sequential model{Linear(64, 64), Linear(256, 1024)};
  const auto values = model.at<Linear>(0).weight.to_vector<double>();
  cpu::empty_cache();
  // Room for the first layer in double, but not for the second.
  cpu::set_memory_limit(cpu::memory_stats().reserved_bytes + (1 << 20));
  EXPECT_THROW(model.to(float64), OutOfMemoryError);
  cpu::set_memory_limit(0);
  for (const Tensor& parameter : model.parameters()) EXPECT_EQ(parameter.dtype(), float32);
  EXPECT_EQ(model.at<Linear>(0).weight.to_vector<double>(), values);
}

}  // namespace
}  // namespace cuttle::test
