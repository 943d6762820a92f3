// The schedules of check_torch_schedules.py under its names, each made with settings of its own:
// those that count come with a state of PyTorch's.
#pragma once

#include <cuttle/cuttle.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cuttle::test {

/// A schedule and what it is combined of.
class AnySchedule {
 public:
  AnySchedule(const std::string& name, Optimizer& optimizer);

  void step(const Value& metrics) {
    if (plateau_)
      plateau_->step(metrics[plateau_->last_epoch()].to_double());
    else
      parts_.back()->step();
  }
  Dict state_dict() const {
    return plateau_ ? plateau_->state_dict() : parts_.back()->state_dict();
  }
  void load_state_dict(const Value& state) {
    plateau_ ? plateau_->load_state_dict(state) : parts_.back()->load_state_dict(state);
  }

 private:
  template <class S, class... Settings>
  S& add(Settings&&... settings) {
    parts_.push_back(std::make_unique<S>(std::forward<Settings>(settings)...));
    return static_cast<S&>(*parts_.back());
  }

  std::vector<std::unique_ptr<LRScheduler>> parts_;  // the last is the whole
  std::unique_ptr<ReduceLROnPlateau> plateau_;
};

/// Where the learning rate goes by a function, it is the script's.
inline AnySchedule::AnySchedule(const std::string& name, Optimizer& o) {
  const std::string kind = name.substr(0, name.find(' '));  // "OneCycleLR of Adam"
  if (kind == "StepLR") {
    add<StepLR>(o, StepLROptions{.step_size = 1});
  } else if (kind == "MultiStepLR") {
    add<MultiStepLR>(o, MultiStepLROptions{.milestones = {1}});
  } else if (kind == "ExponentialLR") {
    add<ExponentialLR>(o, ExponentialLROptions{.gamma = 0.1});
  } else if (kind == "ConstantLR") {
    add<ConstantLR>(o);
  } else if (kind == "LinearLR") {
    add<LinearLR>(o);
  } else if (kind == "PolynomialLR") {
    add<PolynomialLR>(o);
  } else if (kind == "LambdaLR") {
    const auto reciprocal = [](int64_t epoch) { return 1. / (1. + static_cast<double>(epoch)); };
    add<LambdaLR>(o, LRLambda(reciprocal));
  } else if (kind == "MultiplicativeLR") {
    add<MultiplicativeLR>(
        o, LRLambda([](int64_t epoch) { return 0.9 + 0.01 * static_cast<double>(epoch); }));
  } else if (kind == "CosineAnnealingLR") {
    add<CosineAnnealingLR>(o, CosineAnnealingLROptions{.T_max = 2});
  } else if (kind == "CosineAnnealingWarmRestarts") {
    add<CosineAnnealingWarmRestarts>(o, CosineAnnealingWarmRestartsOptions{.T_0 = 1});
  } else if (kind == "SWALR") {
    add<SWALR>(o);
  } else if (kind == "CyclicLR" && name.ends_with("of a function")) {
    add<CyclicLR>(o, CyclicLROptions{.scale_fn = [](double x) { return 1 / (5 + x); }});
  } else if (kind == "CyclicLR") {
    add<CyclicLR>(o, CyclicLROptions{});
  } else if (kind == "OneCycleLR") {
    add<OneCycleLR>(o, OneCycleLROptions{.total_steps = 2});
  } else if (kind == "SequentialLR") {
    LRScheduler& warm_up = add<LinearLR>(o);
    LRScheduler& decay = add<MultiStepLR>(o, MultiStepLROptions{});
    LRScheduler& end = add<CosineAnnealingLR>(o, CosineAnnealingLROptions{.T_max = 1});
    add<SequentialLR>(o, LRSchedulers{warm_up, decay, end}, std::vector<int64_t>{1, 2});
  } else if (kind == "ChainedScheduler") {
    LRScheduler& constant = add<ConstantLR>(o);
    LRScheduler& decay = add<ExponentialLR>(o, ExponentialLROptions{});
    add<ChainedScheduler>(LRSchedulers{constant, decay});
  } else if (kind == "ReduceLROnPlateau") {
    plateau_ = std::make_unique<ReduceLROnPlateau>(o);
  } else {
    fail("no schedule is called ", name);
  }
}

/// Three groups of other options; Adam where the name ends so.
inline std::unique_ptr<Optimizer> optimizer_for(const std::string& name) {
  const auto leaves = [] { return std::vector<Tensor>{ones({1}, {.requires_grad = true})}; };
  if (name.ends_with("of Adam"))
    return std::make_unique<Adam>(std::vector<Adam::ParamGroup>{
        {leaves(), {.lr = 1}}, {leaves(), {.lr = 1}}, {leaves(), {.lr = 1}}});
  return std::make_unique<SGD>(std::vector<SGD::ParamGroup>{
      {leaves(), {.lr = 1}}, {leaves(), {.lr = 1}}, {leaves(), {.lr = 1}}});
}

/// The learning rates of all groups, then their momenta.
inline Value::List rates(const Optimizer& optimizer) {
  Value::List all;
  for (size_t group = 0; group < optimizer.group_count(); ++group)
    all.emplace_back(optimizer.lr(group));
  for (size_t group = 0; group < optimizer.group_count(); ++group) {
    const std::optional<double> momentum = optimizer.option("momentum", group);
    all.emplace_back(momentum ? *momentum : optimizer.option("betas.0", group).value());
  }
  return all;
}

/// Goes on from `run`, {"optimizer", "scheduler"}, and returns these with "trace", the rates after
/// each step. `metrics` are ReduceLROnPlateau's.
inline Dict go_on(const std::string& name, const Value& run, const Value& metrics, int64_t steps) {
  const std::unique_ptr<Optimizer> optimizer = optimizer_for(name);
  AnySchedule schedule(name, *optimizer);
  load_torch_state(*optimizer, run["optimizer"]);
  schedule.load_state_dict(run["scheduler"]);
  Value::List trace;
  for (int64_t step = 0; step < steps; ++step) {
    schedule.step(metrics);
    trace.emplace_back(rates(*optimizer));
  }
  return Dict{{"optimizer", torch_state(*optimizer)},
              {"scheduler", schedule.state_dict()},
              {"trace", std::move(trace)}};
}

}  // namespace cuttle::test
