// The checks of a launch, with the errors that CUDA gives, and what is known about each kernel.
#include "launch.h"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "../execution/block_memory.h"
#include "../execution/grid.h"
#include "../execution/multiprocessor.h"
#include "../findings/kernel_name.h"
#include "../findings/report.h"
#include "../options.h"
#include "driver.h"

namespace cuttle::simt {

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

// How much dynamic shared memory a kernel may ask for, where cudaFuncSetAttribute raised it.
std::map<const void*, size_t>& raised_limits() {
  static std::map<const void*, size_t> limits;
  return limits;
}

size_t dynamic_limit(const void* kernel) {
  const auto entry = raised_limits().find(kernel);
  return entry == raised_limits().end() ? kSharedLimit : entry->second;
}

bool has_valid_extents(dim3 grid, dim3 block) {
  const auto within = [](unsigned value, unsigned limit) { return value >= 1 && value <= limit; };
  return within(grid.x, INT_MAX) && within(grid.y, 65535) && within(grid.z, 65535) &&
         within(block.x, 1024) && within(block.y, 1024) && within(block.z, 64) &&
         block.x * block.y * block.z <= kMaxThreads;
}

// What take_launched_kernels() will give.
std::set<const void*>& recently_launched() {
  static std::set<const void*> kernels;
  return kernels;
}

// Adds the kernel's name to the file of CUTTLE_SIMT_LAUNCH_LOG, once a process.
void log_launch(const void* kernel) {
  recently_launched().insert(kernel);
  static std::set<const void*> seen;
  if (!options().launch_log || !seen.insert(kernel).second) return;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(options().launch_log, "a"),
                                                       std::fclose);
  if (file) std::fprintf(file.get(), "%s\n", kernel_name(kernel).c_str());
}

}  // namespace

cudaError_t submit_launch(const Launch& launch, cudaStream_t stream) {
  const Lock lock(Driver::instance().lock());
  if (!launch.kernel) return result(cudaErrorInvalidDeviceFunction);
  if (!has_valid_extents(launch.grid, launch.block)) return result(cudaErrorInvalidConfiguration);
  if (launch.dynamic_shared > dynamic_limit(launch.kernel)) return result(cudaErrorInvalidValue);
  if (in_kernel()) report("a kernel launches another one; that is not supported");
  const std::shared_ptr<Queue> queue = Driver::instance().queue_of(stream);
  if (queue->device != current_device()) return result(cudaErrorInvalidResourceHandle);
  if (const cudaError_t error = refuse_work(*queue)) return result(error);
  log_launch(launch.kernel);
  Launch checked = launch;
  checked.shared_limit =
      dynamic_limit(launch.kernel) > kSharedLimit ? kSharedOptInLimit : kSharedLimit;
  return result(Driver::instance().submit(queue, [checked] { run_grid(checked); }));
}

std::vector<std::string> take_launched_kernels() {
  const Lock lock(Driver::instance().lock());
  std::vector<std::string> names;
  for (const void* kernel : recently_launched()) names.push_back(kernel_name(kernel));
  recently_launched().clear();
  return names;
}

}  // namespace cuttle::simt

using namespace cuttle::simt;

extern "C" {

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  const Lock lock(Driver::instance().lock());
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || static_cast<size_t>(value) > kSharedOptInLimit) {
    return result(cudaErrorInvalidValue);
  }
  raised_limits()[kernel] = std::max(kSharedLimit, static_cast<size_t>(value));
  return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel) {
  const Lock lock(Driver::instance().lock());
  *attributes = {};
  attributes->maxThreadsPerBlock = kMaxThreads;
  attributes->maxDynamicSharedSizeBytes = static_cast<int>(dynamic_limit(kernel));
  attributes->ptxVersion = attributes->binaryVersion = 90;
  return cudaSuccess;
}

// By threads and dynamic shared memory alone: registers mean nothing here.
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int block_size,
                                                          size_t dynamic_shared) {
  if (block_size < 1 || block_size > static_cast<int>(kMaxThreads)) {
    *blocks = 0;
    return result(cudaErrorInvalidValue);
  }
  const int by_threads = std::min(2048 / block_size, 32);
  const int by_shared =
      dynamic_shared ? static_cast<int>(kSharedOptInLimit / dynamic_shared) : by_threads;
  *blocks = std::min(by_threads, by_shared);
  return cudaSuccess;
}

}  // extern "C"
