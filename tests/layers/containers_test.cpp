// Containers: modules and parameters by number and by name.
#include <cuttle/core/creation.h>
#include <cuttle/layers/containers.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/relu.h>

#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST(Containers, ByNumberAndByName) {
  ModuleList list{Linear(2, 3), ReLU()};
  list.append(Linear(3, 1));
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(list.at<Linear>(-1).weight.shape(), (Shape{1, 3}));
  EXPECT_EQ(list.str(),
            "ModuleList(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ReLU()\n"
            "  (2): Linear(in_features=3, out_features=1, bias=True)\n)");
  EXPECT_EQ(error_of([&] { (void)list[3]; }),
            "ModuleList: there is no module 3; it has 3, numbered from 0");
  EXPECT_EQ(error_of([&] { (void)list.at<Linear>(1); }), "ModuleList::at: module 1 is a ReLU");

  ModuleDict dict{{"relu", ReLU()}, {"fc", Linear(1, 1)}};
  EXPECT_EQ(dict.keys(), (std::vector<std::string>{"relu", "fc"}));
  EXPECT_TRUE(dict.contains("fc"));
  EXPECT_EQ(dict.at<Linear>("fc").weight.numel(), 1);
  EXPECT_EQ(error_of([&] { (void)dict["conv"]; }),
            "ModuleDict: there is no \"conv\"; it has \"relu\", \"fc\"");

  ParameterList parameters{ones({2}), zeros({3})};
  EXPECT_EQ(parameters[-1].numel(), 3);
  EXPECT_TRUE(parameters[0].requires_grad());
  EXPECT_EQ(parameters.named_parameters()[1].first, "1");
  ParameterDict named{{"gain", ones({2})}};
  EXPECT_EQ(named["gain"].numel(), 2);
  EXPECT_EQ(error_of([&] { (void)named["bias"]; }),
            "ParameterDict: there is no \"bias\"; it has \"gain\"");
  EXPECT_EQ(clone(parameters)[0].to_vector<double>(), (std::vector<double>{1, 1}));
}

TEST(Containers, AreWalkedThroughInOrder) {
  ModuleList list{Linear(2, 3), ReLU(), Linear(3, 1)};
  const Tensor x = tensor({{1.f, -2.f}});
  Tensor y = x;
  for (Module& module : list) y = module(y);
  EXPECT_EQ(y.to_vector<float>(), list[2](list[1](list[0](x))).to_vector<float>());

  Sequential model{Linear(2, 2), Sequential{ReLU()}};
  std::vector<std::string> names;
  for (auto child = model.begin(); child != model.end(); child++)
    names.push_back(child->type_name());
  EXPECT_EQ(names, (std::vector<std::string>{"Linear", "Sequential"}));
  auto walk = model.begin();
  EXPECT_EQ(&*walk++, &model[0]);
  EXPECT_EQ(&*walk, &model[1]);
  EXPECT_EQ(++walk, model.end());
  const ModuleList none;
  EXPECT_EQ(none.begin(), none.end());
}

}  // namespace
}  // namespace cuttle::test
