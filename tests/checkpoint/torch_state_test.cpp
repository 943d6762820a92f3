// States in PyTorch's layout: there and back, and what PyTorch writes otherwise.
#include <cuttle/checkpoint/torch_state.h>
#include <cuttle/core/creation.h>
#include <cuttle/optim/adam.h>
#include <cuttle/optim/sgd.h>

#include "io/scratch.h"

namespace cuttle::testing {
namespace {

std::vector<Tensor> make_params() {
  std::vector<Tensor> params;
  for (const int64_t size : {2, 3}) params.push_back(ones({size}).requires_grad_());
  return params;
}

void step(Optimizer& optimizer, const std::vector<Tensor>& params) {
  optimizer.zero_grad();
  for (const Tensor& param : params) param.pow(2).sum().backward();
  optimizer.step();
}

TEST(TorchState, OfAdamHasPyTorchsLayout) {
  const auto params = make_params();
  AdamW optimizer(params, {.lr = 0.1, .betas = {0.8, 0.9}, .amsgrad = true});
  step(optimizer, params);
  const Value state = torch_state(optimizer);
  const Value& kept = state["state"].dict().at(int64_t{1});
  EXPECT_EQ(kept["step"].to_tensor().dtype(), float32);
  EXPECT_EQ(kept["step"].to_double(), 1);
  EXPECT_EQ(kept["exp_avg"].to_tensor().shape(), (Shape{3}));
  const Value& group = state["param_groups"][0];
  EXPECT_TRUE(group["betas"].is_tuple());
  EXPECT_EQ(group["betas"][1].to_double(), 0.9);
  EXPECT_TRUE(group["amsgrad"].to_bool());
  EXPECT_FALSE(group["maximize"].to_bool());
  EXPECT_TRUE(group["decoupled_weight_decay"].to_bool());
  EXPECT_EQ(group["params"][1].to_int(), 1);
}

TEST(TorchState, GoesOnWithTheSameBits) {
  const auto a = make_params(), b = make_params();
  NAdam first(a, {.lr = 0.1}), second(b, {.lr = 0.7});
  for (int i = 0; i < 3; ++i) step(first, a);
  load_torch_state(second, torch_state(first));
  for (size_t i = 0; i < a.size(); ++i) b[i].detach().copy_(a[i].detach());
  step(first, a);
  step(second, b);
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].to_vector<float>(), b[i].to_vector<float>());
}

TEST(TorchState, TakesWhatPyTorchWrites) {
  const auto params = make_params();
  SGD optimizer(params, {.lr = 0.1, .momentum = 0.9, .nesterov = true});
  // Numbers of its own, None, an option too few (nesterov), and what is passed over.
  load_torch_state(optimizer,
                   Dict{{"state", Dict{{int64_t{7}, Dict{{"momentum_buffer", full({2}, 4)}}},
                                       {int64_t{5}, Dict{{"momentum_buffer", Value()}}}}},
                        {"param_groups", Value::List{Dict{{"lr", 0.25},
                                                          {"momentum", 0.5},
                                                          {"dampening", 0},
                                                          {"weight_decay", 0},
                                                          {"maximize", true},
                                                          {"foreach", Value()},
                                                          {"fused", false},
                                                          {"initial_lr", 1.0},
                                                          {"params", Value::List{7, 5}}}}}});
  EXPECT_EQ(optimizer.options().lr, 0.25);
  EXPECT_EQ(optimizer.options().momentum, 0.5);
  EXPECT_TRUE(optimizer.options().maximize);
  EXPECT_TRUE(optimizer.options().nesterov);
  const StateDict state = optimizer.state_dict();
  EXPECT_EQ(state.at("state.0.momentum_buffer").to_vector<float>(), (std::vector<float>{4, 4}));
  EXPECT_FALSE(state.find("state.1.momentum_buffer"));
  EXPECT_EQ(optimizer.initial_lr(0), 1);
}

TEST(TorchState, RefusesWhatDoesNotFit) {
  const auto params = make_params();
  Adam adam(params);
  AdamW adamw(params);
  SGD sgd(params, 0.1);
  EXPECT_ERROR(load_torch_state(adam, torch_state(adamw)),
               "the state is of AdamW, the optimizer is Adam");
  EXPECT_ERROR(load_torch_state(sgd, torch_state(adam)), "which this optimizer does not");
  EXPECT_ERROR(load_torch_state(sgd, Dict{{"state", Dict()}, {"param_groups", Value::List()}}),
               "the state has 0 parameter groups, the optimizer 1");
  const Dict group{{"params", Value::List{0, 0}}};
  EXPECT_ERROR(load_torch_state(sgd, Dict{{"state", Dict()}, {"param_groups", Value::List{group}}}),
               "has parameter 0 twice");
  Dict strange = torch_state(sgd);
  strange.set("state", Dict{{9, Dict()}});
  EXPECT_ERROR(load_torch_state(sgd, strange), "tensors of parameter 9, which no group has");
}

}  // namespace
}  // namespace cuttle::testing
