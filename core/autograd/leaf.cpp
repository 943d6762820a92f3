#include "leaf.h"

#include <mutex>

#include "../ops/arithmetic.h"
#include "../tensor_impl.h"
#include "grad_mode.h"
#include "locks.h"

namespace cuttle {
namespace {

// A gradient nobody else holds, like the leaf (which may have moved since the forward), may become
// its grad as it is.
bool can_take_over(const Tensor& gradient, const TensorImpl& leaf) {
  const TensorImpl& impl = gradient.impl();
  return is_held_once(gradient) && impl.dtype == leaf.dtype &&
         impl.storage->device() == leaf.storage->device() && impl.strides == leaf.strides;
}

Tensor copy_laid_out_as(const TensorImpl& leaf, const Tensor& gradient) {
  const bool dense = is_dense_in_some_order(leaf.shape, leaf.strides);
  const Strides strides = dense ? leaf.strides : dense_strides(leaf.shape);
  Tensor copy = empty_strided(leaf.shape, strides, leaf.dtype, leaf.storage->device());
  copy.copy_(gradient);
  return copy;
}

// The grad is exchanged under both of its locks, and so read under either. Returns the old one, to
// be let go when the locks are.
[[nodiscard]] std::shared_ptr<TensorImpl> exchange_grad(TensorImpl& leaf, const Tensor& gradient) {
  std::shared_ptr<TensorImpl> other =
      gradient.defined() ? gradient.impl().shared_from_this() : nullptr;
  const std::lock_guard lock(pointer_lock(&leaf));
  leaf.grad.swap(other);
  return other;
}

}  // namespace

bool is_held_once(const Tensor& tensor) {
  const TensorImpl& impl = tensor.impl();
  return impl.weak_from_this().use_count() == 1 && impl.storage.use_count() == 1 &&
         impl.storage->bytes() == bytes_of(impl.shape, impl.dtype) &&
         is_dense_in_some_order(impl.shape, impl.strides);
}

Tensor stored_gradient(const TensorImpl& leaf) {
  const std::lock_guard lock(pointer_lock(&leaf));
  return Tensor(leaf.grad);
}

void store_gradient(TensorImpl& leaf, const Tensor& gradient) {
  std::shared_ptr<TensorImpl> old;  // outlives the lock
  const std::lock_guard lock(gradient_lock(leaf));
  old = exchange_grad(leaf, gradient);
}

void accumulate_gradient(TensorImpl& leaf, const Tensor& gradient) {
  std::shared_ptr<TensorImpl> old;  // outlives the lock
  const std::lock_guard lock(gradient_lock(leaf));
  if (is_grad_enabled()) {  // create_graph: the gradient keeps its history
    old = exchange_grad(leaf, leaf.grad ? Tensor(leaf.grad) + gradient : gradient.clone());
  } else if (leaf.grad) {
    Tensor(leaf.grad).add_(gradient);
  } else {
    old = exchange_grad(
        leaf, can_take_over(gradient, leaf) ? gradient : copy_laid_out_as(leaf, gradient));
  }
}

std::shared_ptr<AccumulateGrad> accumulator_of(TensorImpl& leaf) {
  const std::lock_guard lock(pointer_lock(&leaf));
  std::shared_ptr<AccumulateGrad> accumulator = leaf.accumulator.lock();
  if (!accumulator) {
    accumulator = std::make_shared<AccumulateGrad>(leaf.shared_from_this());
    leaf.accumulator = accumulator;
  }
  return accumulator;
}

}  // namespace cuttle
