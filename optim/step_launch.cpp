#include "step_launch.h"

#include <cstring>

#include "../core/allocators.h"
#include "../core/creation.h"
#include "../core/cuda_graph.h"
#include "../core/dispatch.h"
#include "../core/tensor_impl.h"
#include "../kernels/optimizer_rules.h"
#include "optimizer_slots.h"

namespace cuttle {

template <class Rule>
DeviceOptions<Rule>::DeviceOptions(const Device& device)
    : memory_(empty({static_cast<int64_t>(sizeof(Settings))}, {.dtype = uint8, .device = device})) {
}

template <class Rule>
void DeviceOptions<Rule>::set(const typename Rule::Options& options, const Tensor& skip) {
  const float* const flag = skip.defined() ? skip.data<float>() : nullptr;
  if (is_set_ && options == options_ && flag == (skip_.defined() ? skip_.data<float>() : nullptr))
    return;
  const Settings settings = {options, flag};
  if (memory_.is_cpu())
    std::memcpy(memory_.raw_data(), &settings, sizeof(settings));
  else
    copy_to_device(memory_.raw_data(), memory_.device(), &settings, sizeof(settings));
  is_set_ = true;
  options_ = options;
  skip_ = skip;
}

template <class Rule>
DeviceOptions<Rule>& StepLaunch<Rule>::options() {
  const cuda::OrdinaryMemoryGuard guard;  // the host writes there between replays
  if (!options_) options_.emplace(device_);
  return *options_;
}

template <class Rule>
void StepLaunch<Rule>::prepare(const typename Rule::Options& options, const Tensor& skip,
                               const Kept& kept) {
  for (const StepUpdate& update : updates_) {
    if (update.parameter.raw_data() != update.memory)
      fail(Rule::kName, ": parameter ", update.index,
           " was moved after its step was captured into a CUDA graph; capture the step again");
    update.parameter.impl().storage->bump_version();
    for (size_t slot = 0; slot < kept.size(); ++slot) {
      if (!uses_slot<Rule>(options, slot)) continue;
      Tensor state = update.states[slot];
      if (!state.defined())
        fail(Rule::kName, ": the options needed no ", slots_of<Rule>()[slot].name,
             " when the step was captured into a CUDA graph, and need it now; capture the step "
             "again");
      Tensor& before = (*kept[slot])[update.index];
      if (!before.defined())
        begin_slot<Rule>(slot, state);
      else if (!before.is_same(state))
        state.copy_(before);
      before = state;
    }
  }
  this->options().set(options, skip);
}

template <class Rule>
void StepLaunch<Rule>::run() {
  auto* const settings = options().get();
  dispatch_float_double(Rule::kName, dtype_, [&]<class T>() {
    std::vector<kernels::StepParameter<T>> parameters;
    parameters.reserve(updates_.size());
    for (const StepUpdate& update : updates_) {
      kernels::StepParameter<T>& p = parameters.emplace_back();
      p.value = update.value.data<T>();
      p.gradient = update.gradient.data<T>();
      p.numel = update.value.numel();
      for (int k = 0; k < Rule::kStates; ++k)
        if (const Tensor& state = update.states[static_cast<size_t>(k)]; state.defined())
          p.state[k] = state.data<T>();
      const Tensor& steps = update.states[Rule::kStates];
      if (steps.defined()) p.steps = steps.data<double>();
      if constexpr (Rule::kKeepsProduct)
        p.product = update.states[Rule::kStates + 1].template data<double>();
    }
    const profiler::RangeScope profiled(profiler::RangeKind::operation, Rule::kName);
    on_device(device_, [&](auto stream) {
      kernels::optimizer_step<Rule, T>(stream, settings,
                                       std::span<const kernels::StepParameter<T>>(parameters));
    });
  });
  for (StepUpdate& update : updates_)
    if (!update.value.is_same(update.parameter)) update.parameter.copy_(update.value);
}

#define CUTTLE_INSTANTIATE(Rule)               \
  template class DeviceOptions<kernels::Rule>; \
  template class StepLaunch<kernels::Rule>;
CUTTLE_OPTIMIZER_RULES(CUTTLE_INSTANTIATE)

}  // namespace cuttle
