// Copies of modules, containers, apply and summaries.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/activation/activations.h>
#include <cuttle/layers/attention/transformer.h>
#include <cuttle/layers/containers.h>
#include <cuttle/layers/convolution/conv1d.h>
#include <cuttle/layers/convolution/conv3d.h>
#include <cuttle/layers/convolution/conv_transpose.h>
#include <cuttle/layers/dropout.h>
#include <cuttle/layers/embedding.h>
#include <cuttle/layers/init.h>
#include <cuttle/layers/losses/regression.h>
#include <cuttle/layers/normalization/batch_norm.h>
#include <cuttle/layers/normalization/group_norm.h>
#include <cuttle/layers/normalization/layer_norm.h>
#include <cuttle/layers/pooling/avg_pool.h>
#include <cuttle/layers/recurrent/rnn.h>
#include <cuttle/layers/summary.h>
#include <cuttle/layers/upsample.h>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

/// A user's class with an argument.
class Block : public Module {
 public:
  explicit Block(int64_t width)
      : linear(register_module("linear", Linear(width, width))),
        gain(register_parameter("gain", ones({width}))) {
    constructed_from<Block>(width);
  }
  Tensor forward(const Tensor& x) override { return linear(x) * gain; }

  Linear& linear;
  Parameter& gain;
};

/// One without, which shares a layer and a parameter.
class Shared : public Module {
 public:
  Shared() { second.weight = first.weight; }
  Tensor forward(const Tensor& x) override { return second(block(first(x))); }

  Linear& first = register_module("first", Linear(3, 3));
  Linear& second = register_module("second", Linear(3, 3));
  Block& block = register_module("block", Block(3));
  std::shared_ptr<Linear> both = std::make_shared<Linear>(3, 3);
  Linear& one = register_module("one", both);
  Linear& other = register_module("other", both);
};

/// One that does not say how it is made.
struct Silent : Module {
  explicit Silent(int64_t n) : weight(register_parameter("weight", ones({n}))) {}
  Parameter& weight;
};
struct Defaulted : Module {
  explicit Defaulted(int64_t n = 2) : weight(register_parameter("weight", ones({n}))) {}
  Parameter& weight;
};

/// Every kind of layer whose options its parameters do not show, with others than it has by itself.
struct Sample {
  AnyModule module;
  Shape input;
};
std::vector<Sample> samples() {
  const Shape plane = {2, 4, 6, 6}, line = {2, 4, 6};
  return {
      {Conv1d(4, 6, 3, {.stride = 2, .padding = 1, .groups = 2}), line},
      {Conv2d(4, 6, 3, {.padding = "same", .bias = false, .padding_mode = "circular"}), plane},
      {Conv3d(4, 2, 2, {.dilation = 2}), {2, 4, 4, 4, 4}},
      {ConvTranspose1d(4, 2, 3, {.stride = 2}), line},
      {ConvTranspose2d(4, 2, 3, {.stride = 2, .output_padding = 1}), plane},
      {ConvTranspose3d(4, 2, 2), {2, 4, 3, 3, 3}},
      {MaxPool1d(3, {.stride = 2}), line},
      {MaxPool2d(3, {.stride = 2, .padding = 1}), plane},
      {AvgPool1d(3, {.stride = 2}), line},
      {AvgPool2d(3, {.padding = 1, .count_include_pad = false}), plane},
      {AdaptiveAvgPool1d(3), line},
      {AdaptiveAvgPool2d(3), plane},
      {AdaptiveMaxPool1d(3), line},
      {AdaptiveMaxPool2d(3), plane},
      {Upsample({.scale_factor = {2}, .mode = "bilinear"}), plane},
      {UpsamplingNearest2d({.scale_factor = {2}}), plane},
      {UpsamplingBilinear2d({.size = {9, 9}}), plane},
      {BatchNorm2d(4, {.eps = 0.5}), plane},
      {BatchNorm3d(4, {.eps = 0.5}), {2, 4, 2, 2, 2}},
      {GroupNorm(2, 4, {.eps = 0.5}), plane},
      {LayerNorm({6}, {.eps = 0.5}), plane},
      {LSTM(6, 3, {.num_layers = 2, .bidirectional = true}), line},
      {TransformerEncoderLayer(6, 2, {.dim_feedforward = 8, .dropout = 0, .norm_first = true}),
       line},
  };
}

class CloneTest : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(CloneTest);

TEST_P(CloneTest, OfEachLayerComputesTheSame) {
  for (const Sample& sample : samples()) {
    Module& module = *sample.module.get();
    module.to(device()).eval();
    const Tensor x = rand(sample.input).to(device());
    const std::shared_ptr<Module> copy = module.clone();
    EXPECT_EQ(copy->str(), module.str());
    EXPECT_EQ((*copy)(x).to_vector<float>(), module(x).to_vector<float>()) << module.str();
  }
}

