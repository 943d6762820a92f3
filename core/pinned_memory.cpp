#include "pinned_memory.h"

#include <cstring>

#include "creation.h"
#include "page_locked.h"

namespace cuttle {

Tensor pin_memory(const Tensor& tensor, const Device& device) {
  if (!tensor.defined()) fail("pin_memory: the tensor is undefined");
  if (!tensor.is_cpu())
    fail("pin_memory: expected a tensor on the CPU, got one on ", tensor.device());
  if (!device.is_cuda()) fail("pin_memory: expected a CUDA device, got ", device);
  if (is_pinned(tensor)) return tensor;
  const Tensor values = tensor.detach().contiguous();
  const size_t bytes = static_cast<size_t>(values.numel()) * element_size(values.dtype());
  const std::shared_ptr<void> memory = page_locked_memory(bytes, device);
  if (bytes > 0) std::memcpy(memory.get(), values.raw_data(), bytes);
  return from_blob(memory.get(), values.shape(), {.dtype = values.dtype()}, [memory] {});
}

bool is_pinned(const Tensor& tensor) {
  return tensor.defined() && tensor.is_cpu() && is_page_locked(tensor.raw_data());
}

Tensor to_non_blocking(const Tensor& tensor, const Device& device) {
  if (device.is_cuda() && is_pinned(tensor) && tensor.is_contiguous() && !tensor.requires_grad()) {
    Tensor copy = empty(tensor.shape(), {.dtype = tensor.dtype(), .device = device});
    const size_t bytes = static_cast<size_t>(copy.numel()) * element_size(copy.dtype());
    if (bytes == 0 || copy_from_page_locked(copy.raw_data(), device, tensor.raw_data(), bytes))
      return copy;
  }
  return tensor.to(device);
}

}  // namespace cuttle
