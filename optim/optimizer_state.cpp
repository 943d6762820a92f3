// Optimizer: giving and taking its state.
#include <numeric>
#include <set>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/text.h"
#include "optimizer.h"

namespace cuttle {
namespace {

constexpr const char* kInitialLr = "initial_lr";

std::string group_key(size_t group, const std::string& name) {
  return "param_groups." + std::to_string(group) + "." + name;
}

std::string state_key(size_t index, const std::string& name) {
  return "state." + std::to_string(index) + "." + name;
}

// The list is as long as what was asked for.
std::optional<double> known_at(const std::vector<std::optional<double>>& lrs, size_t group) {
  return group < lrs.size() ? lrs[group] : std::nullopt;
}

}  // namespace

StateDict Optimizer::state_dict() const {
  StateDict dict;
  for (size_t group = 0; group < group_count(); ++group) {
    std::vector<int64_t> numbers(group_end(group) - group_begin(group));
    std::iota(numbers.begin(), numbers.end(), static_cast<int64_t>(group_begin(group)));
    dict.insert(group_key(group, "params"),
                tensor(numbers, {static_cast<int64_t>(numbers.size())}));
    for (const auto& [option, value] : group_options(group))
      dict.insert(group_key(group, option), full({}, value, {.dtype = float64}));
    if (const std::optional<double> initial = known_at(initial_lrs_, group))
      dict.insert(group_key(group, kInitialLr), full({}, *initial, {.dtype = float64}));
  }
  for (size_t index = 0; index < params_.size(); ++index)
    for (size_t slot = 0; slot < states_.size(); ++slot)
      if (const Tensor& kept = (*states_[slot])[index]; kept.defined() && slots_[slot].saved)
        dict.insert(state_key(index, slots_[slot].name), kept.detach());
  return dict;
}

Tensor Optimizer::loaded_state(const StateDict& dict, size_t slot, size_t index,
                               const std::string& key) const {
  const Tensor& param = params_[index];
  if (!slots_[slot].saved) {  // a number of steps: some were taken if anything was kept
    const Tensor* const other = dict.find(state_key(index, slots_[0].name));
    return other ? full({}, 1, {.dtype = float64, .device = param.device()}) : Tensor();
  }
  const Tensor* const given = dict.find(key);
  if (!given) return {};
  const bool number = slots_[slot].number;
  if (number ? given->numel() != 1 : given->shape() != param.shape())
    fail(name_, ": the state's \"", key, "\" has shape ", given->shape(),
         number ? ", expected one number" : ", the parameter has shape ",
         number ? "" : param.shape().str(), "; nothing was changed");
  if (number) return given->detach().reshape(Shape{}).to(param.device(), float64).clone();
  return given->detach().to(param.device(), param.dtype()).clone();
}

void Optimizer::load_state_dict(const StateDict& dict) {
  std::set<std::string> known;
  std::vector<NamedOptions> options;
  std::vector<std::optional<double>> initial_lrs;
  for (size_t group = 0; group < group_count(); ++group) {
    const size_t count = group_end(group) - group_begin(group);
    const std::string params_key = group_key(group, "params");
    known.insert(params_key);
    if (const int64_t given = dict.at(params_key).numel(); given != static_cast<int64_t>(count))
      fail(name_, ": the state's parameter group ", group, " has ", given,
           " parameters, this optimizer's has ", count, "; nothing was changed");
    options.push_back(group_options(group));
    for (auto& [option, value] : options.back()) {
      value = dict.at(group_key(group, option)).item();
      known.insert(group_key(group, option));
    }
    set_group_options(group, options.back(), /*check_only=*/true);
    const std::string initial_key = group_key(group, kInitialLr);
    known.insert(initial_key);
    const Tensor* const initial = dict.find(initial_key);
    initial_lrs.push_back(initial ? std::optional(initial->item()) : known_at(initial_lrs_, group));
  }

  const NoGradGuard no_grad;
  std::vector<States> loaded(states_.size(), States(params_.size()));
  for (size_t slot = 0; slot < states_.size(); ++slot)
    for (size_t index = 0; index < params_.size(); ++index) {
      const std::string key = state_key(index, slots_[slot].name);
      if (slots_[slot].saved) known.insert(key);
      loaded[slot][index] = loaded_state(dict, slot, index, key);
    }
  for (const auto& [key, value] : dict)
    if (!known.contains(key))
      fail(name_, ": the state has ", in_quotes(key),
           ", which this optimizer does not; it was saved from ",
           "another optimizer or other parameters; nothing was changed");

  for (size_t group = 0; group < group_count(); ++group)
    set_group_options(group, options[group], /*check_only=*/false);
  initial_lrs_ = std::move(initial_lrs);
  for (size_t slot = 0; slot < states_.size(); ++slot) *states_[slot] = std::move(loaded[slot]);
}

}  // namespace cuttle