TEST_P(CloneTest, OfLossesKeepsTheirOptions) {
  const Tensor x = rand({3, 4}).to(device()), y = rand({3, 4}).to(device());
  const auto check = [&](auto loss, const Tensor& target) {
    loss.to(device());
    auto copy = clone(loss);
    const std::vector<float> expected = loss(x, target).template to_vector<float>();
    for (Tensor& buffer : loss.buffers()) buffer.zero_();  // the copy has its own
    EXPECT_EQ(copy(x, target).template to_vector<float>(), expected) << loss.str();
  };
  const LossReduction sum = LossReduction::sum;
  check(MSELoss({.reduction = sum}), y);
  check(SmoothL1Loss({.reduction = sum, .beta = 0.25}), y);
  check(HuberLoss({.reduction = sum, .delta = 0.25}), y);
  check(BCELoss({.weight = rand({4}), .reduction = sum}), y);
  check(BCEWithLogitsLoss({.pos_weight = rand({4}), .reduction = sum}), y);
  const Tensor classes = tensor({0, 3, 1}, {.dtype = int64}).to(device());
  check(CrossEntropyLoss({.weight = rand({4}), .reduction = sum, .label_smoothing = 0.2}), classes);
  check(NLLLoss({.weight = rand({4}), .reduction = sum}), classes);
  check(MultiMarginLoss({.margin = 0.5, .reduction = sum}), classes);
}

TEST_P(CloneTest, HasTheSameValuesAndMemoryOfItsOwn) {
  TrainModule model;
  model.to(device());
  model.eval();
  model.model1.at<Linear>(7).requires_grad_(false);
  TrainModule copy = clone(model);
  EXPECT_EQ(copy.str(), model.str());
  EXPECT_FALSE(copy.is_training());
  EXPECT_FALSE(copy.model1.at<Linear>(7).weight.requires_grad());
  EXPECT_TRUE(copy.model1.at<Conv2d>(0).weight.requires_grad());
  EXPECT_TRUE(copy.model1.at<Conv2d>(0).weight.is_contiguous(MemoryFormat::channels_last));
  const Tensor x = rand({1, 3, 32, 32}).to(device());
  EXPECT_EQ(copy(x).to_vector<double>(), model(x).to_vector<double>());
  const auto before = copy.model1.at<Linear>(8).weight.to_vector<float>();
  {
    const NoGradGuard no_grad;
    for (Tensor& parameter : model.parameters()) parameter.zero_();
  }
  EXPECT_EQ(copy.model1.at<Linear>(8).weight.to_vector<float>(), before);
}

TransformerEncoder encoder(std::shared_ptr<LayerNorm> norm) {
  const TransformerEncoderLayer layer(6, 2, {.dim_feedforward = 8, .dropout = 0});
  return TransformerEncoder(layer, 2, std::move(norm));
}

TEST_P(CloneTest, OfTransformersHasLayersOfItsOwn) {
  const Tensor x = rand({3, 2, 6}).to(device()), y = rand({4, 2, 6}).to(device());
  const auto check = [&](auto&& model, const auto&... inputs) {
    model.to(device());
    auto copy = clone(model), again = clone(copy);
    EXPECT_EQ(copy.str(), model.str());
    const NoGradGuard no_grad;
    const std::vector<float> expected = model(inputs...).template to_vector<float>();
    for (Tensor& parameter : model.parameters()) parameter.zero_();
    EXPECT_EQ(copy(inputs...).template to_vector<float>(), expected) << copy.str();
    EXPECT_EQ(again(inputs...).template to_vector<float>(), expected) << copy.str();
  };
  check(encoder(nullptr), x);
  check(encoder(std::make_shared<LayerNorm>(6, LayerNormOptions{.eps = 0.5})), x);
  const TransformerDecoderLayer layer(6, 2, {.dim_feedforward = 8, .dropout = 0});
  check(TransformerDecoder(layer, 2, std::make_shared<LayerNorm>(6)), y, x);
  check(Transformer({.d_model = 6,
                     .nhead = 2,
                     .num_encoder_layers = 2,
                     .num_decoder_layers = 1,
                     .layer = {.dim_feedforward = 8, .dropout = 0, .batch_first = true}}),
        x.transpose(0, 1), y.transpose(0, 1));
}

TEST_P(CloneTest, OfATransformersNormComputesWithItsOwnNorm) {
  TransformerEncoder model = encoder(std::make_shared<LayerNorm>(6));
  TransformerEncoder copy = clone(model);
  ASSERT_NE(copy.norm, nullptr);
  EXPECT_NE(copy.norm, model.norm);
  EXPECT_EQ(copy.norm, copy.named_children().at(1).second);
  EXPECT_EQ(copy.layers.size(), 2u);
}

