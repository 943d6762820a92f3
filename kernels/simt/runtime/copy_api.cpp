// Copies and fills, with CUDA's rules on when the host may touch its side again: pageable memory is
// read before the call returns, and written before it returns; page-locked memory is read and
// written when the stream gets there, so a program that reuses it too soon goes wrong here too.
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "device_memory.h"
#include "driver.h"

using namespace cuttle::simt;

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

// One end of a copy.
struct End {
  bool on_device = false, page_locked = false;
  bool in_program = false;  // static data: of the host, or a __device__ variable
  bool fits = true;         // the bytes lie within the allocation

  bool is_plain_host() const { return !on_device && !page_locked && !in_program; }
};

End examine(const void* address, size_t bytes) {
  const Allocation* allocation = DeviceMemory::instance().find(address);
  if (!allocation) return {.in_program = is_static_data(address)};
  const bool on_device = allocation->kind == Allocation::Kind::device;
  const char* end = allocation->start() + allocation->bytes;
  const auto left = static_cast<size_t>(end - static_cast<const char*>(address));
  return {on_device, !on_device, false, bytes <= left};
}

cudaMemcpyKind derive_direction(const End& to, const End& from) {
  if (from.on_device) return to.on_device ? cudaMemcpyDeviceToDevice : cudaMemcpyDeviceToHost;
  return to.on_device ? cudaMemcpyHostToDevice : cudaMemcpyHostToHost;
}

// A plain host address where the direction needs the device's memory, or the other way round.
bool wrong_direction(const End& to, const End& from, cudaMemcpyKind kind) {
  const bool to_host = kind == cudaMemcpyHostToHost || kind == cudaMemcpyDeviceToHost;
  const bool from_host = kind == cudaMemcpyHostToHost || kind == cudaMemcpyHostToDevice;
  const auto wrong = [](const End& end, bool host) {
    return host ? end.on_device : end.is_plain_host();
  };
  return wrong(to, to_host) || wrong(from, from_host);
}

// Queues the copy. A pageable source is read now, for the host may change it afterwards.
cudaError_t submit_copy(const std::shared_ptr<Queue>& queue, void* to, const void* from,
                        size_t bytes, bool read_now) {
  if (!read_now) return Driver::instance().submit(queue, [=] { std::memmove(to, from, bytes); });
  auto staged = std::make_shared<std::vector<char>>(bytes);
  std::memcpy(staged->data(), from, bytes);
  return Driver::instance().submit(queue, [=] { std::memcpy(to, staged->data(), bytes); });
}

cudaError_t copy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                 const std::shared_ptr<Queue>& queue, bool wait) {
  if (bytes == 0) return cudaSuccess;
  if (!to || !from) return result(cudaErrorInvalidValue);
  const End target = examine(to, bytes), source = examine(from, bytes);
  if (kind == cudaMemcpyDefault) kind = derive_direction(target, source);
  if (!target.fits || !source.fits || wrong_direction(target, source, kind)) {
    return result(cudaErrorInvalidValue);
  }
  if (wait) {
    if (const cudaError_t error = refuse_while_capturing()) return result(error);
  }
  const bool pageable_source = kind == cudaMemcpyHostToDevice && !source.page_locked;
  const bool pageable_target = kind == cudaMemcpyDeviceToHost && !target.page_locked;
  if (const cudaError_t error =
          submit_copy(queue, to, from, bytes, pageable_source && !queue->capture)) {
    return result(error);
  }
  if (queue->capture) return cudaSuccess;
  if ((wait && kind != cudaMemcpyDeviceToDevice) || pageable_target ||
      kind == cudaMemcpyHostToHost) {
    Driver::instance().finish(queue);
  }
  return cudaSuccess;
}

cudaError_t fill(void* memory, int value, size_t bytes, const std::shared_ptr<Queue>& queue) {
  if (bytes == 0) return cudaSuccess;
  const End end = examine(memory, bytes);
  if (!memory || !end.fits || end.is_plain_host()) return result(cudaErrorInvalidValue);
  return result(Driver::instance().submit(queue, [=] { std::memset(memory, value, bytes); }));
}

}  // namespace

extern "C" {

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  const Lock lock(Driver::instance().lock());
  return copy(to, from, bytes, kind, Driver::instance().queue_of(nullptr), true);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  return copy(to, from, bytes, kind, Driver::instance().queue_of(stream), false);
}

// In order with all work of both devices.
cudaError_t cudaMemcpyPeer(void* to, int to_device, const void* from, int from_device,
                           size_t bytes) {
  const Lock lock(Driver::instance().lock());
  for (const int device : {to_device, from_device}) {
    if (!is_device(device)) return result(cudaErrorInvalidDevice);
    if (const cudaError_t error = refuse_if_capturing(device)) return result(error);
    Driver::instance().finish_device(device);
  }
  return cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToDevice);
}

cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device,
                                size_t bytes, cudaStream_t stream) {
  if (!is_device(to_device) || !is_device(from_device)) return result(cudaErrorInvalidDevice);
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream);
}

cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                              size_t width, size_t height, cudaMemcpyKind kind,
                              cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  if (width > to_pitch || width > from_pitch) return result(cudaErrorInvalidValue);
  for (size_t row = 0; row < height; ++row) {
    const cudaError_t error = copy(static_cast<char*>(to) + row * to_pitch,
                                   static_cast<const char*>(from) + row * from_pitch, width, kind,
                                   Driver::instance().queue_of(stream), false);
    if (error != cudaSuccess) return error;
  }
  return cudaSuccess;
}

cudaError_t cudaMemset(void* memory, int value, size_t bytes) {
  const Lock lock(Driver::instance().lock());
  return fill(memory, value, bytes, Driver::instance().queue_of(nullptr));
}

cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  return fill(memory, value, bytes, Driver::instance().queue_of(stream));
}

cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* from, size_t bytes, size_t offset,
                               cudaMemcpyKind kind) {
  if (!symbol) return result(cudaErrorInvalidValue);
  return cudaMemcpy(static_cast<char*>(const_cast<void*>(symbol)) + offset, from, bytes, kind);
}

cudaError_t cudaMemcpyFromSymbol(void* to, const void* symbol, size_t bytes, size_t offset,
                                 cudaMemcpyKind kind) {
  if (!symbol) return result(cudaErrorInvalidValue);
  return cudaMemcpy(to, static_cast<const char*>(symbol) + offset, bytes, kind);
}

cudaError_t cudaGetSymbolAddress(void** address, const void* symbol) {
  *address = const_cast<void*>(symbol);
  return cudaSuccess;
}

}  // extern "C"
