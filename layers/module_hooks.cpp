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
  List<JointForwardHook> after = std::make_shared<HookList<JointForwardHook>>();
  List<FullBackwardHook> backward = std::make_shared<HookList<FullBackwardHook>>();
  Module* owner = nullptr;  // that is alive; replays ask, which may come later
};

namespace {

using Tensors = std::vector<Tensor>;

bool any_needs_recording(const Tensors& tensors) {
  return needs_recording(tensors);
}

// What one call's outputs learn in a replay, for its inputs.
struct CallGradients {
  std::mutex mutex;
  Tensors of_outputs;
};

Tensors checked(const Tensors& replaced, const Tensors& gradients) {
  if (replaced.size() != gradients.size())
    fail("register_full_backward_hook: a hook returned ", replaced.size(), " gradients for ",
         gradients.size(), " inputs");
  return replaced;
}

// The same tensors as results of an operation of their own, whose backward is given.
Tensors recorded(const Tensors& tensors, JointBackward backward) {
  Tensors aliases, on_tape;
  for (const Tensor& each : tensors) {
    const bool has_gradient = each.defined() && each.requires_grad();
    on_tape.push_back(has_gradient ? each.detach() : Tensor());
    aliases.push_back(has_gradient ? on_tape.back() : each);
  }
  (void)record_joint("full_backward_hook", on_tape, tensors, std::move(backward), Saves::nothing);
  return aliases;
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

RemovableHandle ModuleHooks::add_before(ForwardPreHook hook) {
  return lists().before->add(std::move(hook));
}
RemovableHandle ModuleHooks::add_after(ForwardHook hook) {
  return add_joint_after(
      JointForwardHook([hook = std::move(hook)](Module& module, const Tensors& inputs,
                                                const Tensors& outputs) -> Tensors {
        Tensor replaced = hook(module, inputs, outputs.front());
        if (!replaced.defined()) return {};
        Tensors all = outputs;
        all.front() = std::move(replaced);
        return all;
      }));
}
RemovableHandle ModuleHooks::add_joint_after(JointForwardHook hook) {
  return lists().after->add(std::move(hook));
}
RemovableHandle ModuleHooks::add_backward(FullBackwardHook hook) {
  return lists().backward->add(std::move(hook));
}

Tensors ModuleHooks::before_forward(const Lists& lists, Tensors inputs) {
  if (const auto hooks = lists.before->entries())
    for (const auto& entry : *hooks)
      if (Tensors replaced = (*entry.hook)(module(), inputs); !replaced.empty()) {
        if (replaced.size() != inputs.size())
          fail("register_forward_pre_hook: a hook returned ", replaced.size(), " inputs for ",
               inputs.size());
        inputs = std::move(replaced);
      }
  return inputs;
}

Tensors ModuleHooks::after_forward(const Lists& lists, const Tensors& inputs, Tensors outputs) {
  if (const auto hooks = lists.after->entries())
    for (const auto& entry : *hooks)
      if (Tensors replaced = (*entry.hook)(module(), inputs, outputs); !replaced.empty()) {
        if (replaced.size() != outputs.size())
          fail("register_forward_hook: a hook returned ", replaced.size(), " outputs for ",
               outputs.size());
        outputs = std::move(replaced);
      }
  return outputs;
}

void ModuleHooks::call_with_hooks(const Tensors& given, const Forward& forward) {
  const std::shared_ptr<Lists> lists = lists_;
  Tensors inputs = before_forward(*lists, given);
  const auto backward_hooks = lists->backward->entries();
  const bool watched = backward_hooks && !backward_hooks->empty();

  const auto call = std::make_shared<CallGradients>();
  // Those that are in the list when the replay comes.
  const auto run_hooks = [weak = std::weak_ptr(lists), call](Tensors gradients) {
    const auto alive = weak.lock();
    if (!alive || !alive->owner) return gradients;
    Tensors of_outputs;
    {
      const std::lock_guard lock(call->mutex);
      of_outputs = call->of_outputs;
    }
    if (const auto hooks = alive->backward->entries())
      for (const auto& entry : *hooks)
        if (Tensors replaced = (*entry.hook)(*alive->owner, gradients, of_outputs);
            !replaced.empty())
          gradients = checked(replaced, gradients);
    return gradients;
  };
  const bool inputs_are_watched = watched && any_needs_recording(inputs);
  if (inputs_are_watched)
    inputs = recorded(inputs, [run_hooks](const Tensors& gradients, const NeededInputs&) {
      return run_hooks(gradients);
    });
  const std::vector<Tensor*> results = forward(inputs);
  Tensors outputs;
  for (const Tensor* const result : results) outputs.push_back(*result);
  outputs = after_forward(*lists, inputs, std::move(outputs));
  if (watched && any_needs_recording(outputs))
    outputs = recorded(outputs,
                       [=, count = inputs.size()](const Tensors& gradients, const NeededInputs&) {
                         {
                           const std::lock_guard lock(call->mutex);
                           call->of_outputs = gradients;
                         }
                         if (!inputs_are_watched) (void)run_hooks(Tensors(count));
                         return gradients;
                       });
  for (size_t i = 0; i < results.size(); ++i) *results[i] = outputs[i];
}

}  // namespace cuttle