TEST_P(CloneTest, KeepsWhatIsShared) {
  Shared model;
  model.to(device());
  const Shared copy = clone(model);
  EXPECT_EQ(copy.parameters().size(), model.parameters().size());
  EXPECT_TRUE(copy.first.weight.is_same(copy.second.weight));
  EXPECT_FALSE(copy.first.weight.is_same(model.first.weight));
  EXPECT_EQ(&copy.one, &copy.other);
  EXPECT_EQ(copy.block.gain.to_vector<double>(), model.block.gain.to_vector<double>());
  ModuleList list{Linear(2, 2)};
  list.append(list.children()[0]);
  const ModuleList copied = clone(list);
  EXPECT_EQ(&copied[0], &copied[1]);
}

TEST_P(CloneTest, KeepsGradientsBuffersAndTheGenerator) {
  Mixed model;
  model.to(device());
  {
    const NoGradGuard no_grad;
    model.count.add_(5);
  }
  model(rand({2, 4}).to(device())).sum().backward();
  manual_seed(3);
  const Mixed copy = clone(model);
  const double next = rand({1}).item();
  manual_seed(3);
  EXPECT_EQ(rand({1}).item(), next);
  EXPECT_EQ(copy.count.item<int64_t>(), 5);
  EXPECT_EQ(copy.state_dict().size(), model.state_dict().size());
  const Tensor gradient = copy.body.at<Linear>(0).weight.grad();
  EXPECT_EQ(gradient.to_vector<double>(),
            model.body.at<Linear>(0).weight.grad().to_vector<double>());
}

TEST(Clone, LayersWithOptions) {
  Sequential model{LeakyReLU(0.2),      ReLU({.inplace = true}),
                   Dropout(0.3),        Embedding(4, 3, {.padding_idx = 1}),
                   Flatten(0, 1),       PReLU(3),
                   Sequential{Block(2)}};
  model.append(Linear(3, 2, {.bias = false}));
  const Sequential copy = clone(model);
  EXPECT_EQ(copy.str(), model.str());
  const StateDict state = copy.state_dict();
  for (const auto& [name, tensor] : model.state_dict())
    EXPECT_EQ(state.at(name).to_vector<float>(), tensor.to_vector<float>()) << name;
}

TEST(Clone, Errors) {
  EXPECT_EQ(error_of([] { (void)clone(Silent(2)); }),
            "clone: it is not known how a Silent is constructed; write "
            "constructed_from<Silent>(arguments…) in its constructor");
  EXPECT_EQ(error_of([] { (void)clone(Defaulted(3)); }),
            "clone: as Defaulted is constructed, \"weight\" has shape [2], and in the module [3]; "
            "write constructed_from<Defaulted>(arguments…) in its constructor");
}

TEST(Apply, VisitsChildrenFirst) {
  Sequential model{Linear(2, 2), Sequential{ReLU()}};
  std::vector<std::string> order;
  model.apply([&](Module& module) { order.push_back(module.type_name()); });
  EXPECT_EQ(order, (std::vector<std::string>{"Linear", "ReLU", "Sequential", "Sequential"}));
  model.apply([](Module& module) {
    if (auto* linear = dynamic_cast<Linear*>(&module)) init::ones_(linear->weight);
  });
  EXPECT_EQ(model.at<Linear>(0).weight.to_vector<double>(), std::vector<double>(4, 1));
}

TEST_P(CloneTest, SummaryCountsAndRestores) {
  TrainModule model;
  model.to(device());
  model.model1[3].eval();
  const ModelSummary found = summary(model, Shape{2, 3, 32, 32});
  ASSERT_EQ(found.rows.size(), 11u);
  EXPECT_EQ(found.rows[0].path, "");
  EXPECT_EQ(found.rows[0].output_shape, (Shape{2, 10}));
  EXPECT_EQ(found.rows[2].path, "model1.0");
  EXPECT_EQ(found.rows[2].type, "Conv2d");
  EXPECT_EQ(found.rows[2].output_shape, (Shape{2, 32, 32, 32}));
  EXPECT_EQ(found.rows[2].parameters, 2432);
  EXPECT_EQ(found.rows[2].multiply_adds, 2 * 32 * 32 * 2400);
  EXPECT_EQ(found.rows[9].multiply_adds, 2 * 65536);
  EXPECT_EQ(found.parameters, 145578);
  EXPECT_EQ(found.trainable_parameters, 145578);
  EXPECT_TRUE(model.is_training());
  EXPECT_FALSE(model.model1[3].is_training());
  EXPECT_FALSE(model.model1[0].has_hooks());
  EXPECT_NE(found.str().find("model1.0 (Conv2d)"), std::string::npos);
  EXPECT_NE(found.str().find("Parameters: 145,578, of which 145,578 are trained"),
            std::string::npos);
}

}  // namespace
}  // namespace cuttle::test
