// Scratch memory of kernels that work in two passes, and of the vendor libraries: one block a
// stream, grown and kept, so that after the first steps nothing is allocated.
#pragma once

#include <cstddef>
#include <mutex>

#include "../stream.h"

namespace cuttle::kernels::cuda {

struct StreamResources;

/// The right to queue on a stream launches that share its scratch memory or library handles, held
/// while they are queued.
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
/// - Graphs captured from one stream share its block. A lease, and a launch of such a graph, is
///   ordered behind the last one on any stream (stream_resources.h, lend).
class StreamLease {
 public:
  explicit StreamLease(Stream stream);

  /// `bytes` of device memory, aligned to 256 bytes; nullptr for 0. One area a lease: a second call
  /// gives the same memory again, or a larger block. Throws OutOfMemoryError.
  template <class T>
  T* scratch(size_t bytes) {
    return static_cast<T*>(reserve(bytes));
  }

  /// `count` ≤ 4096 counters in device memory, all 0; the holder's kernels leave them so. Another
  /// memory than scratch()'s. Throws OutOfMemoryError.
  unsigned* counters(size_t count);

  StreamResources& resources() { return resources_; }

 private:
  void* reserve(size_t bytes);

  Stream stream_;
  StreamResources& resources_;
  std::unique_lock<std::mutex> lock_;
};

/// Zeroes device memory and waits for it, on a stream of its own: nothing may be queued on a stream
/// that is being captured where this is needed.
void clear(int device, void* memory, size_t bytes);

/// Frees what belongs to a stream that is idle and about to be destroyed.
void release_stream_resources(Stream stream) noexcept;

}  // namespace cuttle::kernels::cuda
