#include "saved_tensor.h"

#include <utility>

#include "../tensor_impl.h"
#include "grad_mode.h"
#include "node.h"
#include "record.h"
#include "saved_tensor_hooks.h"

namespace cuttle {

namespace {

std::string_view replayed_name() {
  const auto node = replayed_node();
  return node ? node->op() : "";
}

// The tensor with a place on the tape of its own.
Tensor placed(const Tensor& data, const std::shared_ptr<Node>& place) {
  if (!place) return data;
  Tensor alias = data.detach();
  TensorImpl& impl = alias.impl();
  impl.requires_grad = true;
  if (place->is_leaf())
    impl.accumulator = std::static_pointer_cast<AccumulateGrad>(place);
  else
    impl.node = place;
  return alias;
}

[[noreturn]] void refuse_changed(const Shape& shape, uint64_t version, uint64_t saved) {
  fail("backward: a tensor of shape ", shape, " that '", replayed_name(),
       "' needs for its gradient was changed in place after it was used (it is at version ",
       version, ", saved at ", saved, "); use the operation's out-of-place form, or clone() first");
}

}  // namespace

// Shared by the copies of a SavedTensor. Holds the tensor until its operation is recorded, and what
// the hook made of it from then on.
struct SavedTensor::Packed {
  Tensor data;
  uint64_t version = 0;
  std::shared_ptr<const SavedTensorHooks::Pair> hooks;
  std::any packed;
  std::weak_ptr<const Storage> storage;  // of the tensor as it was saved
  Shape shape;
  DType dtype = DType::float32;
  Device device;
  std::shared_ptr<Node> place;  // of an input that requires a gradient

  void pack(bool is_output);
  Tensor unpack() const;
};

namespace {

// Saved on this thread, for an operation that will be recorded or not; few at a time.
thread_local std::vector<std::pair<std::weak_ptr<void>, bool>> pending;
constinit thread_local bool any_pending = false;

}  // namespace

void SavedTensor::Packed::pack(bool is_output) {
  if (!is_output) place = gradient_node(data);
  storage = data.impl().storage;
  shape = data.shape();
  dtype = data.dtype();
  device = data.device();
  {
    const NoGradGuard no_grad;
    const NoSavedTensorHooks no_hooks;
    packed = hooks->pack(data.detach());
  }
  if (data.version() != version)
    fail("SavedTensorHooks: pack wrote to the tensor of shape ", shape,
         " that it was given; it must make another one");
  data = {};
}

Tensor SavedTensor::Packed::unpack() const {
  if (const auto memory = storage.lock(); memory && memory->version() != version)
    refuse_changed(shape, memory->version(), version);
  const NoGradGuard no_grad;
  const NoSavedTensorHooks no_hooks;
  const Tensor value = hooks->unpack(packed);
  if (!value.defined() || value.shape() != shape || value.dtype() != dtype ||
      value.device() != device)
    fail("SavedTensorHooks: unpack gave ", value.defined() ? "a tensor of shape " : "no tensor",
         value.defined() ? value.shape().str() : "", " in place of one of shape ", shape, " (",
         dtype, ", ", device, ") that was packed; it must give the same");
  return value;
}

SavedTensor::SavedTensor(Tensor data, bool is_output)
    : data_(std::move(data)), is_output_(is_output) {
  if (!data_.defined()) return;
  const TensorImpl& impl = data_.impl();
  version_ = impl.storage->version();
  memory_ = data_.raw_data();
  const auto& hooks = SavedTensorHooks::current();
  if ((!hooks && !impl.storage->is_inference()) || !is_grad_enabled()) return;
  packed_ = std::make_shared<Packed>();
  packed_->data = std::exchange(data_, {});
  packed_->version = version_;
  packed_->hooks = hooks;
  if (pending.size() >= 64)  // of operations that were not recorded
    std::erase_if(pending, [](const auto& saved) { return saved.first.expired(); });
  pending.emplace_back(packed_, is_output);
  any_pending = true;
}

SavedTensor save(const Tensor& input) {
  return {input, false};
}
SavedTensor save_output(const Tensor& output) {
  return {output.detach(), true};
}

void settle_saved_tensors(std::string_view op) {
  if (!any_pending) return;
  any_pending = false;
  for (const auto& [saved, is_output] : std::exchange(pending, {})) {
    const auto alive = std::static_pointer_cast<SavedTensor::Packed>(saved.lock());
    if (!alive) continue;  // its operation was not recorded
    if (alive->data.is_inference())
      fail(op, ": an inference tensor of shape ", alive->data.shape(),
           " cannot be saved for a backward, since writes to it are not counted; clone() it "
           "outside of InferenceMode, and use the clone");
    alive->pack(is_output);
  }
}

Tensor SavedTensor::as_output(const Tensor& data) const {
  if (!is_output_ || !is_grad_enabled()) return data;
  return placed(data, replayed_node());
}

Tensor SavedTensor::get() const {
  if (packed_ && packed_->data.defined()) return packed_->data;  // not recorded
  if (packed_) {
    const Tensor value = packed_->unpack();
    return packed_->place ? placed(value, packed_->place) : as_output(value);
  }
  if (!data_.defined()) return {};
  const Storage& storage = *data_.impl().storage;
  if (storage.version() != version_) refuse_changed(data_.shape(), storage.version(), version_);
  if (data_.raw_data() != memory_)
    fail("backward: a tensor of shape ", data_.shape(), " that '", replayed_name(),
         "' needs for its gradient was moved to ", data_.device(), " as ", data_.dtype(),
         " after it was used; move modules before the forward");
  return as_output(data_);
}

}  // namespace cuttle
