// The locks under which threads share leaves and graphs. There is a fixed number of each, and an
// object's address picks its own: tensors and nodes stay small, and fork() can hold them all.
#pragma once

#include <mutex>

namespace cuttle {

struct TensorImpl;

/// Guards the pointers that threads exchange: a leaf's grad and accumulator, a node's backward.
/// Held for a few instructions; nothing else is taken, and no tensor or node let go, meanwhile.
std::mutex& pointer_lock(const void* owner);

/// Held while a leaf's grad is exchanged or added to, by kernels as long as these run. Pointer
/// locks may be taken under it.
std::mutex& gradient_lock(const TensorImpl& leaf);

}  // namespace cuttle
