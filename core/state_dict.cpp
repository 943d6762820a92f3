// StateDict: the entries in their order, and an index of their names.
#include "state_dict.h"

#include "text.h"

namespace cuttle {

StateDict::StateDict(std::initializer_list<Entry> entries) {
  for (const auto& [name, tensor] : entries) insert(name, tensor);
}

void StateDict::insert(std::string name, Tensor tensor) {
  if (!places_.emplace(name, entries_.size()).second) {
    fail("state dict: the name '", printable(name), "' is there twice");
  }
  entries_.emplace_back(std::move(name), std::move(tensor));
}

const Tensor* StateDict::find(std::string_view name) const {
  const auto place = places_.find(name);
  return place == places_.end() ? nullptr : &entries_[place->second].second;
}

const Tensor& StateDict::at(std::string_view name) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  fail("state dict: there is no '", printable(name), "'; there are: ",
       empty() ? "none" : listed(entries_, [](const Entry& e) { return printable(e.first); }));
}

}  // namespace cuttle
