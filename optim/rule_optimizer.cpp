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
    : OptionGroups<Rule>(groups, slots_of<Rule>()) {}

template <class Rule>
StepUpdate RuleOptimizer<Rule>::prepare(size_t index, const Tensor& gradient,
                                        const Options& options) {
  const Tensor& param = this->parameter(index);
  check_gradient(Rule::kName, index, param, gradient);
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
  const Tensor& kept = (*this->states(slot))[index];
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
void RuleOptimizer<Rule>::gather(size_t group, Launches& launches) {
  for (size_t index = this->group_begin(group), end = this->group_end(group); index < end;
       ++index) {
    const Tensor gradient = this->parameter(index).grad();
    if (!gradient.defined()) continue;
    StepUpdate update = prepare(index, gradient, *this->shared_options(group));
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
  this->check_all_options();
  launches_.resize(this->group_count());
  for (size_t g = 0; g < launches_.size(); ++g) {
    if (cuda::is_capturing()) {
      capture(g, skip);
      continue;
    }
    Launches& launches = launches_[g];
    for (StepLaunch<Rule>& launch : launches) launch.clear();  // a step that threw left some
    gather(g, launches);
    for (StepLaunch<Rule>& launch : launches) {
      if (launch.updates().empty()) continue;
      launch.prepare(*this->shared_options(g), skip, this->all_states());
      launch.run();
      launch.clear();
    }
  }
}

template <class Rule>
void RuleOptimizer<Rule>::capture(size_t group, const Tensor& skip) {
  Launches launches;
  gather(group, launches);
  for (StepLaunch<Rule>& each : launches) {
    check_capturable(Rule::kName, each.updates().front().value);
    each.run();
    cuda::before_replay([launch = std::make_shared<StepLaunch<Rule>>(std::move(each)),
                         options = this->shared_options(group), skip, kept = this->all_states()] {
      const NoGradGuard no_grad;
      check_options<Rule>(*options);
      launch->prepare(*options, skip, kept);
    });
  }
}

#define CUTTLE_INSTANTIATE(Rule) template class RuleOptimizer<kernels::Rule>;
CUTTLE_OPTIMIZER_RULES(CUTTLE_INSTANTIATE)

}  // namespace cuttle
