// Hooks on a module's calls. What Module inherits.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
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
/// The same of modules with several outputs, such as LSTM (output, h_n, c_n); what such a module
/// did not compute is undefined. May return as many others; an empty list keeps them.
using JointForwardHook = std::function<std::vector<Tensor>(
    Module& module, const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs)>;
/// In a replay, with the gradients of the inputs (undefined for those that need none) and of
/// each output (undefined where none arrived): may return other gradients of the inputs; an empty
/// list keeps them.
using FullBackwardHook =
    std::function<std::vector<Tensor>(Module& module, const std::vector<Tensor>& grad_inputs,
                                      const std::vector<Tensor>& grad_outputs)>;

/// The tensors in what a module's forward gives, in their order. Other kinds of results have
/// functions of this name beside them.
inline std::vector<Tensor*> tensors_of(Tensor& output) {
  return {&output};
}

/// torch.nn.Module's hooks. Several run in the order of registration; the handle takes one off
/// again. They run where the module is called, model(x), not in model.forward(x), and a Sequential
/// calls each of its layers that has hooks by itself. They see the tensors that the module is
/// called with (a packed sequence's data; undefined where an optional one was not given), not
/// masks. A hook that takes one output gets the first of several. Hooks that return nothing are
/// welcome, too. Register them while no other thread calls the module.
class ModuleHooks {
 public:
  template <class Hook>
  RemovableHandle register_forward_pre_hook(Hook hook) {
    return add_before(
        adapted<ForwardPreHook, Module&, const std::vector<Tensor>&>(std::move(hook)));
  }
  template <class Hook>
  RemovableHandle register_forward_hook(Hook hook) {
    using Inputs = const std::vector<Tensor>&;
    if constexpr (std::is_invocable_v<Hook&, Module&, Inputs, const Tensor&>)
      return add_after(adapted<ForwardHook, Module&, Inputs, const Tensor&>(std::move(hook)));
    else
      return add_joint_after(adapted<JointForwardHook, Module&, Inputs, Inputs>(std::move(hook)));
  }
  /// The inputs reach forward, and its output the caller, as results of operations of their own,
  /// which hand the gradients to the hook. It is not called in a replay that begins after the
  /// module was destroyed.
  template <class Hook>
  RemovableHandle register_full_backward_hook(Hook hook) {
    return add_backward(
        adapted<FullBackwardHook, Module&, const std::vector<Tensor>&, const std::vector<Tensor>&>(
            std::move(hook)));
  }
  /// True while a hook is registered.
  bool has_hooks() const { return lists_ != nullptr && has_any(); }

 protected:
  /// Says where its results are, which hooks may replace.
  using Forward = std::function<std::vector<Tensor*>(const std::vector<Tensor>& inputs)>;

  ModuleHooks() = default;
  ~ModuleHooks();
  ModuleHooks(ModuleHooks&& other) noexcept;
  ModuleHooks& operator=(ModuleHooks&& other) noexcept;

  void call_with_hooks(const std::vector<Tensor>& inputs, const Forward& forward);

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
  RemovableHandle add_before(ForwardPreHook hook);
  RemovableHandle add_after(ForwardHook hook);
  RemovableHandle add_joint_after(JointForwardHook hook);
  RemovableHandle add_backward(FullBackwardHook hook);
  Lists& lists();
  bool has_any() const;
  std::vector<Tensor> before_forward(const Lists& lists, std::vector<Tensor> inputs);
  std::vector<Tensor> after_forward(const Lists& lists, const std::vector<Tensor>& inputs,
                                    std::vector<Tensor> outputs);
  Module& module();

  std::shared_ptr<Lists> lists_;  // nullptr until the first hook
};

}  // namespace cuttle
