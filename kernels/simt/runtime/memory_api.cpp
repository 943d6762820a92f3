// cudaMalloc, cudaHostAlloc and what else concerns whole pieces of memory.
#include <mutex>

#include "../options.h"
#include "device_memory.h"
#include "driver.h"

using namespace cuttle::simt;

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

DeviceMemory& memory() {
  return DeviceMemory::instance();
}

cudaError_t allocate_pinned(void** address, size_t bytes) {
  const Lock lock(Driver::instance().lock());
  *address = nullptr;
  if (const cudaError_t error = refuse_while_capturing()) return result(error);
  *address = bytes ? memory().allocate_pinned(current_device(), bytes) : nullptr;
  return result(bytes && !*address ? cudaErrorMemoryAllocation : cudaSuccess);
}

// Like CUDA's, frees only after all work of the device is done.
cudaError_t release(void* address, Allocation::Kind kind) {
  const Lock lock(Driver::instance().lock());
  if (!address) return cudaSuccess;
  if (const cudaError_t error = refuse_while_capturing()) return result(error);
  const Allocation* allocation = memory().find(address);
  if (!allocation) return result(cudaErrorInvalidValue);
  Driver::instance().finish_device(allocation->device);
  if (kind == Allocation::Kind::device) leave_pool(address);
  return result(memory().free(address, kind) ? cudaSuccess : cudaErrorInvalidValue);
}

}  // namespace

extern "C" {

cudaError_t cudaMalloc(void** address, size_t bytes) {
  const Lock lock(Driver::instance().lock());
  if (!address) return result(cudaErrorInvalidValue);
  *address = nullptr;
  if (const cudaError_t error = refuse_while_capturing()) return result(error);
  *address = bytes ? memory().allocate(current_device(), bytes) : nullptr;
  return result(bytes && !*address ? cudaErrorMemoryAllocation : cudaSuccess);
}

cudaError_t cudaFree(void* address) {
  return release(address, Allocation::Kind::device);
}

cudaError_t cudaMallocHost(void** address, size_t bytes) {
  return allocate_pinned(address, bytes);
}

cudaError_t cudaHostAlloc(void** address, size_t bytes, unsigned) {
  return allocate_pinned(address, bytes);
}

cudaError_t cudaFreeHost(void* address) {
  return release(address, Allocation::Kind::pinned);
}

cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned) {
  const Lock lock(Driver::instance().lock());
  const Allocation* allocation = memory().find(host);
  const bool mapped = allocation && allocation->kind != Allocation::Kind::device;
  *device = mapped ? host : nullptr;
  return result(mapped ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaHostRegister(void* address, size_t bytes, unsigned) {
  const Lock lock(Driver::instance().lock());
  if (!address || bytes == 0) return result(cudaErrorInvalidValue);
  if (memory().find(address)) return result(cudaErrorHostMemoryAlreadyRegistered);
  memory().register_host(current_device(), address, bytes);
  return cudaSuccess;
}

cudaError_t cudaHostUnregister(void* address) {
  const Lock lock(Driver::instance().lock());
  Driver::instance().finish_device(current_device());
  const bool known = memory().free(address, Allocation::Kind::registered);
  return result(known ? cudaSuccess : cudaErrorHostMemoryNotRegistered);
}

cudaError_t cudaMemGetInfo(size_t* available, size_t* total) {
  const Lock lock(Driver::instance().lock());
  *available = memory().available(current_device());
  *total = options().memory;
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  const Lock lock(Driver::instance().lock());
  *attributes = {};
  const Allocation* allocation = memory().find(pointer);
  attributes->type = cudaMemoryTypeUnregistered;
  attributes->device = allocation ? allocation->device : -2;
  if (!allocation) {
    attributes->hostPointer = const_cast<void*>(pointer);
    return cudaSuccess;
  }
  const bool on_device = allocation->kind == Allocation::Kind::device;
  attributes->type = on_device ? cudaMemoryTypeDevice : cudaMemoryTypeHost;
  attributes->devicePointer = const_cast<void*>(pointer);
  attributes->hostPointer = on_device ? nullptr : const_cast<void*>(pointer);
  return cudaSuccess;
}

}  // extern "C"
