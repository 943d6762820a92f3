// Arrays where a backend's kernels can reach them, for tests of kernels on raw pointers.
#pragma once

#include <cuttle/kernels/cuda_runtime.h>
#include <cuttle/kernels/error.h>
#include <cuttle/kernels/stream.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "recorder.h"

namespace cuttle::test {

/// Memory and copies of a backend; waits for each copy.
inline void* allocate_on(kernels::cpu::Stream, size_t bytes) {
  return ::operator new(bytes);
}
inline void free_on(kernels::cpu::Stream, void* memory) noexcept {
  ::operator delete(memory);
}
inline void write_to(kernels::cpu::Stream, void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
inline void read_from(kernels::cpu::Stream, void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

#if defined(CUTTLE_CUDA)
inline void* allocate_on(kernels::cuda::Stream stream, size_t bytes) {
  void* memory = kernels::cuda::allocate(stream.device, bytes);
  if (memory == nullptr) fail("the test found no memory for ", bytes, " bytes");
  return memory;
}
inline void free_on(kernels::cuda::Stream stream, void* memory) noexcept {
  kernels::cuda::free(stream.device, memory);
}
inline void write_to(kernels::cuda::Stream stream, void* to, const void* from, size_t bytes) {
  kernels::cuda::copy(stream, to, from, bytes, kernels::cuda::CopyKind::host_to_device);
  kernels::cuda::synchronize(stream);
}
inline void read_from(kernels::cuda::Stream stream, void* to, const void* from, size_t bytes) {
  kernels::cuda::copy(stream, to, from, bytes, kernels::cuda::CopyKind::device_to_host);
  kernels::cuda::synchronize(stream);
}
#endif

/// The host's side of an array of T: a vector, of bytes for bool (vector<bool> has no array).
template <class T>
using HostArray = std::vector<std::conditional_t<std::is_same_v<T, bool>, unsigned char, T>>;

/// `size` elements in a backend's memory, exactly as long as they must be, so that a sanitizer sees
/// the first byte past the end.
template <class Stream, class T>
class DeviceBuffer {
 public:
  /// Holds `values`.
  DeviceBuffer(Stream stream, const HostArray<T>& values)
      : stream_(stream),
        size_(values.size()),
        memory_(allocate_on(stream, bytes() + (size_ == 0))) {
    write_to(stream_, memory_, values.data(), bytes());
  }
  /// Holds bytes of 0xff (NaN, −1), so that an element that a kernel forgets shows.
  static DeviceBuffer unset(Stream stream, size_t size) {
    HostArray<T> values(size);
    if (size > 0) std::memset(static_cast<void*>(values.data()), 0xff, size * sizeof(T));
    return DeviceBuffer(stream, values);
  }
  ~DeviceBuffer() {
    if (memory_ != nullptr) free_on(stream_, memory_);
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : stream_(other.stream_),
        size_(other.size_),
        memory_(std::exchange(other.memory_, nullptr)) {}
  DeviceBuffer& operator=(DeviceBuffer&&) = delete;

  T* data() { return static_cast<T*>(memory_); }
  size_t size() const { return size_; }

  HostArray<T> to_host() const {
    HostArray<T> values(size_);
    read_from(stream_, values.data(), memory_, bytes());
    if constexpr (!std::is_same_v<Stream, kernels::cpu::Stream>) record(values);
    return values;
  }

 private:
  size_t bytes() const { return size_ * sizeof(T); }

  Stream stream_;
  size_t size_;
  void* memory_;
};

}  // namespace cuttle::test
