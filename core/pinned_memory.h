// Tensors in page-locked memory, from which a GPU copies while the host goes on.
#pragma once

#include "tensor.h"

namespace cuttle {

/// torch.Tensor.pin_memory: a copy on the CPU, row-major and without history, in page-locked memory
/// for copies to that device; the tensor itself where it lies there. Throws Error unless it is on
/// the CPU, and where there is no GPU.
Tensor pin_memory(const Tensor& tensor, const Device& device = Device("cuda"));
/// torch.Tensor.is_pinned.
bool is_pinned(const Tensor& tensor);

/// torch's tensor.to(device, non_blocking=True). From pinned memory the GPU reads the tensor
/// itself, at some time before later work of this thread's current stream: it must not be written
/// until a wait for that stream, but may be dropped at any time. From elsewhere, and to elsewhere,
/// it is tensor.to(device), which copies to page-locked memory at once and does not wait either.
[[nodiscard]] Tensor to_non_blocking(const Tensor& tensor, const Device& device);

}  // namespace cuttle
