// Module: names, traversal, modes, printing, and the path in front of errors.
#include <sstream>

#include "layers/models.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

std::vector<std::string> names(const Module::NamedTensors& named) {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : named) out.push_back(name);
  return out;
}

TEST(Module, NamesParametersAsPyTorch) {
  const TrainModule model;
  EXPECT_EQ(names(model.named_parameters()),
            (std::vector<std::string>{"model1.0.weight", "model1.0.bias", "model1.2.weight",
                                      "model1.2.bias", "model1.4.weight", "model1.4.bias",
                                      "model1.7.weight", "model1.7.bias", "model1.8.weight",
                                      "model1.8.bias"}));
  int64_t count = 0;
  for (const Tensor& parameter : model.parameters()) count += parameter.numel();
  EXPECT_EQ(count, 145578);
}

TEST(Module, OwnParametersComeBeforeThoseOfChildren) {
  const Mixed model;
  EXPECT_EQ(names(model.named_parameters()),
            (std::vector<std::string>{"scale", "body.0.weight", "body.0.bias", "body.1.0.weight",
                                      "body.1.0.bias"}));
  EXPECT_EQ(names(model.named_buffers()), (std::vector<std::string>{"count", "scratch"}));
  EXPECT_EQ(model.buffers().size(), 2u);
}

TEST(Module, ListsModulesParentsFirst) {
  Mixed model;
  std::vector<std::string> paths;
  for (const auto& [path, module] : model.named_modules())
    paths.push_back(path + ":" + module->type_name());
  EXPECT_EQ(paths, (std::vector<std::string>{":Mixed", "body:Sequential", "body.0:Linear",
                                             "body.1:Sequential", "body.1.0:Linear"}));
  EXPECT_EQ(model.modules().size(), 5u);
  EXPECT_EQ(model.children().size(), 1u);
}

TEST(Module, ParametersAreHandlesThatRequireGrad) {
  Mixed model;
  for (const Tensor& parameter : model.parameters()) EXPECT_TRUE(parameter.requires_grad());
  EXPECT_FALSE(model.count.requires_grad());
  EXPECT_TRUE(model.parameters()[0].is_same(model.scale));
  EXPECT_TRUE(model.parameters()[1].is_same(model.body.at<Linear>(0).weight));
  model.requires_grad_(false);
  EXPECT_FALSE(model.body.at<Linear>(0).weight.requires_grad());
}

TEST(Module, SharedModulesCountOnceButAreInTheStateTwice) {
  Mixed model;
  const auto shared = std::make_shared<Linear>(2, 2);
  model.register_module("a", shared);
  model.register_module("b", shared);
  EXPECT_EQ(model.parameters().size(), 5u + 2u);
  EXPECT_EQ(model.state_dict().size(), 5u + 1u + 4u);
  EXPECT_EQ(model.modules().size(), 5u + 1u);
}

TEST(Module, RefusesNames) {
  Mixed model;
  EXPECT_EQ(error_of([&] { model.register_module("body", ReLU()); }),
            "register_module: Mixed has \"body\" already; choose another name");
  EXPECT_EQ(error_of([&] { model.register_buffer("scale", Tensor()); }),
            "register_buffer: Mixed has \"scale\" already; choose another name");
  EXPECT_EQ(error_of([&] { model.register_parameter("count", Tensor()); }),
            "register_parameter: Mixed has \"count\" already; choose another name");
  EXPECT_EQ(error_of([&] { model.register_module("", ReLU()); }),
            "register_module: a name in Mixed cannot be empty");
  EXPECT_EQ(error_of([&] { model.register_module("a.b", ReLU()); }),
            "register_module: the name \"a.b\" in Mixed cannot contain a dot: dots separate the "
            "names in a path");
  EXPECT_EQ(error_of([&] { model.register_module("gone", std::shared_ptr<ReLU>()); }),
            "register_module: the module \"gone\" is a null pointer");
  EXPECT_EQ(model.named_children().size(), 1u);
}

TEST(Module, RefusesWhatCannotBeAParameter) {
  Mixed model;
  EXPECT_EQ(error_of([&] { model.register_parameter("n", zeros({1}, {.dtype = int64})); }),
            "register_parameter: \"n\" is int64; a parameter is float32 or float64, "
            "register_buffer takes the others");
  EXPECT_EQ(error_of([&] { model.register_parameter("y", model.scale.exp()); }),
            "register_parameter: \"y\" is the result of an operation (exp); a parameter must be a "
            "leaf: detach() it first");
  EXPECT_EQ(model.parameters().size(), 5u);
}

TEST(Module, TrainAndEvalReachEveryModule) {
  Mixed model;
  EXPECT_TRUE(model.is_training());
  EXPECT_EQ(&model.eval(), &model);
  for (const Module* module : model.modules()) EXPECT_FALSE(module->is_training());
  model.body.train();
  EXPECT_FALSE(model.is_training());
  EXPECT_TRUE(model.body[1].is_training());
  model.train();
  EXPECT_TRUE(model.is_training());
}

TEST(Module, ZeroGradRemovesOrClears) {
  Linear layer(3, 2);
  layer(ones({1, 3})).sum().backward();
  EXPECT_EQ(layer.bias.grad().to_vector<double>(), (std::vector<double>{1, 1}));
  layer.zero_grad(/*set_to_none=*/false);
  EXPECT_EQ(layer.weight.grad().to_vector<double>(), std::vector<double>(6, 0));
  layer.zero_grad();
  EXPECT_FALSE(layer.weight.grad().defined());
}

TEST(Module, ErrorsNameThePath) {
  TrainModule model;
  EXPECT_EQ(error_of([&] {
              (void)model(zeros({2, 1, 32, 32}));
            }).substr(0, 62),
            "model1.0 (Conv2d): conv2d: expected 3 input channels, got 1 (i");
  // 30 × 30 images leave 64 · 3 · 3 features where 1024 are expected.
  EXPECT_EQ(error_of([&] {
              (void)model(zeros({2, 3, 30, 30}));
            }).substr(0, 26),
            "model1.7 (Linear): linear:");
  Linear alone(3, 2);
  EXPECT_EQ(error_of([&] { (void)alone(zeros({1, 4})); }).substr(0, 16), "Linear: linear: ");
  CrossEntropyLoss loss;
  EXPECT_EQ(error_of([&] {
              (void)loss(zeros({2, 3}), zeros({5}, {.dtype = int64}));
            }).substr(0, 33),
            "CrossEntropyLoss: cross_entropy: ");
}

TEST(Module, WithoutForwardSaysSo) {
  CrossEntropyLoss loss;
  Module& module = loss;
  EXPECT_EQ(error_of([&] { (void)module(zeros({1})); }),
            "CrossEntropyLoss: CrossEntropyLoss has no forward of one tensor; override "
            "forward(const Tensor&), or call the module with the arguments that its own forward "
            "takes");
}

TEST(Module, PrintsAsPyTorch) {
  std::ostringstream out;
  out << Mixed();
  EXPECT_EQ(out.str(),
            "Mixed(\n"
            "  (body): Sequential(\n"
            "    (0): Linear(in_features=4, out_features=3, bias=True)\n"
            "    (1): Sequential(\n"
            "      (0): Linear(in_features=3, out_features=2, bias=True)\n"
            "    )\n"
            "  )\n"
            ")");
}

}  // namespace
}  // namespace cuttle::test
