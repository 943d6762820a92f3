// What an optimizer keeps for each parameter, by the names of its state_dict. For optim alone.
#pragma once

#include <string>
#include <vector>

#include "../core/tensor.h"

namespace cuttle {

/// One of the tensors that are kept for each parameter.
struct StateSlot {
  std::string name;
  bool number = false;  // one float64 number, not an element each
  bool saved = true;    // part of the state_dict
};

/// A rule's states, then the number of steps, then NAdam's product.
template <class Rule>
const std::vector<StateSlot>& slots_of() {
  static const std::vector<StateSlot> slots = [] {
    std::vector<StateSlot> all;
    for (const char* name : Rule::kNames) all.push_back({name});
    all.push_back({.name = "step", .number = true, .saved = Rule::kSavesStep});
    if (Rule::kKeepsProduct) all.push_back({.name = "mu_product", .number = true});
    return all;
  }();
  return slots;
}

/// Whether these options need the slot.
template <class Rule>
bool uses_slot(const typename Rule::Options& options, size_t slot) {
  if (slot < static_cast<size_t>(Rule::kStates))
    return Rule::uses_state(options, static_cast<int>(slot));
  return Rule::counts(options);
}

/// What a slot's number is before the first step. An element's states need no values until then.
template <class Rule>
void begin_slot(size_t slot, Tensor& state) {
  if (slot == static_cast<size_t>(Rule::kStates)) state.zero_();
  if (slot > static_cast<size_t>(Rule::kStates)) state.fill_(1);
}

}  // namespace cuttle
