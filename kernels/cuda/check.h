// Errors of the CUDA runtime as exceptions, and the guard that makes a device current.
// For kernels/cuda alone; no device compiler needed.
#pragma once

#include <string_view>

#include "../error.h"
#include "../stream.h"
#include "cuda_api.h"

namespace cuttle::kernels::cuda {

/// Throws Error "<what>: <CUDA's words>" unless `status` is cudaSuccess. Also takes the error out
/// of the runtime's per-thread memory, so that a later check does not report it again.
void check(cudaError_t status, std::string_view what);

inline cudaStream_t native(Stream stream) {
  return static_cast<cudaStream_t>(stream.handle);
}

/// Makes `device` current on this thread, and on leaving the one that was.
class DeviceGuard {
 public:
  explicit DeviceGuard(int device);
  ~DeviceGuard();
  DeviceGuard(const DeviceGuard&) = delete;
  DeviceGuard& operator=(const DeviceGuard&) = delete;

 private:
  int previous_ = 0;
  bool changed_ = false;
};

}  // namespace cuttle::kernels::cuda
