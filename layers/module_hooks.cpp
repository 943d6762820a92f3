#include "module_hooks.h"

#include <mutex>
#include <utility>

#include "../core/autograd/joint.h"
#include "module.h"

namespace cuttle {

struct ModuleHooks::Lists {
  template <class Hook>
  using List = std::shared_ptr<HookList<Hook>>;

  List<ForwardPreHook> before = std::make_shared<HookList<ForwardPreHook>>();
  List<ForwardHook> after = std::make_shared<HookList<ForwardHook>>();
  List<FullBackwardHook> backward = std::make_shared<HookList<FullBackwardHook>>();
  Module* owner = nullptr;  // that is alive; replays ask, which may come later
};

namespace {

using Tensors = std::vector<Tensor>;

bool any_needs_recording(const Tensors& tensors) {
  return needs_recording(tensors);
}

// What one call's output learns in a replay, for its inputs.
struct CallGradients {
  std::mutex mutex;
  Tensor of_output;
};

Tensors checked(const Tensors& replaced, const Tensors& gradients) {
  if (replaced.size() != gradients.size())
    fail("register_full_backward_hook: a hook returned ", replaced.size(), " gradients for ",
         gradients.size(), " inputs");
  return replaced;
}

}  // namespace

ModuleHooks::~ModuleHooks() {
  if (lists_) lists_->owner = nullptr;
}
ModuleHooks::ModuleHooks(ModuleHooks&& other) noexcept : lists_(std::move(other.lists_)) {
  if (lists_) lists_->owner = &module();
}
ModuleHooks& ModuleHooks::operator=(ModuleHooks&& other) noexcept {
  if (lists_) lists_->owner = nullptr;
  lists_ = std::move(other.lists_);
  if (lists_) lists_->owner = &module();
  return *this;
}

Module& ModuleHooks::module() {
  return static_cast<Module&>(*this);
}

ModuleHooks::Lists& ModuleHooks::lists() {
  if (!lists_) {
    lists_ = std::make_shared<Lists>();
    lists_->owner = &module();
  }
  return *lists_;
}

bool ModuleHooks::has_any() const {
  const auto some = [](const auto& list) {
    const auto entries = list->entries();
    return entries != nullptr && !entries->empty();
  };
  return some(lists_->before) || some(lists_->after) || some(lists_->backward);
}

RemovableHandle ModuleHooks::add(ForwardPreHook hook) {
  return lists().before->add(std::move(hook));
}
RemovableHandle ModuleHooks::add(ForwardHook hook) {
  return lists().after->add(std::move(hook));
}
RemovableHandle ModuleHooks::add(FullBackwardHook hook) {
  return lists().backward->add(std::move(hook));
}

Tensor ModuleHooks::call_with_hooks(const Tensors& given, const Forward& forward) {
  const std::shared_ptr<Lists> lists = lists_;
  Tensors inputs = given;
  if (const auto hooks = lists->before->entries())
    for (const auto& entry : *hooks)
      if (Tensors replaced = (*entry.hook)(module(), inputs); !replaced.empty()) {
        if (replaced.size() != inputs.size())
          fail("register_forward_pre_hook: a hook returned ", replaced.size(), " inputs for ",
               inputs.size());
        inputs = std::move(replaced);
      }
  const auto backward_hooks = lists->backward->entries();
  const bool watched = backward_hooks && !backward_hooks->empty();

  const auto call = std::make_shared<CallGradients>();
  // Those that are in the list when the replay comes.
  const auto run_hooks = [weak = std::weak_ptr(lists), call](Tensors gradients) {
    const auto alive = weak.lock();
    if (!alive || !alive->owner) return gradients;
    Tensor of_output;
    {
      const std::lock_guard lock(call->mutex);
      of_output = call->of_output;
    }
    if (const auto hooks = alive->backward->entries())
      for (const auto& entry : *hooks)
        if (Tensors replaced = (*entry.hook)(*alive->owner, gradients, {of_output});
            !replaced.empty())
          gradients = checked(replaced, gradients);
    return gradients;
  };
  const bool inputs_are_watched = watched && any_needs_recording(inputs);
  if (inputs_are_watched) {
    Tensors aliases;
    for (const Tensor& input : inputs)
      aliases.push_back(input.defined() && input.requires_grad() ? input.detach() : input);
    Tensors on_tape = aliases;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (on_tape[i].is_same(inputs[i])) on_tape[i] = {};
    (void)record_joint(
        "full_backward_hook", on_tape, inputs,
        [run_hooks](const Tensors& gradients, const NeededInputs&) { return run_hooks(gradients); },
        Saves::nothing);
    inputs = std::move(aliases);
  }
  Tensor output = forward(inputs);
  if (const auto hooks = lists->after->entries())
    for (const auto& entry : *hooks)
      if (Tensor replaced = (*entry.hook)(module(), inputs, output); replaced.defined())
        output = std::move(replaced);
  if (!watched || !output.defined() || !needs_recording({output})) return output;
  const size_t count = inputs.size();
  return record(
      "full_backward_hook", output.detach(), {output},
      [=](const Tensor& gradient, const NeededInputs&) -> Tensors {
        {
          const std::lock_guard lock(call->mutex);
          call->of_output = gradient;
        }
        if (!inputs_are_watched) (void)run_hooks(Tensors(count));
        return {gradient};
      },
      Saves::nothing);
}

}  // namespace cuttle
