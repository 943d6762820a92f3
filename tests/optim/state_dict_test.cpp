// An optimizer's state: names, going on as if never stopped, and states that do not fit.
#include <cuttle/core/creation.h>
#include <cuttle/optim/sgd.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

Tensor leaf(const Shape& shape, const Device& device = {}, DType dtype = float32) {
  return ones(shape, {.dtype = dtype, .device = device, .requires_grad = true});
}

void step(SGD& optimizer, std::vector<Tensor>& params, double gradient) {
  for (Tensor& param : params) param.set_grad(full_like(param.detach(), gradient));
  optimizer.step();
}

TEST(OptimizerState, Names) {
  std::vector<Tensor> params{leaf({2}), leaf({3})};
  SGD optimizer({{{params[0]}, {.lr = 0.1, .momentum = 0.9}},
                 {{params[1]}, {.lr = 0.25, .nesterov = false}}});
  step(optimizer, params, 1);
  std::vector<std::string> names;
  const StateDict state = optimizer.state_dict();
  for (const auto& [name, tensor] : state) names.push_back(name);
  const auto group = [](const std::string& g) {
    std::vector<std::string> all;
    for (const char* option :
         {"params", "lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize"})
      all.push_back("param_groups." + g + "." + option);
    return all;
  };
  std::vector<std::string> expected = group("0");
  for (const std::string& name : group("1")) expected.push_back(name);
  expected.push_back("state.0.momentum_buffer");  // group 1 has no momentum
  EXPECT_EQ(names, expected);
  EXPECT_EQ(state.at("param_groups.1.params").to_vector<int64_t>(), std::vector<int64_t>{1});
  EXPECT_EQ(state.at("param_groups.1.lr").item(), 0.25);
  EXPECT_EQ(state.at("param_groups.0.momentum").item(), 0.9);
}

class OptimizerStateOnDevice : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(OptimizerStateOnDevice);

TEST_P(OptimizerStateOnDevice, GoesOnAsIfNeverStopped) {
  std::vector<Tensor> params{leaf({33}), leaf({2, 3})};
  SGD stopped(params, {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1});
  step(stopped, params, 0.5);
  step(stopped, params, -0.25);

  // On the other device, in the other precision, with other options until the state is loaded.
  std::vector<Tensor> copies;
  for (const Tensor& param : params) {
    copies.push_back(param.detach().clone().to(device(), float64));
    copies.back().requires_grad_();
  }
  SGD resumed(copies, {.lr = 5});
  resumed.load_state_dict(stopped.state_dict());
  EXPECT_EQ(resumed.options().weight_decay, 0.1);
  for (const double gradient : {1.0, -2.0}) {
    step(stopped, params, gradient);
    step(resumed, copies, gradient);
  }
  for (size_t p = 0; p < params.size(); ++p)
    expect_near(copies[p], params[p].to_vector<double>(), 1e-6, 1e-6, "resumed");
}

TEST(OptimizerState, LoadedBuffersAreCopies) {
  std::vector<Tensor> params{leaf({2})}, others{leaf({2})};
  SGD first(params, {.lr = 0.1, .momentum = 0.9}), second(others, {.lr = 0.1, .momentum = 0.9});
  step(first, params, 1);
  second.load_state_dict(first.state_dict());
  step(second, others, 7);
  EXPECT_EQ(first.state_dict().at("state.0.momentum_buffer").to_vector<double>(),
            (std::vector<double>{1, 1}));
}

/// `state` with one entry replaced, removed (undefined) or added.
StateDict changed(const StateDict& state, const std::string& key, const Tensor& value) {
  StateDict out;
  for (const auto& [name, tensor] : state)
    if (name != key) out.insert(name, tensor);
  if (value.defined()) out.insert(key, value);
  return out;
}

TEST(OptimizerState, ErrorsChangeNothing) {
  std::vector<Tensor> params{leaf({2}), leaf({3})};
  SGD optimizer(params, {.lr = 0.1, .momentum = 0.9});
  step(optimizer, params, 1);
  const StateDict good = optimizer.state_dict();
  const auto error = [&](const std::string& key, const Tensor& value) {
    const StateDict bad =
        changed(changed(good, "param_groups.0.lr", full({}, 9, {.dtype = float64})), key, value);
    const std::string sentence = error_of([&] { optimizer.load_state_dict(bad); });
    EXPECT_EQ(optimizer.lr(), 0.1) << key;
    return sentence;
  };
  EXPECT_EQ(error("param_groups.0.params", zeros({3}, {.dtype = int64})),
            "SGD: the state's parameter group 0 has 3 parameters, this optimizer's has 2; nothing "
            "was changed");
  EXPECT_EQ(error("state.1.momentum_buffer", zeros({4})),
            "SGD: the state's \"state.1.momentum_buffer\" has shape [4], the parameter has shape "
            "[3]; nothing was changed");
  EXPECT_EQ(error("state.0.exp_avg", zeros({2})),
            "SGD: the state has \"state.0.exp_avg\", which this optimizer does not; it was saved "
            "from another optimizer or other parameters; nothing was changed");
  EXPECT_EQ(error("param_groups.0.momentum", full({}, -1, {.dtype = float64})),
            "SGD: momentum must be 0 or more, got -1");
  const std::string missing = "state dict: there is no 'param_groups.0.nesterov'";
  EXPECT_EQ(error("param_groups.0.nesterov", Tensor()).substr(0, missing.size()), missing);
}

TEST(OptimizerState, OfAnotherNumberOfGroupsIsRefused) {
  std::vector<Tensor> a{leaf({2})}, b{leaf({2})};
  SGD two({{{a[0]}, {}}, {{b[0]}, {}}});
  SGD one(std::vector<Tensor>{leaf({2})}, {});
  EXPECT_THROW(one.load_state_dict(two.state_dict()), Error);
  EXPECT_THROW(two.load_state_dict(one.state_dict()), Error);
}

}  // namespace
}  // namespace cuttle::test
