// Schedules' and scalers' states, numbers and lists of numbers by names, from and to PyTorch's.
#include "torch_state.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/creation.h"
#include "../core/text.h"

namespace cuttle {
namespace {

// A part of a combined schedule stands as "_schedulers.1.last_epoch" in a StateDict.
constexpr std::string_view kParts = "_schedulers.";

struct PartName {
  size_t part;
  std::string rest;
};

std::optional<PartName> part_name(std::string_view name) {
  if (!name.starts_with(kParts)) return std::nullopt;
  name.remove_prefix(kParts.size());
  size_t part = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), part);
  if (error != std::errc()) return std::nullopt;
  return PartName{part, std::string(name.substr(static_cast<size_t>(end - name.data()) + 1))};
}

Value number(const Tensor& tensor) {
  const double value = tensor.item();
  return is_floating_point(tensor.dtype()) ? Value(value) : Value(static_cast<int64_t>(value));
}

Value to_numbers(const Tensor& tensor) {
  if (tensor.dim() == 0) return number(tensor);
  Value::List list;
  for (const double value : tensor.to(float64).to_vector<double>()) list.emplace_back(value);
  return list;
}

Dict to_numbers(const StateDict& state) {
  Dict numbers;
  std::vector<StateDict> parts;
  for (const auto& [name, tensor] : state) {
    if (const auto inner = part_name(name)) {
      parts.resize(std::max(parts.size(), inner->part + 1));
      parts[inner->part].insert(inner->rest, tensor);
    } else {
      numbers.set(name, to_numbers(tensor));
    }
  }
  if (!parts.empty()) {
    Value::List list;
    for (const StateDict& part : parts) list.emplace_back(to_numbers(part));
    numbers.set("_schedulers", std::move(list));
  }
  return numbers;
}

Tensor to_tensor(const Value& value, const Tensor& like) {
  if (like.dim() == 0) return full({}, value.to_double(), {.dtype = like.dtype()});
  std::vector<double> numbers;
  for (const Value& item : value.items()) numbers.push_back(item.to_double());
  return tensor(numbers, {static_cast<int64_t>(numbers.size())}, {.dtype = like.dtype()});
}

const Value* find(const Value& state, const std::string& name) {
  const auto inner = part_name(name);
  if (!inner) return state.dict().find(name);
  const Value* const parts = state.dict().find("_schedulers");
  if (!parts || inner->part >= parts->items().size()) return nullptr;
  return find(parts->items()[inner->part], inner->rest);
}

// What of `state` goes by the names of `own`. The rest of PyTorch's are the constructor's options.
StateDict from_numbers(const Value& state, const StateDict& own) {
  StateDict found;
  for (const auto& [name, tensor] : own) {
    const Value* const given = find(state, name);
    if (given) {
      found.insert(name, to_tensor(*given, tensor));
    } else if (name.ends_with("_last_lr")) {
      found.insert(name, tensor);  // PyTorch has it from the first step on
    }
  }
  return found;
}

}  // namespace

Dict torch_state(const LRScheduler& scheduler) {
  return to_numbers(scheduler.state_dict());
}
void load_torch_state(LRScheduler& scheduler, const Value& state) {
  scheduler.load_state_dict(from_numbers(state, scheduler.state_dict()));
}

Dict torch_state(const ReduceLROnPlateau& scheduler) {
  return to_numbers(scheduler.state_dict());
}
void load_torch_state(ReduceLROnPlateau& scheduler, const Value& state) {
  scheduler.load_state_dict(from_numbers(state, scheduler.state_dict()));
}

Dict torch_state(const GradScaler& scaler) {
  return to_numbers(scaler.state_dict());
}
void load_torch_state(GradScaler& scaler, const Value& state) {
  scaler.load_state_dict(from_numbers(state, scaler.state_dict()));
}

}  // namespace cuttle
