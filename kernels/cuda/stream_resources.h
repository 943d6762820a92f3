// What the kernels keep for each stream: its scratch blocks and its library handles.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

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
  void* memory_;
};

/// Guarded by `mutex`, which is held as long as launches that belong together are queued.
struct StreamResources {
  std::mutex mutex;
  std::vector<DeviceBlock> blocks;      // the last one is in use, earlier ones are kept for graphs
  std::optional<DeviceBlock> counters;  // zeros, but while kernels of a lease run
  std::shared_ptr<void> cublas;         // a CublasHandle, made at first use (vendor.h)
  std::shared_ptr<void> cudnn;          // a CudnnHandle
};

/// The resources of a stream; made on first use, valid until release_stream_resources.
StreamResources& stream_resources(Stream stream);

}  // namespace cuttle::kernels::cuda
