#include "saved_tensor.h"

#include "../tensor_impl.h"
#include "grad_mode.h"
#include "node.h"

namespace cuttle {

namespace {

std::string_view replayed_name() {
  const auto node = replayed_node();
  return node ? node->op() : "";
}

}  // namespace

SavedTensor::SavedTensor(Tensor data, bool is_output)
    : data_(std::move(data)), is_output_(is_output) {
  if (!data_.defined()) return;
  version_ = data_.version();
  memory_ = data_.raw_data();
}

SavedTensor save(const Tensor& input) {
  return {input, false};
}
SavedTensor save_output(const Tensor& output) {
  return {output.detach(), true};
}

Tensor SavedTensor::get() const {
  if (!data_.defined()) return {};
  if (data_.version() != version_)
    fail("backward: a tensor of shape ", data_.shape(), " that '", replayed_name(),
         "' needs for its gradient was changed in place after it was used (it is at version ",
         data_.version(), ", saved at ", version_,
         "); use the operation's out-of-place form, or clone() first");
  if (data_.raw_data() != memory_)
    fail("backward: a tensor of shape ", data_.shape(), " that '", replayed_name(),
         "' needs for its gradient was moved to ", data_.device(), " as ", data_.dtype(),
         " after it was used; move modules before the forward");
  if (!is_output_ || !is_grad_enabled()) return data_;
  Tensor output = data_.detach();
  output.impl().node = replayed_node();
  output.impl().requires_grad = true;
  return output;
}

}  // namespace cuttle
