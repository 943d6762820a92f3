#include "option_groups.h"

#include "muon.h"
#include "option_checks.h"

namespace cuttle {

template <class Rule>
OptionGroups<Rule>::OptionGroups(const std::vector<ParamGroup>& groups,
                                 std::vector<StateSlot> slots)
    : Optimizer(Rule::kName, std::move(slots)) {
  for (const ParamGroup& group : groups) add_param_group(group);
  check_not_empty();
}

template <class Rule>
void OptionGroups<Rule>::add_param_group(const ParamGroup& group) {
  check_options<Rule>(group.options);
  add_group(group.params);
  options_.push_back(std::make_shared<Options>(group.options));
}

template <class Rule>
typename Rule::Options& OptionGroups<Rule>::options(size_t group) {
  check_group(group);
  return *options_[group];
}

template <class Rule>
const typename Rule::Options& OptionGroups<Rule>::options(size_t group) const {
  check_group(group);
  return *options_[group];
}

template <class Rule>
void OptionGroups<Rule>::set_lr(double lr, size_t group) {
  Options changed = options(group);
  changed.lr = lr;
  check_options<Rule>(changed);
  options(group) = changed;
}

template <class Rule>
Optimizer::NamedOptions OptionGroups<Rule>::group_options(size_t group) const {
  NamedOptions named;
  Rule::for_each_option(options(group), [&](const char* name, auto value) {
    named.emplace_back(name, static_cast<double>(value));
  });
  return named;
}

template <class Rule>
void OptionGroups<Rule>::set_group_options(size_t group, const NamedOptions& named,
                                           bool check_only) {
  for (const auto& [name, value] : named) check_option(Rule::kName, name, value);
  Options changed;
  auto next = named.begin();  // in the order in which group_options gave them
  Rule::for_each_option(
      changed, [&]<class T>(const char*, T& field) { field = static_cast<T>((next++)->second); });
  check_options<Rule>(changed);
  if (!check_only) options(group) = changed;
}

template <class Rule>
void OptionGroups<Rule>::check_all_options() const {
  for (const auto& options : options_) check_options<Rule>(*options);
}

template class OptionGroups<MuonRule>;
#define CUTTLE_INSTANTIATE(Rule) template class OptionGroups<kernels::Rule>;
CUTTLE_OPTIMIZER_RULES(CUTTLE_INSTANTIATE)

}  // namespace cuttle
