// Module: giving and taking its state.
#include <set>
#include <string_view>

#include "../core/autograd/grad_mode.h"
#include "../core/text.h"
#include "module.h"

namespace cuttle {
namespace {

std::string titled_list(const char* title, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  return std::string("; ") + title + ": " +
         listed(names, [](const std::string& name) { return in_quotes(name); });
}

/// What does not fit, in words; "" if the state's tensor can be copied into the module's.
std::string misfit(const std::string& name, const Tensor& given, const Tensor& own) {
  if (!given.defined()) return in_quotes(name) + " is undefined in the state";
  if (given.shape() == own.shape()) return "";
  return in_quotes(name) + " has shape " + given.shape().str() + " in the state and " +
         own.shape().str() + " in the module";
}

}  // namespace

Module::NamedTensors Module::state_tensors() const {
  NamedTensors tensors;
  walk(*this, "", [&](const std::string& path, const Module& module) {
    const auto append = [&](const auto& slots) {
      for (const auto& slot : slots)
        if (slot.persistent && !slot.is_computed && slot.tensor.defined())
          tensors.emplace_back(path.empty() ? slot.name : path + "." + slot.name, slot.tensor);
    };
    append(module.parameters_);
    append(module.buffers_);
  });
  return tensors;
}

StateDict Module::state_dict() const {
  StateDict state;
  for (const auto& [name, tensor] : state_tensors()) state.insert(name, tensor.detach());
  return state;
}

LoadResult Module::load_state_dict(const StateDict& state, bool strict) {
  LoadResult result;
  std::vector<std::string> misfits;
  std::vector<std::pair<Tensor, Tensor>> copies;  // from the state, into the module
  const NamedTensors own = state_tensors();
  std::set<std::string_view> known;
  for (const auto& [name, tensor] : own) {
    known.insert(name);
    const Tensor* const given = state.find(name);
    if (!given) {
      result.missing_keys.push_back(name);
    } else if (std::string words = misfit(name, *given, tensor); !words.empty()) {
      misfits.push_back(std::move(words));
    } else {
      copies.emplace_back(*given, tensor);
    }
  }
  for (const auto& [name, tensor] : state)
    if (!known.contains(name)) result.unexpected_keys.push_back(name);

  if (!misfits.empty() ||
      (strict && !(result.missing_keys.empty() && result.unexpected_keys.empty())))
    fail("load_state_dict: the state does not fit ", type_name(),
         strict ? titled_list("missing keys", result.missing_keys) : "",
         strict ? titled_list("unexpected keys", result.unexpected_keys) : "",
         misfits.empty() ? "" : "; shapes that differ: ",
         listed(misfits, [](const std::string& words) { return words; }), "; nothing was changed");

  const NoGradGuard no_grad;
  // Conversions first: they can run out of memory, the copies below cannot.
  for (auto& [source, target] : copies)
    source = source.detach().to(target.device(), target.dtype());
  for (auto& [source, target] : copies) target.copy_(source);
  return result;
}

}  // namespace cuttle
