// How CUDA's errors become this project's, and the device guard.
#include "check.h"

#include <string>

#include "launch_error.h"

namespace cuttle::kernels::cuda {

namespace {

std::string in_words(cudaError_t status) {
  return std::string(cudaGetErrorString(status)) + " (" + cudaGetErrorName(status) + ")";
}

}  // namespace

void check(cudaError_t status, std::string_view what) {
  if (status == cudaSuccess) return;
  (void)cudaGetLastError();
  fail(what, ": ", in_words(status));
}

void fail_launch(cudaError_t status, const LaunchShape& shape) {
  (void)cudaGetLastError();
  const auto& [grid, block, shared_bytes, file, line, function] = shape;
  fail("launch at ", file, ":", line, " in ", function, ", grid (", grid.x, ", ", grid.y, ", ",
       grid.z, "), block (", block.x, ", ", block.y, ", ", block.z, "), ", shared_bytes,
       " bytes of dynamic shared memory: ", in_words(status),
       "; the cause may be an earlier kernel");
}

DeviceGuard::DeviceGuard(int device) {
  check(cudaGetDevice(&previous_), "cudaGetDevice");
  if (previous_ == device) return;
  check(cudaSetDevice(device), "cudaSetDevice");
  changed_ = true;
}

DeviceGuard::~DeviceGuard() {
  if (changed_) (void)cudaSetDevice(previous_);
}

}  // namespace cuttle::kernels::cuda
