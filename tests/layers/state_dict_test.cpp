// state_dict and load_state_dict: names, round trip, and what does not fit.
#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class StateDictTest : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(StateDictTest);

TEST_P(StateDictTest, RoundTripGivesTheSameOutputs) {
  TrainModule saved, loaded;
  const Tensor x = rand({2, 3, 32, 32});
  const Tensor expected = saved(x);
  const Tensor weight = loaded.parameters()[0];
  EXPECT_NE(loaded(x).to_vector<double>(), expected.to_vector<double>());

  saved.to(device());
  const LoadResult result = loaded.load_state_dict(saved.state_dict());
  EXPECT_TRUE(result.missing_keys.empty() && result.unexpected_keys.empty());
  EXPECT_EQ(loaded(x).to_vector<double>(), expected.to_vector<double>());
  EXPECT_TRUE(loaded.parameters()[0].is_same(weight));
  EXPECT_TRUE(weight.is_cpu() && weight.requires_grad() && weight.is_leaf());
}

TEST(StateDictNames, AreThoseOfParametersAndPersistentBuffers) {
  const Mixed model;
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model.state_dict()) {
    names.push_back(name);
    EXPECT_FALSE(tensor.requires_grad()) << name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"scale", "count", "body.0.weight", "body.0.bias",
                                             "body.1.0.weight", "body.1.0.bias"}));
}

TEST(StateDictNames, LossWeightIsPartOfTheState) {
  EXPECT_EQ(CrossEntropyLoss().state_dict().size(), 0u);
  EXPECT_EQ(CrossEntropyLoss({.weight = ones({3})}).state_dict().begin()->first, "weight");
}

TEST(StateDictMemory, IsShared) {
  Linear layer(2, 1);
  StateDict state = layer.state_dict();
  Tensor weight = state.at("weight");
  weight.fill_(3);
  EXPECT_EQ(layer.weight.to_vector<double>(), (std::vector<double>{3, 3}));
}

TEST(LoadStateDict, ConvertsDType) {
  Linear layer(2, 1);
  const Tensor weight = tensor<double>({0.5, -2}, {1, 2}), bias = tensor<double>({1.25});
  layer.load_state_dict({{"weight", weight}, {"bias", bias}});
  EXPECT_EQ(layer.weight.dtype(), float32);
  EXPECT_EQ(layer.weight.to_vector<double>(), (std::vector<double>{0.5, -2}));
}

TEST(LoadStateDict, OfItselfChangesNothing) {
  Conv2d conv(2, 3, 3);
  const auto before = conv.weight.to_vector<double>();
  conv.load_state_dict(conv.state_dict());
  EXPECT_EQ(conv.weight.to_vector<double>(), before);
}

TEST(LoadStateDict, FillsChannelsLastFromRowMajor) {
  Conv2d conv(2, 3, 3, {.bias = false});
  std::vector<float> values(54);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  conv.load_state_dict({{"weight", tensor(values, {3, 2, 3, 3})}});
  EXPECT_EQ(conv.weight.to_vector<float>(), values);
  EXPECT_TRUE(conv.weight.is_contiguous(MemoryFormat::channels_last));
}

TEST(LoadStateDict, ListsEverythingThatDoesNotFitAndChangesNothing) {
  Sequential model{Linear(2, 3), Linear(3, 1)};
  const auto before = model.at<Linear>(0).bias.to_vector<double>();
  const StateDict state{{"0.bias", zeros({3})},  // fits, but must not be copied
                        {"0.weight", zeros({2, 3})},
                        {"1.weights", zeros({1, 3})},
                        {"extra", zeros({1})},
                        {"1.bias", zeros({4})}};
  const std::string shapes =
      "shapes that differ: \"0.weight\" has shape [2, 3] in the state and [3, 2] in the module, "
      "\"1.bias\" has shape [4] in the state and [1] in the module; nothing was changed";
  EXPECT_EQ(error_of([&] { model.load_state_dict(state); }),
            "load_state_dict: the state does not fit Sequential; missing keys: \"1.weight\"; "
            "unexpected keys: \"1.weights\", \"extra\"; " +
                shapes);
  EXPECT_EQ(error_of([&] { model.load_state_dict(state, /*strict=*/false); }),
            "load_state_dict: the state does not fit Sequential; " + shapes);
  EXPECT_EQ(error_of([&] {
              CrossEntropyLoss().load_state_dict({{"weight", Tensor()}});
            }),
            "load_state_dict: the state does not fit CrossEntropyLoss; unexpected keys: "
            "\"weight\"; nothing was changed");
  EXPECT_EQ(error_of([&] {
              Linear(1, 1, {.bias = false}).load_state_dict({{"weight", {}}});
            }),
            "load_state_dict: the state does not fit Linear; shapes that differ: \"weight\" is "
            "undefined in the state; nothing was changed");
  EXPECT_EQ(model.at<Linear>(0).bias.to_vector<double>(), before);
}

TEST(LoadStateDict, ShowsForeignNamesCutEscapedAndNotAll) {
  StateDict state{{"bias\n\x1b[31m", zeros({1})}, {std::string(5'000'000, 'x'), zeros({1})}};
  for (int i = 0; i < 40'000; ++i) state.insert("k" + std::to_string(i), Tensor());
  const std::string sentence = error_of([&] { Linear(2, 1).load_state_dict(state); });
  EXPECT_NE(sentence.find("unexpected keys: \"bias\\x0a\\x1b[31m\", \"xxx"), std::string::npos)
      << sentence.substr(0, 1000);
  EXPECT_NE(sentence.find("xxx…\" (5000000 bytes), \"k0\", \"k1\","), std::string::npos)
      << sentence.substr(0, 1000);
  EXPECT_NE(sentence.find("\"k47\" and 39952 more; nothing was changed"), std::string::npos)
      << sentence.substr(0, 1000);
  EXPECT_LT(sentence.size(), 1500u);
}

TEST(LoadStateDict, NotStrictReportsAndLoadsTheRest) {
  Linear layer(2, 1);
  const auto weight = layer.weight.to_vector<double>();
  const LoadResult result =
      layer.load_state_dict({{"bias", full({1}, 9)}, {"other", zeros({1})}}, /*strict=*/false);
  EXPECT_EQ(result.missing_keys, std::vector<std::string>{"weight"});
  EXPECT_EQ(result.unexpected_keys, std::vector<std::string>{"other"});
  EXPECT_EQ(layer.bias.item(), 9);
  EXPECT_EQ(layer.weight.to_vector<double>(), weight);
}

}  // namespace
}  // namespace cuttle::test
