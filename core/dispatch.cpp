#include "dispatch.h"

namespace cuttle {

const Tensor& check_defined(std::string_view op, const Tensor& tensor) {
  if (profiler::is_listening()) profiler::begin_operation(op);
  if (!tensor.defined())
    fail(op, ": got an undefined tensor; was a default-constructed Tensor never assigned?");
  return tensor;
}

void check_same_device(std::string_view op, std::initializer_list<const Tensor*> tensors) {
  if (profiler::is_listening()) profiler::begin_operation(op);
  const Tensor* first = nullptr;
  for (const Tensor* tensor : tensors) {
    if (!tensor->defined()) continue;
    if (first == nullptr) first = tensor;
    if (tensor->device() != first->device())
      fail(op, ": all tensors must be on one device, got ", first->device(), " (shape ",
           first->shape(), ") and ", tensor->device(), " (shape ", tensor->shape(),
           "); move one with .to(device)");
  }
}

void check_same_dtype(std::string_view op, std::initializer_list<const Tensor*> tensors) {
  if (profiler::is_listening()) profiler::begin_operation(op);
  const Tensor* first = nullptr;
  for (const Tensor* tensor : tensors) {
    if (!tensor->defined()) continue;
    if (first == nullptr) first = tensor;
    if (tensor->dtype() != first->dtype())
      fail(op, ": all tensors must have one dtype, got ", first->dtype(), " (shape ",
           first->shape(), ") and ", tensor->dtype(), " (shape ", tensor->shape(),
           "); convert one with .to(dtype)");
  }
}

}  // namespace cuttle
