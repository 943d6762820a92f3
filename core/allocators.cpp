#include "allocators.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>

#include "../kernels/error.h"
#include "dispatch.h"
#if defined(CUTTLE_CUDA)
#include "../kernels/cuda_runtime.h"
#endif

namespace cuttle {
namespace {

class HostMemory final : public MemorySource {
 public:
  void* take(size_t bytes) override {
    constexpr size_t kCacheLine = 64;
    return std::aligned_alloc(kCacheLine, (bytes + kCacheLine - 1) / kCacheLine * kCacheLine);
  }
  void give_back(void* memory) noexcept override { std::free(memory); }
  std::string name() const override { return "the CPU"; }
};

CachingAllocator& host_allocator() {
  static CachingAllocator& allocator =
      CachingAllocator::make_immortal(std::make_unique<HostMemory>());
  return allocator;
}

// So that no thread makes it while another one forks.
[[maybe_unused]] const CachingAllocator& made_before_main = host_allocator();

#if defined(CUTTLE_CUDA)

namespace gpu = kernels::cuda;

class DeviceMemory final : public MemorySource {
 public:
  explicit DeviceMemory(int device) : device_(device) {}
  void* take(size_t bytes) override { return gpu::allocate(device_, bytes); }
  void give_back(void* memory) noexcept override { gpu::free(device_, memory); }
  std::string name() const override { return "cuda:" + std::to_string(device_); }

 private:
  int device_;
};

CachingAllocator& device_allocator(int device) {
  static std::mutex& mutex = *std::make_unique<std::mutex>().release();
  static auto& allocators = *std::make_unique<std::map<int, CachingAllocator*>>().release();
  gpu::refuse_after_fork();
  const std::lock_guard lock(mutex);
  CachingAllocator*& allocator = allocators[device];
  if (!allocator)
    allocator = &CachingAllocator::make_immortal(std::make_unique<DeviceMemory>(device));
  return *allocator;
}

// Page-locked buffers that copies in flight still read: each is free again once the event behind
// its last copy has passed.
class StagingBuffers {
 public:
  void copy(void* to, const Device& device, const void* from, size_t bytes) {
    const std::lock_guard lock(mutex_);
    Buffer& buffer = free_buffer(bytes, device.index());
    std::memcpy(buffer.memory, from, bytes);
    const auto stream = current_stream(device);
    gpu::copy(stream, to, buffer.memory, bytes, gpu::CopyKind::host_to_device);
    buffer.done.record(stream);
  }

 private:
  struct Buffer {
    void* memory;
    size_t bytes;
    int device;
    gpu::Event done;
  };

  Buffer& free_buffer(size_t bytes, int device) {
    for (Buffer& buffer : buffers_)
      if (buffer.bytes >= bytes && buffer.bytes / 4 <= bytes && buffer.device == device &&
          buffer.done.is_done())
        return buffer;
    size_t size = 4096;  // a power of two, so that nearby sizes share buffers
    while (size < bytes) size *= 2;
    void* const memory = gpu::allocate_pinned(size);
    if (memory == nullptr)
      throw OutOfMemoryError("out of page-locked host memory: a copy to cuda:" +
                             std::to_string(device) + " needs " + std::to_string(size) + " bytes");
    return buffers_.emplace_back(Buffer{memory, size, device, gpu::Event(device)});
  }

  std::mutex mutex_;
  std::deque<Buffer> buffers_;  // addresses stay as it grows
};

StagingBuffers& staging_buffers() {
  static StagingBuffers& buffers = *std::make_unique<StagingBuffers>().release();
  return buffers;
}

#endif

}  // namespace

CachingAllocator& allocator_of([[maybe_unused]] const Device& device) {
#if defined(CUTTLE_CUDA)
  if (device.is_cuda()) return device_allocator(device.index());
#endif
  return host_allocator();
}

#if defined(CUTTLE_CUDA)

void copy_to_device(void* to, const Device& device, const void* from, size_t bytes) {
  if (bytes > 0) staging_buffers().copy(to, device, from, bytes);
}

void copy_to_host(void* to, const void* from, const Device& device, size_t bytes) {
  if (bytes == 0) return;
  const auto stream = current_stream(device);
  gpu::copy(stream, to, from, bytes, gpu::CopyKind::device_to_host);
  cuda::synchronize(device.index());
}

void copy_on_device(void* to, const Device& to_device, const void* from, const Device& from_device,
                    size_t bytes) {
  if (bytes == 0) return;
  if (to_device == from_device)
    gpu::copy(current_stream(to_device), to, from, bytes, gpu::CopyKind::device_to_device);
  else
    gpu::copy_peer(current_stream(from_device), to, to_device.index(), from, from_device.index(),
                   bytes);
}

#else

void copy_to_device(void*, const Device& device, const void*, size_t) {
  fail("this build cannot copy to ", device);
}
void copy_to_host(void*, const void*, const Device& device, size_t) {
  fail("this build cannot copy from ", device);
}
void copy_on_device(void*, const Device& device, const void*, const Device&, size_t) {
  fail("this build cannot copy to ", device);
}

#endif

}  // namespace cuttle
