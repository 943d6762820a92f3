// A tensor's part in the tape beyond backward(): hooks, kept gradients, inference tensors.
#pragma once

#include "../autograd/gradient_hooks.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: hooks on its gradient, and rules of leaves and results.
class AutogradMethods {
 public:
  /// Calls hook(gradient) in each replay when this tensor's gradient is complete: in backward()
  /// before it goes on (into a leaf's grad, or to the operation that made a result), and in grad().
  /// A Tensor that the hook returns, and that is defined, takes the gradient's place; one that
  /// returns nothing only looks. The hook must not write to the gradient. Several run in the order
  /// of registration. With create_graph what a hook computes is recorded. On a result it is tied to
  /// the operation that made it: an operation in place later has a gradient of its own. Throws
  /// Error where no gradient is required.
  ///
  ///     RemovableHandle handle = x.register_hook([](const Tensor& g) { return g * 2; });
  template <class Hook>
  RemovableHandle register_hook(Hook hook) const;
  /// Calls hook(leaf) each time a replay has added to this leaf's grad, which the hook may use and
  /// remove. grad() does not call it. Throws Error for a result, and where no gradient is required.
  RemovableHandle register_post_accumulate_grad_hook(AccumulatedHook hook) const;

  /// backward() also leaves the gradient of this result in its grad(). Nothing for a leaf, whose
  /// gradient is kept anyway. Throws Error where no gradient is required.
  void retain_grad() const;
  /// True for a result whose retain_grad() was called.
  bool retains_grad() const;

  /// Becomes a leaf without history, as detach() gives, in this very tensor. Throws Error for a
  /// view whose memory others hold.
  Tensor& detach_();
  /// True for memory that was allocated in InferenceMode (core/autograd/grad_mode.h), and its
  /// views.
  bool is_inference() const;

 protected:
  AutogradMethods() = default;
  AutogradMethods(const AutogradMethods&) = default;
  AutogradMethods& operator=(const AutogradMethods&) = default;
  ~AutogradMethods() = default;

 private:
  RemovableHandle add_gradient_hook(GradientHook hook) const;
};

}  // namespace cuttle
