// Copies between the host's memory and a device's, and between devices.
#include "allocators.h"

#if defined(CUTTLE_CUDA)
#include <cstring>
#include <deque>
#include <mutex>

#include "../kernels/cuda_runtime.h"
#include "cuda.h"
#endif
#include "../kernels/error.h"
#include "dispatch.h"
#include "page_locked.h"
#include "stream_use.h"

namespace cuttle {

#if defined(CUTTLE_CUDA)

namespace {

namespace gpu = kernels::cuda;

// Page-locked buffers that copies in flight still read: each is free again once the event behind
// its last copy has passed.
class StagingBuffers {
  struct Buffer;

 public:
  /// A buffer as long as somebody holds it.
  std::shared_ptr<void> lend(size_t bytes, int device) {
    auto loan = std::make_shared<Loan>(*this, bytes, device);
    return {loan, loan->buffer.memory};
  }

  /// Queues a copy from a buffer that was lent; false for memory that is none, or another device's.
  bool copy_lent(void* to, const Device& device, const void* from, size_t bytes) {
    const auto stream = current_stream(device);
    const std::lock_guard lock(mutex_);
    Buffer* const buffer = lent_buffer(from);
    if (buffer == nullptr || buffer->device != device.index()) return false;
    gpu::copy(stream, to, from, bytes, gpu::CopyKind::host_to_device);
    buffer->done.block(stream);  // so that the mark is behind copies on other streams, too
    buffer->done.record(stream);
    return true;
  }

  bool is_lent(const void* memory) {
    const std::lock_guard lock(mutex_);
    return lent_buffer(memory) != nullptr;
  }

  void copy(void* to, const Device& device, const void* from, size_t bytes) {
    const auto stream = current_stream(device);
    Loan loan(*this, bytes, device.index());  // filled without the lock: other threads copy as well
    std::memcpy(loan.buffer.memory, from, bytes);
    gpu::copy(stream, to, loan.buffer.memory, bytes, gpu::CopyKind::host_to_device);
    loan.buffer.done.record(stream);
  }

 private:
  struct Buffer {
    void* memory;
    size_t bytes;
    int device;
    gpu::Event done;
    bool taken = false;
  };

  struct Loan {
    Loan(StagingBuffers& owner, size_t bytes, int device)
        : lender(owner), buffer(owner.take(bytes, device)) {}
    ~Loan() {
      const std::lock_guard lock(lender.mutex_);
      buffer.taken = false;
    }
    StagingBuffers& lender;
    Buffer& buffer;
  };

  Buffer& take(size_t bytes, int device) {
    const std::lock_guard lock(mutex_);
    Buffer& buffer = free_buffer(bytes, device);
    buffer.taken = true;
    return buffer;
  }

  Buffer& free_buffer(size_t bytes, int device) {
    for (Buffer& buffer : buffers_)
      if (!buffer.taken && buffer.bytes >= bytes && buffer.bytes / 4 <= bytes &&
          buffer.device == device && buffer.done.is_done())
        return buffer;
    size_t size = 4096;  // a power of two, so that nearby sizes share buffers
    while (size < bytes) size *= 2;
    void* const memory = gpu::allocate_pinned(size);
    if (memory == nullptr)
      throw OutOfMemoryError("out of page-locked host memory: a copy to cuda:" +
                             std::to_string(device) + " needs " + std::to_string(size) + " bytes");
    return buffers_.emplace_back(Buffer{memory, size, device, gpu::Event(device)});
  }

  Buffer* lent_buffer(const void* memory) {
    const auto address = reinterpret_cast<uintptr_t>(memory);
    for (Buffer& buffer : buffers_)
      if (const auto begin = reinterpret_cast<uintptr_t>(buffer.memory);
          buffer.taken && address >= begin && address < begin + buffer.bytes)
        return &buffer;
    return nullptr;
  }

  std::mutex mutex_;
  std::deque<Buffer> buffers_;  // addresses stay as it grows
};

constexpr const char* kHostMayChange =
    "every replay would copy what the host held during capture; make the tensor before, and "
    "copy_() new values into it before replay()";

StagingBuffers& staging_buffers() {
  static StagingBuffers& buffers = *std::make_unique<StagingBuffers>().release();
  return buffers;
}

void wait_for(gpu::Stream later, gpu::Stream earlier) {
  gpu::Event mark(earlier.device);
  mark.record(earlier);
  mark.block(later);
}

}  // namespace

void copy_to_device(void* to, const Device& device, const void* from, size_t bytes) {
  refuse_while_capturing(device, "a copy from the host to a CUDA device", kHostMayChange);
  const profiler::LaunchScope profiled(device, std::source_location::current());
  if (bytes > 0) staging_buffers().copy(to, device, from, bytes);
}

void copy_to_host(void* to, const void* from, const Device& device, size_t bytes) {
  refuse_while_capturing(device, "a copy from a CUDA device to the host", kReadAfterReplay);
  if (bytes == 0) return;
  const profiler::LaunchScope profiled(device, std::source_location::current());
  const auto stream = current_stream(device);
  gpu::copy(stream, to, from, bytes, gpu::CopyKind::device_to_host);
  allocator_of(device).count_synchronization();
  gpu::synchronize(stream);
}

void copy_on_device(void* to, const Device& to_device, const void* from, const Device& from_device,
                    size_t bytes) {
  if (bytes == 0) return;
  const profiler::LaunchScope profiled(from_device, std::source_location::current());
  const auto source = current_stream(from_device);
  if (to_device == from_device)
    return gpu::copy(source, to, from, bytes, gpu::CopyKind::device_to_device);
  const auto target = current_stream(to_device);
  wait_for(source, target);  // which may have work left on the target's memory
  gpu::copy_peer(source, to, to_device.index(), from, from_device.index(), bytes);
  wait_for(target, source);
}

std::shared_ptr<void> page_locked_memory(size_t bytes, const Device& device) {
  return staging_buffers().lend(bytes, device.index());
}

bool is_page_locked(const void* memory) {
  return cuda::is_available() && staging_buffers().is_lent(memory);
}

bool copy_from_page_locked(void* to, const Device& device, const void* from, size_t bytes) {
  refuse_while_capturing(device, "a copy from the host to a CUDA device", kHostMayChange);
  return staging_buffers().copy_lent(to, device, from, bytes);
}

#else

std::shared_ptr<void> page_locked_memory(size_t, const Device& device) {
  fail("this build has no page-locked memory for ", device);
}
bool is_page_locked(const void*) {
  return false;
}
bool copy_from_page_locked(void*, const Device&, const void*, size_t) {
  return false;
}
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
