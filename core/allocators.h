// The allocator of each device, and page-locked memory for copies to a GPU.
#pragma once

#include "caching_allocator.h"
#include "device.h"

namespace cuttle {

/// One allocator a device, made at first use and never destroyed: tensors may outlive everything.
CachingAllocator& allocator_of(const Device& device);

/// Queues a copy of host memory to a device; `from` may be reused when it returns, and nothing
/// waits. Goes through cached page-locked memory, for the driver would wait on pageable memory.
void copy_to_device(void* to, const Device& device, const void* from, size_t bytes);
/// Copies device memory to the host and waits for it; throws what kernels reported meanwhile.
void copy_to_host(void* to, const void* from, const Device& device, size_t bytes);
/// Queues a copy within a device, or between two devices.
void copy_on_device(void* to, const Device& to_device, const void* from, const Device& from_device,
                    size_t bytes);

}  // namespace cuttle
