// Optimizer: options by name, and the learning rates at which schedules begin.
#include <algorithm>

#include "../core/text.h"
#include "optimizer.h"

namespace cuttle {

double Optimizer::initial_lr(size_t group) {
  check_group(group);
  return notes_[group].try_emplace("initial_lr", lr(group)).first->second;
}

std::optional<double> Optimizer::option(const std::string& name, size_t group) const {
  check_group(group);
  for (const auto& [option, value] : group_options(group))
    if (option == name) return value;
  return std::nullopt;
}

void Optimizer::set_option(const std::string& name, double value, size_t group) {
  check_group(group);
  auto options = group_options(group);
  const auto place = std::find_if(options.begin(), options.end(),
                                  [&](const auto& option) { return option.first == name; });
  if (place == options.end())
    fail(name_, ": there is no option ", in_quotes(name), "; it has ",
         listed(options, [](const auto& option) { return option.first; }));
  place->second = value;
  set_group_options(group, options, /*check_only=*/false);
}

}  // namespace cuttle
