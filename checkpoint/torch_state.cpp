// Optimizers' states from and to PyTorch's layout.
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/creation.h"
#include "../core/text.h"
#include "../optim/adam.h"
#include "torch_state.h"

namespace cuttle {
namespace {

constexpr std::string_view kSwitches[] = {"amsgrad", "centered", "decoupled_weight_decay",
                                          "maximize", "nesterov"};
// PyTorch's kernels'.
constexpr std::string_view kPassedOver[] = {"capturable", "differentiable", "foreach", "fused"};
constexpr const char* kDecoupled = "decoupled_weight_decay";
constexpr const char* kNsSteps = "ns_steps";  // a whole number
// Muon's, a text or None, which is the first; here the place in this list.
constexpr const char* kAdjustLrFn = "adjust_lr_fn";
constexpr std::string_view kAdjustLrFns[] = {"original", "match_rms_adamw", "spectral_unclamped"};

bool is_one_of(const auto& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// A key as it stands in a StateDict.
std::string name_of(const Dict::Key& key) {
  const std::string* const name = std::get_if<std::string>(&key);
  return name ? *name : std::to_string(std::get<int64_t>(key));
}

// "state.3.exp_avg" of an optimizer's StateDict.
struct StateKey {
  std::string list;
  size_t index;
  std::string name;
};

StateKey split(const std::string& key) {
  const size_t first = key.find('.'), second = key.find('.', first + 1);
  return {key.substr(0, first), std::stoul(key.substr(first + 1)), key.substr(second + 1)};
}

std::string join(const std::string& list, size_t index, const std::string& name) {
  return list + "." + std::to_string(index) + "." + name;
}

// Whether the decay is decoupled, of the two whose names alone tell it.
std::optional<bool> decoupled(const Optimizer& optimizer) {
  if (dynamic_cast<const AdamW*>(&optimizer)) return true;
  if (dynamic_cast<const Adam*>(&optimizer)) return false;
  return std::nullopt;
}

Value option_value(const std::string& name, double value) {
  if (is_one_of(kSwitches, name)) return value != 0;
  if (name == kNsSteps) return static_cast<int64_t>(value);
  if (name == kAdjustLrFn) return std::string(kAdjustLrFns[static_cast<size_t>(value)]);
  return value;
}

double option_number(const std::string& name, const Value& value) {
  if (name != kAdjustLrFn) return value.to_double();
  if (value.is_none()) return 0;
  const auto place = std::find(std::begin(kAdjustLrFns), std::end(kAdjustLrFns), value.to_string());
  if (place == std::end(kAdjustLrFns))
    fail("adjust_lr_fn is ", in_quotes(value.to_string()), "; there are ",
         listed(kAdjustLrFns, [](std::string_view known) { return in_quotes(known); }),
         "; nothing was changed");
  return static_cast<double>(place - std::begin(kAdjustLrFns));
}

void set_option(Dict& group, const std::string& name, double value) {
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return group.set(name, option_value(name, value));
  const std::string list = name.substr(0, dot);  // "betas.0", then "betas.1": a tuple
  Tuple numbers;
  if (const Value* const before = group.find(list)) numbers.items = before->items();
  numbers.items.emplace_back(value);
  group.set(list, std::move(numbers));
}

Value::List numbers_of(const Tensor& params) {
  Value::List numbers;
  for (const int64_t number : params.to_vector<int64_t>()) numbers.emplace_back(number);
  return numbers;
}

// Adds the options of group `index`, from PyTorch's `group`, to `flat`.
void read_options(const Dict& group, size_t index, const Optimizer& optimizer, StateDict& flat) {
  const auto add = [&](const std::string& name, const Value& value) {
    flat.insert(join("param_groups", index, name),
                full({}, option_number(name, value), {.dtype = float64}));
  };
  for (const auto& [key, value] : group) {
    const std::string name = name_of(key);
    if (name == "params" || is_one_of(kPassedOver, name)) continue;
    if (value.is_none() && name != kAdjustLrFn) continue;
    if (name == kDecoupled && decoupled(optimizer)) {
      if (value.to_bool() != *decoupled(optimizer))
        fail("the state is of ", value.to_bool() ? "AdamW" : "Adam", ", the optimizer is ",
             *decoupled(optimizer) ? "AdamW" : "Adam", "; nothing was changed");
      continue;
    }
    if (value.is_tuple() || value.is_list()) {
      for (size_t i = 0; i < value.items().size(); ++i)
        add(name + "." + std::to_string(i), value[i]);
    } else {
      add(name, value);
    }
  }
}

}  // namespace

Dict torch_state(const Optimizer& optimizer) {
  std::map<size_t, Dict> states;
  std::vector<Dict> groups(optimizer.group_count());
  std::vector<Value> params(optimizer.group_count());
  for (const auto& [key, tensor] : optimizer.state_dict()) {
    const auto [list, index, name] = split(key);
    if (list == "state") {
      states[index].set(name, name == "step" ? tensor.to(Device("cpu"), float32) : tensor);
    } else if (name == "params") {
      params[index] = numbers_of(tensor);
    } else {
      set_option(groups[index], name, tensor.item());
    }
  }
  Dict state;
  for (auto& [index, kept] : states) state.set(static_cast<int64_t>(index), std::move(kept));
  Value::List param_groups;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (const auto is_decoupled = decoupled(optimizer)) groups[i].set(kDecoupled, *is_decoupled);
    groups[i].set("params", params[i]);  // last, as there
    param_groups.emplace_back(std::move(groups[i]));
  }
  return Dict{{"state", std::move(state)}, {"param_groups", std::move(param_groups)}};
}

void load_torch_state(Optimizer& optimizer, const Value& state) {
  const StateDict own = optimizer.state_dict();
  const Value::List& groups = state["param_groups"].items();
  if (groups.size() != optimizer.group_count())
    fail("the state has ", groups.size(), " parameter groups, the optimizer ",
         optimizer.group_count(), "; nothing was changed");
  StateDict flat;
  std::map<int64_t, size_t> places;  // PyTorch's numbers in the order of the parameters
  for (size_t i = 0; i < groups.size(); ++i) {
    const Value::List& params = groups[i]["params"].items();
    std::vector<int64_t> numbers;
    for (const Value& param : params) {
      const auto [place, is_new] = places.try_emplace(param.to_int(), places.size());
      if (!is_new) fail("the state has parameter ", place->first, " twice; nothing was changed");
      numbers.push_back(place->first);
    }
    flat.insert(join("param_groups", i, "params"),
                tensor(numbers, {static_cast<int64_t>(numbers.size())}));
    read_options(groups[i].dict(), i, optimizer, flat);
  }
  for (const auto& [key, value] : own)  // what older versions have not saved stays
    if (key.starts_with("param_groups.") && !flat.find(key)) flat.insert(key, value);

  for (const auto& [key, kept] : state["state"].dict()) {
    const int64_t* const number = std::get_if<int64_t>(&key);
    const auto place = number ? places.find(*number) : places.end();
    if (place == places.end())
      fail("the state has tensors of parameter ", to_text(key),
           ", which no group has; nothing was changed");
    for (const auto& [name, value] : kept.dict()) {
      if (value.is_none()) continue;
      flat.insert(
          join("state", place->second, name_of(name)),
          value.is_tensor() ? value.to_tensor() : full({}, value.to_double(), {.dtype = float64}));
    }
  }
  optimizer.load_state_dict(flat);
}

}  // namespace cuttle
