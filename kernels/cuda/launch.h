// The one way to launch a kernel: on the stream's device, checked, by nvcc or in the interpreter.
// Reached through gpu.h.
#pragma once

#include <type_traits>
#include <utility>

#include "launch_error.h"
#include "overlap.h"

namespace cuttle::kernels::cuda {

/// What launch() and launch_overlapping() share.
template <class... Parameters, class... Args>
void submit(Stream stream, const LaunchShape& shape, bool overlaps, void (*kernel)(Parameters...),
            Args&&... args) {
  static_assert(sizeof...(Parameters) == sizeof...(Args), "the kernel takes other arguments");
  const DeviceGuard guard(stream.device);
#if defined(__CUDACC__)
  cudaLaunchAttribute overlap = {};
  overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  overlap.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config = {};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = native(stream);
  config.attrs = &overlap;
  config.numAttrs =
      overlaps && code_waits(architecture(stream.device), {__CUDA_ARCH_LIST__}) ? 1 : 0;
  const cudaError_t status =
      cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(std::forward<Args>(args))...);
#else
  simt::Launch bound = simt::bind(kernel, shape.grid, shape.block, shape.shared_bytes,
                                  static_cast<Parameters>(std::forward<Args>(args))...);
  bound.overlaps = overlaps;
  const cudaError_t status = simt::submit_launch(bound, native(stream));
#endif
  if (status != cudaSuccess) fail_launch(status, shape);
}

/// Queues kernel(args...) on the stream:
///   launch(stream, {grid, block, shared_bytes}, some_kernel<float>, n, x, y);
/// Arguments convert to the kernel's parameter types. Throws Error where the launch is refused.
template <class... Parameters, class... Args>
void launch(Stream stream, const LaunchShape& shape, void (*kernel)(Parameters...),
            Args&&... args) {
  submit(stream, shape, false, kernel, std::forward<Args>(args)...);
}

/// The same for a kernel in which every thread calls wait_for_predecessor() (gpu.h) before it
/// touches global memory or returns. Where the GPU can (from compute capability 9.0 on), its blocks
/// start once those of the kernel ahead have ended or called allow_successor(), before that one is
/// wholly done, which hides the latency of the launch.
template <class... Parameters, class... Args>
void launch_overlapping(Stream stream, const LaunchShape& shape, void (*kernel)(Parameters...),
                        Args&&... args) {
  submit(stream, shape, true, kernel, std::forward<Args>(args)...);
}

/// Blocks of `per_block` that cover `count` > 0 items, as a grid's x.
inline unsigned blocks_for(int64_t count, int64_t per_block) {
  const int64_t blocks = (count + per_block - 1) / per_block;
  if (blocks > 0x7fffffff) fail("a launch of ", blocks, " blocks is beyond a grid's 2147483647");
  return static_cast<unsigned>(blocks);
}

}  // namespace cuttle::kernels::cuda
