// Checks options and gathers what has a gradient by device and dtype, a launch each.
#include "rule_optimizer.h"

#include <algorithm>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/cuda_graph.h"
#include "../core/tensor_impl.h"
#include "optimizer_slots.h"
#include "option_checks.h"

namespace cuttle {

template <class Rule>
RuleOptimizer<Rule>::RuleOptimizer(const std::vector<ParamGroup>& groups)
    : Optimizer(Rule::kName, slots_of<Rule>()) {
  for (const ParamGroup& group : groups) add_param_group(group);
  check_not_empty();
}

template <class Rule>
void RuleOptimizer<Rule>::add_param_group(const ParamGroup& group) {
  check_options<Rule>(group.options);
  add_group(group.params);
  groups_.push_back({.options = std::make_shared<Options>(group.options)});
}

template <class Rule>
typename Rule::Options& RuleOptimizer<Rule>::options(size_t group) {
  check_group(group);
  return *groups_[group].options;
}

template <class Rule>
const typename Rule::Options& RuleOptimizer<Rule>::options(size_t group) const {
  check_group(group);
  return *groups_[group].options;
}

template <class Rule>
void RuleOptimizer<Rule>::set_lr(double lr, size_t group) {
  Options changed = options(group);
  changed.lr = lr;
  check_options<Rule>(changed);
  options(group) = changed;
}

template <class Rule>
Optimizer::NamedOptions RuleOptimizer<Rule>::group_options(size_t group) const {
  NamedOptions named;
  Rule::for_each_option(options(group), [&](const char* name, auto value) {
    named.emplace_back(name, static_cast<double>(value));
  });
  return named;
}

template <class Rule>
void RuleOptimizer<Rule>::set_group_options(size_t group, const NamedOptions& named,
                                            bool check_only) {
  Options changed;
  auto next = named.begin();  // in the order in which group_options gave them
  Rule::for_each_option(
      changed, [&]<class T>(const char*, T& field) { field = static_cast<T>((next++)->second); });
  check_options<Rule>(changed);
  if (!check_only) options(group) = changed;
}

template <class Rule>
StepUpdate RuleOptimizer<Rule>::prepare(size_t index, const Tensor& gradient,
                                        const Options& options) {
  const Tensor& param = parameter(index);
  if (gradient.shape() != param.shape() || gradient.dtype() != param.dtype() ||
      gradient.device() != param.device())
    fail(Rule::kName, ": the gradient of parameter ", index, " is ", gradient.dtype(), " ",
         gradient.shape(), " on ", gradient.device(), ", the parameter ", param.dtype(), " ",
         param.shape(), " on ", param.device(),
         "; call zero_grad() after the change and backward() again");
  StepUpdate update{.index = index, .parameter = param, .memory = param.raw_data()};
  update.value =
      is_dense_in_some_order(param.shape(), param.strides()) ? param : param.contiguous();
  update.gradient = match_layout(gradient, update.value);
  for (size_t slot = 0, slots = slots_of<Rule>().size(); slot < slots; ++slot)
    if (uses_slot<Rule>(options, slot)) update.states[slot] = state_for(slot, index, update.value);
  return update;
}

template <class Rule>
Tensor RuleOptimizer<Rule>::state_for(size_t slot, size_t index, const Tensor& value) {
  const bool number = slots_of<Rule>()[slot].number;
  const auto fits = [&](const Tensor& state) {
    return state.defined() &&
           (number ? state.device() == value.device() : is_laid_out_like(state, value));
  };
  const auto make = [&] {
    return number ? empty({}, {.dtype = float64, .device = value.device()}) : empty_like(value);
  };
  const Tensor& kept = (*states(slot))[index];
  if (fits(kept)) return kept;
  if (!cuda::is_capturing()) return make();
  const cuda::OrdinaryMemoryGuard guard;  // it lives from replay to replay
  captured_.resize(std::max(captured_.size(), slot + 1));
  captured_[slot].resize(std::max(captured_[slot].size(), index + 1));
  Tensor& captured = captured_[slot][index];
  if (!fits(captured)) captured = make();
  return captured;
}

template <class Rule>
void RuleOptimizer<Rule>::gather(size_t group, std::vector<StepLaunch<Rule>>& launches) {
  for (size_t index = group_begin(group); index < group_end(group); ++index) {
    const Tensor gradient = parameter(index).grad();
    if (!gradient.defined()) continue;
    StepUpdate update = prepare(index, gradient, *groups_[group].options);
    const auto takes = [&](const StepLaunch<Rule>& launch) { return launch.takes(update.value); };
    auto launch = std::find_if(launches.begin(), launches.end(), takes);
    if (launch == launches.end())
      launch = launches.emplace(launches.end(), update.value.device(), update.value.dtype());
    launch->add(std::move(update));
  }
}

template <class Rule>
void RuleOptimizer<Rule>::step_unless(const Tensor& skip) {
  const NoGradGuard no_grad;
  for (const Group& group : groups_) check_options<Rule>(*group.options);
  for (size_t g = 0; g < group_count(); ++g) {
    if (cuda::is_capturing()) {
      capture(g, skip);
      continue;
    }
    Group& group = groups_[g];
    for (StepLaunch<Rule>& launch : group.launches) launch.clear();  // a step that threw left some
    gather(g, group.launches);
    for (StepLaunch<Rule>& launch : group.launches) {
      if (launch.updates().empty()) continue;
      launch.prepare(*group.options, skip, all_states());
      launch.run();
      launch.clear();
    }
  }
}

template <class Rule>
void RuleOptimizer<Rule>::capture(size_t group, const Tensor& skip) {
  std::vector<StepLaunch<Rule>> launches;
  gather(group, launches);
  for (StepLaunch<Rule>& each : launches) {
    const Device device = each.updates().front().value.device();
    if (device.is_cpu())
      fail(Rule::kName,
           ": the step of parameters on the CPU cannot be captured into a CUDA graph, for the ",
           "host computes it; leave them to an optimizer of their own");
    each.run();
    cuda::before_replay([launch = std::make_shared<StepLaunch<Rule>>(std::move(each)),
                         options = groups_[group].options, skip, kept = all_states()] {
      const NoGradGuard no_grad;
      check_options<Rule>(*options);
      launch->prepare(*options, skip, kept);
    });
  }
}

#define CUTTLE_INSTANTIATE(Rule) template class RuleOptimizer<kernels::Rule>;
CUTTLE_OPTIMIZER_RULES(CUTTLE_INSTANTIATE)

}  // namespace cuttle
