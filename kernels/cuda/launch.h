// The one way to launch a kernel: on the stream's device, checked, by nvcc or in the interpreter.
// Reached through gpu.h.
#pragma once

#include <type_traits>
#include <utility>

#include "launch_error.h"

namespace cuttle::kernels::cuda {

/// Queues kernel(args...) on the stream:
///   launch(stream, {grid, block, shared_bytes}, some_kernel<float>, n, x, y);
/// Arguments convert to the kernel's parameter types. Throws Error where the launch is refused.
template <class... Parameters, class... Args>
void launch(Stream stream, const LaunchShape& shape, void (*kernel)(Parameters...),
            Args&&... args) {
  static_assert(sizeof...(Parameters) == sizeof...(Args), "the kernel takes other arguments");
  const DeviceGuard guard(stream.device);
#if defined(__CUDACC__)
  cudaLaunchConfig_t config = {};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = native(stream);
  const cudaError_t status =
      cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(std::forward<Args>(args))...);
#else
  const cudaError_t status =
      simt::launch(kernel, shape.grid, shape.block, shape.shared_bytes, native(stream),
                   static_cast<Parameters>(std::forward<Args>(args))...);
#endif
  if (status != cudaSuccess) fail_launch(status, shape);
}

/// Blocks of `per_block` that cover `count` > 0 items, as a grid's x.
inline unsigned blocks_for(int64_t count, int64_t per_block) {
  const int64_t blocks = (count + per_block - 1) / per_block;
  if (blocks > 0x7fffffff) fail("a launch of ", blocks, " blocks is beyond a grid's 2147483647");
  return static_cast<unsigned>(blocks);
}

}  // namespace cuttle::kernels::cuda
