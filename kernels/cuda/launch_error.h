// The shape of a launch, and the exception of one that fails.
#pragma once

#include <cstddef>
#include <source_location>

#include "check.h"

namespace cuttle::kernels::cuda {

/// Grid, block and dynamic shared memory of a launch, and the source line that asks for it.
struct LaunchShape {
  LaunchShape(dim3 grid_size, dim3 block_size, size_t dynamic_shared_bytes = 0,
              std::source_location where = std::source_location::current())
      : grid(grid_size), block(block_size), shared_bytes(dynamic_shared_bytes), site(where) {}

  dim3 grid;
  dim3 block;
  size_t shared_bytes;
  std::source_location site;
};

/// Throws Error with the call site, the shape and CUDA's words.
[[noreturn]] void fail_launch(cudaError_t status, const LaunchShape& shape);

}  // namespace cuttle::kernels::cuda
