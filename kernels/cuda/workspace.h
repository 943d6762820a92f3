// Scratch memory of kernels that work in two passes, and of the vendor libraries: one block a
// stream, grown and kept, so that after the first steps nothing is allocated.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include "../stream.h"

namespace cuttle::kernels::cuda {

struct StreamResources;

/// `bytes` of device memory for the kernels that the holder queues on `stream`, aligned to 256
/// bytes.
///
/// Hazards, and what keeps them off:
/// - The next lease on the stream gets the same memory. Work of one stream runs in order, so the
/// next
///   holder's kernels run after this one's. Contents do not outlive the lease.
/// - Two host threads that queue on one stream: the lease holds the stream's lock, so the launches
/// of
///   one holder are neighbours in the stream. Queue all that use the memory before letting go, and
///   take no second lease on the stream meanwhile (it would wait for itself).
/// - A block that became too small stays alive until the stream is destroyed: queued kernels and
///   captured graphs still point into it. Blocks at least double, so what is kept that way is less
///   than the block in use.
/// - Graphs captured from one stream share its block: replay them on one stream at a time.
/// Throws OutOfMemoryError where the block cannot grow.
class WorkspaceLease {
 public:
  WorkspaceLease(Stream stream, size_t bytes);

  template <class T>
  T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  std::unique_lock<std::mutex> lock_;
  void* memory_ = nullptr;
};

/// Frees what belongs to a stream that is idle and about to be destroyed.
void release_stream_resources(Stream stream) noexcept;

}  // namespace cuttle::kernels::cuda
