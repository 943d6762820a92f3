// Hooks on a module's calls. What Module inherits.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../core/autograd/hook_list.h"
#include "../core/tensor.h"

namespace cuttle {

class Module;

/// Before forward: may return other inputs; an empty list keeps them.
using ForwardPreHook =
    std::function<std::vector<Tensor>(Module& module, const std::vector<Tensor>& inputs)>;
/// After forward: may return another output; an undefined one keeps it.
using ForwardHook =
    std::function<Tensor(Module& module, const std::vector<Tensor>& inputs, const Tensor& output)>;
/// In a replay, with the gradients of the inputs (undefined for those that need none) and of the
/// output: may return other gradients of the inputs; an empty list keeps them.
using FullBackwardHook =
    std::function<std::vector<Tensor>(Module& module, const std::vector<Tensor>& grad_inputs,
                                      const std::vector<Tensor>& grad_outputs)>;

/// torch.nn.Module's hooks. Several run in the order of registration; the handle takes one off
/// again. They run where the module is called, model(x), not in model.forward(x), and a Sequential
/// calls each of its layers that has hooks by itself. Hooks that return nothing are welcome, too.
/// Register them while no other thread calls the module.
class ModuleHooks {
 public:
  template <class Hook>
  RemovableHandle register_forward_pre_hook(Hook hook) {
    return add(adapted<ForwardPreHook, Module&, const std::vector<Tensor>&>(std::move(hook)));
  }
  template <class Hook>
  RemovableHandle register_forward_hook(Hook hook) {
    return add(
        adapted<ForwardHook, Module&, const std::vector<Tensor>&, const Tensor&>(std::move(hook)));
  }
  /// The inputs reach forward, and its output the caller, as results of operations of their own,
  /// which hand the gradients to the hook. It is not called in a replay that begins after the
  /// module was destroyed.
  template <class Hook>
  RemovableHandle register_full_backward_hook(Hook hook) {
    return add(
        adapted<FullBackwardHook, Module&, const std::vector<Tensor>&, const std::vector<Tensor>&>(
            std::move(hook)));
  }
  /// True while a hook is registered.
  bool has_hooks() const { return lists_ != nullptr && has_any(); }

 protected:
  using Forward = std::function<Tensor(const std::vector<Tensor>& inputs)>;

  ModuleHooks() = default;
  ~ModuleHooks();
  ModuleHooks(ModuleHooks&& other) noexcept;
  ModuleHooks& operator=(ModuleHooks&& other) noexcept;

  Tensor call_with_hooks(const std::vector<Tensor>& inputs, const Forward& forward);

 private:
  struct Lists;

  template <class Hook, class... Args, class F>
  static Hook adapted(F hook) {
    using Result = std::invoke_result_t<F&, Args...>;
    if constexpr (std::is_void_v<Result>)
      return [hook = std::move(hook)](Args... args) mutable -> typename Hook::result_type {
        hook(args...);
        return {};
      };
    else
      return Hook(std::move(hook));
  }
  RemovableHandle add(ForwardPreHook hook);
  RemovableHandle add(ForwardHook hook);
  RemovableHandle add(FullBackwardHook hook);
  Lists& lists();
  bool has_any() const;
  Module& module();

  std::shared_ptr<Lists> lists_;  // nullptr until the first hook
};

}  // namespace cuttle
