// Assignment to a layer's parameter: what may take its place, and what would stop the training.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/pooling/max_pool.h>

#include "layers/models.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST(ParameterTest, RefusesWhatIsNoParameterOfThatShape) {
  Linear layer(2, 3);
  const Tensor before = layer.weight;
  const std::string mend =
      "; to change the parameter's values write parameter.copy_(values) under NoGradGuard";
  EXPECT_EQ(
      error_of([&] {
        layer.weight = zeros({3, 2});
      }),
      "Parameter: a tensor of shape [3, 2] that is not trained (it does not require a gradient) "
      "cannot take a parameter's place: an optimizer would go on with the old one" +
          mend);
  EXPECT_EQ(
      error_of([&] { layer.weight = layer.weight * 2; }),
      "Parameter: a tensor of shape [3, 2] that is the result of an operation (mul) cannot take "
      "a parameter's place: an optimizer would go on with the old one" +
          mend);
  EXPECT_EQ(
      error_of([&] {
        layer.weight = zeros({2, 3}, {.requires_grad = true});
      }),
      "Parameter: a parameter of shape [2, 3] cannot take the place of one of shape [3, 2]" + mend);
  EXPECT_EQ(error_of([&] { layer.bias = Tensor(); }),
            "Parameter: an undefined tensor cannot take a parameter's place" + mend);
  EXPECT_TRUE(layer.weight.is_same(before));
}

TEST(ParameterTest, CopiesAreNamesLikeAnyOther) {
  Linear layer(2, 3);
  auto name = layer.weight;
  EXPECT_TRUE(name.is_same(layer.weight));
  name = name * 2;
  EXPECT_THROW(layer.weight = name, Error);
  name = Tensor();
  EXPECT_TRUE(layer.weight.defined());
}

TEST(ParameterTest, FrozenAndAbsentOnesCanBeSharedToo) {
  Linear first(2, 2, {.bias = false}), second(2, 2, {.bias = false});
  first.requires_grad_(false);
  second.weight = first.weight;
  second.bias = first.bias;
  EXPECT_TRUE(second.weight.is_same(first.weight));
  EXPECT_FALSE(second.bias.defined());
}

class Scaled : public Module {
 public:
  Parameter& scale = register_parameter("scale", ones({2}));
  Tensor other = register_parameter("other", ones({2}));
};
static_assert(std::is_convertible_v<RegisteredParameter, Parameter&>);
static_assert(!std::is_convertible_v<RegisteredParameter, Tensor&>);

TEST(ParameterTest, ModulesOfOnesOwnAreCheckedToo) {
  Scaled module;
  EXPECT_TRUE(module.other.is_same(module.parameters()[1]));
  EXPECT_THROW(module.scale = zeros({2}), Error);
  Scaled moved(std::move(module));
  EXPECT_THROW(moved.scale = zeros({2}), Error);
}

TEST(ParameterTest, LayersCanShareOne) {
  Linear first(2, 2), second(2, 2, {.bias = false});
  second.weight = first.weight;
  EXPECT_TRUE(second.parameters()[0].is_same(first.weight));
  second.bias = zeros({2}, {.requires_grad = true});  // there was none, so any shape is right
  EXPECT_EQ(second.parameters().size(), 2);
  const Tensor x = ones({1, 2});
  EXPECT_EQ((second(x) - matmul(x, first.weight.t())).to_vector<float>(), std::vector<float>(2, 0));
}

TEST(ParameterTest, ValuesChangeInPlace) {
  Linear layer(2, 1);
  const NoGradGuard no_grad;
  layer.weight.copy_(tensor({{3.f, 4.f}}));
  EXPECT_EQ(layer.parameters()[0].to_vector<float>(), (std::vector<float>{3, 4}));
}

TEST(LayerOptions, CanBePositional) {
  EXPECT_EQ(Conv2d(3, 32, 5, 2, 1).extra_repr(),
            Conv2d(3, 32, 5, {.stride = 2, .padding = 1}).extra_repr());
  EXPECT_EQ(MaxPool2d(3, 2, 1).extra_repr(),
            MaxPool2d(3, {.stride = Pair(2), .padding = 1}).extra_repr());
  EXPECT_EQ(MaxPool2d({3, 2}, Pair(2, 1)).extra_repr(),
            MaxPool2d({3, 2}, {.stride = Pair(2, 1)}).extra_repr());
  EXPECT_EQ(MaxPool2d(3, {2, 1}, 1).extra_repr(),
            MaxPool2d(3, {.stride = Pair(2, 1), .padding = 1}).extra_repr());
  EXPECT_EQ(Conv2d(3, 8, 3, Pair(2, 1)).extra_repr(),
            Conv2d(3, 8, 3, {.stride = {2, 1}}).extra_repr());
  EXPECT_EQ(max_pool2d(ones({1, 1, 5, 5}), 3, 2, 1).shape(), (Shape{1, 1, 3, 3}));
  EXPECT_EQ(MaxPool2d(2, 2)(ones({1, 1, 4, 6})).shape(), (Shape{1, 1, 2, 3}));
}

}  // namespace
}  // namespace cuttle::test
