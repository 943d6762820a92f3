// The memory behind tensors: one allocation, shared by all tensors that view it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "device.h"

namespace cuttle {

class CachingAllocator;

/// A block of bytes on one device, given back to its allocator when the last holder goes.
class Storage {
 public:
  /// Uninitialised memory from the device's caching allocator, for this thread's current stream.
  /// Throws OutOfMemoryError.
  static std::shared_ptr<Storage> allocate(size_t bytes, Device device);
  /// Memory that somebody else owns; `release` is called when the last holder goes.
  static std::shared_ptr<Storage> borrow(void* data, size_t bytes, Device device,
                                         std::function<void()> release);

  Storage(void* data, size_t bytes, Device device);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  void* data() const noexcept { return data_; }
  size_t bytes() const noexcept { return bytes_; }
  const Device& device() const noexcept { return device_; }

  /// Work on this stream, a cudaStream_t, is about to use the memory. (stream_use.h's note_use is
  /// for the current one.)
  void note_use(void* stream);
  /// The memory pool of the graph in whose capture it was made; 0 for other memory.
  uint64_t pool() const noexcept { return pool_; }

  /// Allocated in InferenceMode: it never meets the tape, and writes are not counted.
  bool is_inference() const noexcept { return inference_; }

  /// Counts in-place writes; what was saved for a backward remembers the count it saw.
  uint64_t version() const noexcept { return version_; }
  void bump_version() noexcept {
    if (!inference_) ++version_;
  }
  /// Counts in-place operations that were recorded on the tape: views made before are stale.
  uint64_t graph_version() const noexcept { return graph_version_; }
  void bump_graph_version() noexcept { ++graph_version_; }

 private:
  void* data_;
  size_t bytes_;
  Device device_;
  const bool inference_;
  std::function<void()> release_;          // of borrowed memory
  CachingAllocator* allocator_ = nullptr;  // of other memory
  void* stream_ = nullptr;                 // whose work it was allocated for
  uint64_t pool_ = 0;
  std::atomic<void*> last_other_{nullptr};  // the stream that note_use passed on last
  std::atomic<uint64_t> version_{0};
  std::atomic<uint64_t> graph_version_{0};
};

}  // namespace cuttle
