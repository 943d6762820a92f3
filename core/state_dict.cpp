#include "state_dict.h"

#include <algorithm>

namespace cuttle {

StateDict::StateDict(std::initializer_list<Entry> entries) {
  for (const auto& [name, tensor] : entries) insert(name, tensor);
}

void StateDict::insert(std::string name, Tensor tensor) {
  if (find(name) != nullptr) fail("state dict: the name '", name, "' is there twice");
  entries_.emplace_back(std::move(name), std::move(tensor));
}

const Tensor* StateDict::find(std::string_view name) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.first == name; });
  return entry == entries_.end() ? nullptr : &entry->second;
}

const Tensor& StateDict::at(std::string_view name) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  std::string names;
  for (const auto& [known, tensor] : entries_) names += (names.empty() ? "" : ", ") + known;
  fail("state dict: there is no '", name, "'; there are: ", names.empty() ? "none" : names);
}

}  // namespace cuttle
