// What tensors can be asked of the tape, beside backward() and grad().
#include "../tensor_impl.h"
#include "node.h"
#include "view_history.h"

namespace cuttle {
namespace {

void check_requires_grad(std::string_view method, const Tensor& x) {
  if (!x.requires_grad())
    fail(method, ": this tensor of shape ", x.shape(),
         " requires no gradient, so none will ever arrive; call requires_grad_() on it, or on what "
         "it is computed from, first");
}

template <class Hook>
void check_hook(std::string_view method, const Hook& hook) {
  if (!hook) fail(method, ": the hook is an empty function");
}

}  // namespace

RemovableHandle AutogradMethods::add_gradient_hook(GradientHook hook) const {
  const Tensor& x = self(*this);
  check_requires_grad("register_hook", x);
  check_hook("register_hook", hook);
  TensorImpl& impl = x.impl();
  return (impl.node ? impl.node->make_hooks() : impl.hooks.make()).add(std::move(hook));
}

RemovableHandle AutogradMethods::register_post_accumulate_grad_hook(AccumulatedHook hook) const {
  const Tensor& x = self(*this);
  check_requires_grad("register_post_accumulate_grad_hook", x);
  check_hook("register_post_accumulate_grad_hook", hook);
  if (!x.is_leaf())
    fail("register_post_accumulate_grad_hook: this tensor is the result of '", x.grad_fn(),
         "', and only leaves accumulate; use register_hook");
  return x.impl().hooks.make().add_accumulated(std::move(hook));
}

void AutogradMethods::retain_grad() const {
  const Tensor& x = self(*this);
  check_requires_grad("retain_grad", x);
  TensorImpl& impl = x.impl();
  if (!impl.node) return;
  impl.retains_grad = true;
  impl.node->make_hooks().retain_for(impl);
}

bool AutogradMethods::retains_grad() const {
  const TensorImpl& impl = self(*this).impl();
  return impl.retains_grad && impl.node;
}

Tensor& AutogradMethods::detach_() {
  Tensor& x = self(*this);
  TensorImpl& impl = x.impl();
  if (shows_others_memory(impl))
    fail("detach_: this tensor of shape ", x.shape(),
         " is a view, whose base would keep its history; use detach(), or detach_() the base");
  impl.node = nullptr;
  impl.base = nullptr;
  impl.requires_grad = false;
  impl.retains_grad = false;
  return x;
}

bool AutogradMethods::is_inference() const {
  return self(*this).impl().storage->is_inference();
}

}  // namespace cuttle
