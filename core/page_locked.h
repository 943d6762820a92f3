// Page-locked host memory, which a GPU copies by itself: the buffers behind every copy to one,
// lent. Internal to core; pinned_memory.h has the tensors.
#pragma once

#include <cstddef>
#include <memory>

#include "device.h"

namespace cuttle {

/// Memory for copies to that device, until the last holder goes and the copies are done.
/// Throws OutOfMemoryError.
std::shared_ptr<void> page_locked_memory(size_t bytes, const Device& device);
/// True for an address in such memory.
bool is_page_locked(const void* memory);
/// Queues a copy that reads such memory itself. False where it is none, or for another device.
bool copy_from_page_locked(void* to, const Device& device, const void* from, size_t bytes);

}  // namespace cuttle
