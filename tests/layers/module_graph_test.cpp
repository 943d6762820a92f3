// A model's graph as data: names, shapes and what takes from what. TensorBoard reads it in
// tests/io.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/dropout.h>
#include <cuttle/layers/embedding.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/module_graph.h>
#include <cuttle/layers/sequential.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/devices.h"

namespace cuttle::test {
namespace {

class ModuleGraph : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(ModuleGraph);

const GraphNode& node(const GraphNodes& nodes, const std::string& name) {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const GraphNode& one) { return one.name == name; });
  if (found == nodes.end()) throw std::out_of_range("no node " + name);
  return *found;
}

class Twice : public Module {
 public:
  Tensor forward(const Tensor& x) override { return fc(fc(x)).sin(); }
  Linear& fc = register_module("fc", Linear(3, 3));
};

TEST_P(ModuleGraph, NamesWhatASharedModuleDoesTwice) {
  Twice model;
  model.to(device());
  const GraphNodes nodes = module_graph(model, ones({2, 3}, {.device = device()}));
  const GraphNode& first = node(nodes, "Twice/Linear[fc]/linear");
  EXPECT_EQ(first.inputs,
            (std::vector<std::string>{"Twice/Linear[fc]/reshape", "Twice/Linear[fc]/weight",
                                      "Twice/Linear[fc]/bias"}));
  EXPECT_EQ(node(nodes, "Twice/Linear[fc]/reshape").inputs, std::vector<std::string>{"input"});
  EXPECT_EQ(node(nodes, "Twice/Linear[fc]/reshape_1").inputs[0], first.name);
  EXPECT_EQ(node(nodes, "Twice/Linear[fc]/linear_1").inputs[1], first.inputs[1]);
  EXPECT_EQ(node(nodes, "Twice/sin").inputs[0], "Twice/Linear[fc]/reshape_3");
  EXPECT_EQ(node(nodes, "output").inputs, std::vector<std::string>{"Twice/sin"});
  EXPECT_EQ(node(nodes, "output").shape, Shape({2, 3}));
  EXPECT_EQ(node(nodes, "input").shape, Shape({2, 3}));
  EXPECT_EQ(node(nodes, "Twice/Linear[fc]/weight").op, "parameter");
  EXPECT_EQ(first.attributes[0].second, "Linear(in_features=3, out_features=3, bias=True)");
}

TEST_P(ModuleGraph, IndicesAreTheInputToo) {
  Sequential model{Embedding(7, 3), Linear(3, 2)};
  model.to(device());
  const GraphNodes nodes = module_graph(model, zeros({2, 5}, {.dtype = int64, .device = device()}));
  EXPECT_EQ(node(nodes, "input").shape, Shape({2, 5}));
  const bool is_used = std::any_of(nodes.begin(), nodes.end(), [](const GraphNode& one) {
    return one.name.starts_with("Sequential/Embedding[0]/") &&
           std::count(one.inputs.begin(), one.inputs.end(), "input") == 1;
  });
  EXPECT_TRUE(is_used);
}

TEST_P(ModuleGraph, LeavesTheModelAsItWas) {
  Sequential model{Linear(3, 2), Dropout(0.5)};
  model.to(device());
  model.named_children()[0].second->eval();
  const Tensor x = ones({1, 3}, {.device = device()});
  for (const GraphNode& one : module_graph(model, x)) EXPECT_NE(one.op, "dropout");
  EXPECT_TRUE(model.is_training());
  EXPECT_FALSE(model.named_children()[0].second->is_training());
  EXPECT_FALSE(model.has_hooks());
  EXPECT_FALSE(x.requires_grad());
  EXPECT_FALSE(model.parameters()[0].grad().defined());
}

TEST_P(ModuleGraph, SaysWhyThereIsNothingToShow) {
  Embedding model(7, 3);
  model.to(device());
  model.requires_grad_(false);
  try {
    module_graph(model, zeros({1}, {.dtype = int64, .device = device()}));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("call requires_grad_() on the parameters first"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace cuttle::test
