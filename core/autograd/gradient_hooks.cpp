#include "gradient_hooks.h"

#include "../tensor_impl.h"
#include "leaf.h"
#include "node.h"

namespace cuttle {
namespace {

Tensor checked_replacement(const Node& node, Tensor replacement, const Tensor& gradient) {
  if (replacement.shape() != gradient.shape() || replacement.dtype() != gradient.dtype() ||
      replacement.device() != gradient.device())
    fail("register_hook: a hook on ", node.is_leaf() ? "a leaf" : "the result of '",
         node.is_leaf() ? "" : node.op(), node.is_leaf() ? "" : "'",
         " returned a gradient of shape ", replacement.shape(), " (", replacement.dtype(), ", ",
         replacement.device(), ") in place of one of shape ", gradient.shape(), " (",
         gradient.dtype(), ", ", gradient.device(), "); they must be alike");
  return replacement;
}

}  // namespace

void GradientHooks::retain_for(const TensorImpl& result) {
  const std::lock_guard lock(pointer_lock(this));
  retaining_ = result.weak_from_this();
}

Tensor GradientHooks::run(const Node& node, Tensor gradient) const {
  if (const auto hooks = arriving_->entries())
    for (const auto& entry : *hooks)
      if (Tensor replacement = (*entry.hook)(gradient); replacement.defined())
        gradient = checked_replacement(node, std::move(replacement), gradient);
  std::shared_ptr<const TensorImpl> retaining;
  {
    const std::lock_guard lock(pointer_lock(this));
    retaining = retaining_.lock();
  }
  // One that was written in place since is another node's result.
  if (retaining && retaining->node.get() == &node)
    accumulate_gradient(const_cast<TensorImpl&>(*retaining), gradient);
  return gradient;
}

void GradientHooks::run_accumulated(const Tensor& leaf) const {
  if (const auto hooks = accumulated_->entries())
    for (const auto& entry : *hooks) (*entry.hook)(leaf);
}

GradientHooks& GradientHooksSlot::make() {
  if (GradientHooks* hooks = get()) return *hooks;
  auto made = std::make_unique<GradientHooks>();
  GradientHooks* first = nullptr;
  if (hooks_.compare_exchange_strong(first, made.get())) return *made.release();
  return *first;  // another thread's
}

void GradientHooksSlot::destroy(const GradientHooks* hooks) {
  delete hooks;
}

}  // namespace cuttle
