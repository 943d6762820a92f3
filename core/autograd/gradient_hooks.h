// What happens to a tensor's gradient on its way, beside going on: hooks, and a copy that is kept.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "hook_list.h"

namespace cuttle {

class Node;
class Tensor;
struct TensorImpl;

/// Sees a tensor's whole gradient, and may return another one in its place.
using GradientHook = std::function<Tensor(const Tensor& gradient)>;
/// Sees a leaf after a replay has added to its grad.
using AccumulatedHook = std::function<void(Tensor leaf)>;

/// The hooks of one tensor: a leaf keeps them itself, a result's are kept by its node.
class GradientHooks {
 public:
  RemovableHandle add(GradientHook hook) { return arriving_->add(std::move(hook)); }
  RemovableHandle add_accumulated(AccumulatedHook hook) {
    return accumulated_->add(std::move(hook));
  }
  /// Keeps a copy of the gradient as this tensor's grad, as long as the tensor is the node's
  /// result.
  void retain_for(const TensorImpl& result);

  /// Calls the hooks for the gradient that arrived at `node` and returns what goes on. Throws Error
  /// where a hook returns a gradient that does not fit.
  Tensor run(const Node& node, Tensor gradient) const;
  void run_accumulated(const Tensor& leaf) const;

 private:
  std::shared_ptr<HookList<GradientHook>> arriving_ = std::make_shared<HookList<GradientHook>>();
  std::shared_ptr<HookList<AccumulatedHook>> accumulated_ =
      std::make_shared<HookList<AccumulatedHook>>();
  std::weak_ptr<const TensorImpl> retaining_;  // under this object's pointer lock
};

/// A place for GradientHooks in what most often has none: one word, empty until the first hook.
class GradientHooksSlot {
 public:
  GradientHooksSlot() = default;
  ~GradientHooksSlot() {
    if (const GradientHooks* hooks = get()) destroy(hooks);
  }
  GradientHooksSlot(const GradientHooksSlot&) = delete;
  GradientHooksSlot& operator=(const GradientHooksSlot&) = delete;

  /// nullptr for none.
  GradientHooks* get() const noexcept { return hooks_.load(std::memory_order_acquire); }
  GradientHooks& make();

 private:
  static void destroy(const GradientHooks* hooks);

  std::atomic<GradientHooks*> hooks_{nullptr};
};

}  // namespace cuttle
