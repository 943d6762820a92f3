// Optimizer: giving and taking its state, and what schedules note in it.
#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/text.h"
#include "optimizer.h"

namespace cuttle {
namespace {

// What schedules note in groups, here and in PyTorch.
constexpr const char* kNotes[] = {"initial_lr",   "max_lr",        "min_lr",
                                  "max_momentum", "base_momentum", "swa_lr"};

std::string group_key(size_t group, const std::string& name) {
  return "param_groups." + std::to_string(group) + "." + name;
}

std::string state_key(size_t index, const std::string& name) {
  return "state." + std::to_string(index) + "." + name;
}

}  // namespace

std::optional<double> Optimizer::noted(const std::string& name, size_t group) const {
  check_group(group);
  const auto place = notes_[group].find(name);
  return place == notes_[group].end() ? std::nullopt : std::optional(place->second);
}

void Optimizer::note(const std::string& name, double value, size_t group) {
  check_group(group);
  if (std::find(std::begin(kNotes), std::end(kNotes), name) == std::end(kNotes))
    fail(name_, ": schedules note no ", in_quotes(name), "; they note ",
         listed(kNotes, [](const char* known) { return known; }));
  notes_[group][name] = value;
}

StateDict Optimizer::state_dict() const {
  StateDict dict;
  for (size_t group = 0; group < group_count(); ++group) {
    std::vector<int64_t> numbers(group_end(group) - group_begin(group));
    std::iota(numbers.begin(), numbers.end(), static_cast<int64_t>(group_begin(group)));
    dict.insert(group_key(group, "params"),
                tensor(numbers, {static_cast<int64_t>(numbers.size())}));
    for (const auto& [option, value] : group_options(group))
      dict.insert(group_key(group, option), full({}, value, {.dtype = float64}));
    for (const auto& [name, value] : notes_[group])
      dict.insert(group_key(group, name), full({}, value, {.dtype = float64}));
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
  std::vector<Notes> notes = notes_;
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
    for (const char* const name : kNotes) {
      const std::string key = group_key(group, name);
      known.insert(key);
      if (const Tensor* const given = dict.find(key)) notes[group][name] = given->item();
    }
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
  notes_ = std::move(notes);
  for (size_t slot = 0; slot < states_.size(); ++slot) *states_[slot] = std::move(loaded[slot]);
}

}  // namespace cuttle
