// Memory pools and allocation in stream order. A pool here only counts: memory comes from the
// device at once, and goes back when the stream reaches the free.
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "../options.h"
#include "device_memory.h"
#include "driver.h"
#include "graph.h"

struct CUmemPoolHandle_st {
  int device = 0;
  uint64_t threshold = 0;
  size_t used = 0, used_high = 0;  // bytes
};

using namespace cuttle::simt;

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

struct Pools {
  std::map<int, std::unique_ptr<CUmemPoolHandle_st>> standard;  // by device
  std::map<int, cudaMemPool_t> current;                         // by device
  std::map<uintptr_t, cudaMemPool_t> owner;  // by the complement of the address, see DeviceMemory
};

Pools& pools() {
  static Pools& all = *new Pools;  // never destroyed, see Driver
  return all;
}

cudaMemPool_t standard_pool(int device) {
  std::unique_ptr<CUmemPoolHandle_st>& pool = pools().standard[device];
  if (!pool) pool = std::make_unique<CUmemPoolHandle_st>(CUmemPoolHandle_st{device});
  return pool.get();
}

cudaMemPool_t current_pool(int device) {
  const auto entry = pools().current.find(device);
  return entry == pools().current.end() ? standard_pool(device) : entry->second;
}

// Graphs with nodes that allocate or free are not supported.
cudaError_t refuse_pool_work(Queue& queue) {
  if (const cudaError_t error = refuse_work(queue)) return error;
  if (!queue.capture) return cudaSuccess;
  queue.capture->invalid = true;
  return cudaErrorNotSupported;
}

cudaError_t allocate_from(cudaMemPool_t pool, void** memory, size_t bytes, cudaStream_t stream) {
  *memory = nullptr;
  const std::shared_ptr<Queue> queue = Driver::instance().queue_of(stream);
  if (const cudaError_t error = refuse_pool_work(*queue)) return result(error);
  if (bytes == 0) return cudaSuccess;
  *memory = DeviceMemory::instance().allocate(pool->device, bytes);
  if (!*memory) return result(cudaErrorMemoryAllocation);
  pools().owner[~reinterpret_cast<uintptr_t>(*memory)] = pool;
  pool->used += bytes;
  pool->used_high = std::max(pool->used_high, pool->used);
  return cudaSuccess;
}

}  // namespace

void cuttle::simt::leave_pool(const void* memory) {
  const auto entry = pools().owner.find(~reinterpret_cast<uintptr_t>(memory));
  if (entry == pools().owner.end()) return;
  entry->second->used -= DeviceMemory::instance().find(memory)->bytes;
  pools().owner.erase(entry);
}

extern "C" {

cudaError_t cudaMallocAsync(void** memory, size_t bytes, cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  return allocate_from(current_pool(current_device()), memory, bytes, stream);
}

cudaError_t cudaMallocFromPoolAsync(void** memory, size_t bytes, cudaMemPool_t pool,
                                    cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  return allocate_from(pool, memory, bytes, stream);
}

cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  if (!memory) return cudaSuccess;
  const auto entry = pools().owner.find(~reinterpret_cast<uintptr_t>(memory));
  const Allocation* allocation = DeviceMemory::instance().find(memory);
  if (!allocation || entry == pools().owner.end()) return result(cudaErrorInvalidValue);
  const std::shared_ptr<Queue> queue = Driver::instance().queue_of(stream);
  if (const cudaError_t error = refuse_pool_work(*queue)) return result(error);
  const cudaMemPool_t pool = entry->second;
  const size_t bytes = allocation->bytes;
  pools().owner.erase(entry);
  return result(Driver::instance().submit(queue, [=] {
    pool->used -= bytes;
    DeviceMemory::instance().free(memory, Allocation::Kind::device);
  }));
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  const Lock lock(Driver::instance().lock());
  if (device < 0 || device >= options().devices) return result(cudaErrorInvalidDevice);
  *pool = standard_pool(device);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetMemPool(cudaMemPool_t* pool, int device) {
  const Lock lock(Driver::instance().lock());
  if (device < 0 || device >= options().devices) return result(cudaErrorInvalidDevice);
  *pool = current_pool(device);
  return cudaSuccess;
}

cudaError_t cudaDeviceSetMemPool(int device, cudaMemPool_t pool) {
  const Lock lock(Driver::instance().lock());
  if (!pool || pool->device != device) return result(cudaErrorInvalidValue);
  pools().current[device] = pool;
  return cudaSuccess;
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps* properties) {
  *pool = new CUmemPoolHandle_st{properties->location.id};
  return cudaSuccess;
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  const Lock lock(Driver::instance().lock());
  if (!pool || pool == standard_pool(pool->device)) return result(cudaErrorInvalidValue);
  Driver::instance().finish_device(pool->device);  // for the frees that are queued
  if (pool->used > 0) return result(cudaErrorInvalidValue);
  std::erase_if(pools().current, [&](const auto& entry) { return entry.second == pool; });
  delete pool;
  return cudaSuccess;
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t) {
  return pool ? cudaSuccess : result(cudaErrorInvalidValue);
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  const Lock lock(Driver::instance().lock());
  switch (attribute) {
    case cudaMemPoolAttrReleaseThreshold:
      pool->threshold = *static_cast<uint64_t*>(value);
      return cudaSuccess;
    case cudaMemPoolAttrUsedMemHigh:
    case cudaMemPoolAttrReservedMemHigh:
      pool->used_high = pool->used;
      return cudaSuccess;
    default:
      return cudaSuccess;  // how to reuse: nothing is kept to be reused
  }
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  const Lock lock(Driver::instance().lock());
  switch (attribute) {
    case cudaMemPoolAttrReleaseThreshold:
      *static_cast<uint64_t*>(value) = pool->threshold;
      return cudaSuccess;
    case cudaMemPoolAttrUsedMemCurrent:
    case cudaMemPoolAttrReservedMemCurrent:
      *static_cast<uint64_t*>(value) = pool->used;
      return cudaSuccess;
    case cudaMemPoolAttrUsedMemHigh:
    case cudaMemPoolAttrReservedMemHigh:
      *static_cast<uint64_t*>(value) = pool->used_high;
      return cudaSuccess;
    default:
      *static_cast<int*>(value) = 0;
      return cudaSuccess;
  }
}

}  // extern "C"
