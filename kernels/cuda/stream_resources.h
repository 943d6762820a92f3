// What the kernels keep for each stream: its scratch blocks and its library handles.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "../cuda_runtime.h"
#include "../stream.h"

namespace cuttle::kernels::cuda {

/// One block of device memory.
class DeviceBlock {
 public:
  /// Throws OutOfMemoryError.
  DeviceBlock(int device, size_t bytes);
  ~DeviceBlock();
  DeviceBlock(DeviceBlock&& other) noexcept;
  DeviceBlock& operator=(DeviceBlock&&) = delete;

  void* memory() const { return memory_; }
  size_t bytes() const { return bytes_; }

 private:
  int device_;
  size_t bytes_;
  void* memory_ = nullptr;
};

/// Guarded by `mutex`, which is held as long as launches that belong together are queued.
struct StreamResources {
  std::mutex mutex;
  std::vector<DeviceBlock> blocks;      // the last one is in use, earlier ones are kept for graphs
  std::optional<DeviceBlock> counters;  // zeros, but while kernels of a lease run
  // Graphs that use them run on other streams:
  std::optional<Stream> lent_to;  // where the last one was launched, as long as it lives
  std::optional<Event> last_use;  // behind the last launch of one that is gone
  std::shared_ptr<void> cublas;   // a CublasHandle, made at first use (vendor.h)
  std::shared_ptr<void> cudnn;    // a CudnnHandle
};

/// The resources of a stream; made on first use, valid until release_stream_resources.
StreamResources& stream_resources(Stream stream);

// The next three are called with the resources' mutex held.

/// A graph captured from `owner` is about to be launched on `user`: orders that behind the last use
/// of the resources.
void lend(StreamResources& resources, Stream owner, Stream user);
/// `owner` is about to use its own resources. In a capture, nothing: the launch is ordered.
void take_back(StreamResources& resources, Stream owner);
/// A graph is about to go, and with it the promise that nobody else gets the stream it ran on.
void note_last_use(StreamResources& resources);

}  // namespace cuttle::kernels::cuda
