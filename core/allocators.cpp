#include "allocators.h"

#include <cstdlib>
#include <mutex>

#if defined(CUTTLE_CUDA)
#include "../kernels/cuda_graph.h"
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

class EventMark final : public StreamMark {
 public:
  explicit EventMark(gpu::Event event) : event_(std::move(event)) {}
  bool reached() override { return event_.is_done(); }
  void wait() override { event_.synchronize(); }

 private:
  gpu::Event event_;
};

class DeviceMemory final : public MemorySource {
 public:
  explicit DeviceMemory(int device) : device_(device) {}
  void* take(size_t bytes) override { return gpu::allocate(device_, bytes); }
  void give_back(void* memory) noexcept override { gpu::free(device_, memory); }
  std::unique_ptr<StreamMark> mark(StreamId stream) noexcept override;
  bool is_capturing() const override { return gpu::is_capturing(); }
  std::string name() const override { return "cuda:" + std::to_string(device_); }

 private:
  int device_;
};

std::unique_ptr<StreamMark> DeviceMemory::mark(StreamId stream) noexcept try {
  if (gpu::device_count() == 0 || gpu::is_capturing()) return nullptr;  // 0: after a fork()
  gpu::Event event(device_);
  if (!event.record_outside_captures({stream, device_})) return nullptr;
  return std::make_unique<EventMark>(std::move(event));
} catch (const std::exception&) {
  return nullptr;  // a broken device: the memory stays where it is
}

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

#endif

}  // namespace

CachingAllocator& allocator_of([[maybe_unused]] const Device& device) {
#if defined(CUTTLE_CUDA)
  if (device.is_cuda()) return device_allocator(device.index());
#endif
  return host_allocator();
}

}  // namespace cuttle
