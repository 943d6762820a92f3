// The shape of a launch, and the exception of one that fails.
#pragma once

#include <cstddef>

#include "check.h"

namespace cuttle::kernels::cuda {

/// Grid, block and dynamic shared memory of a launch, and the source line that asks for it. (The
/// compilers' own built-ins in place of std::source_location, which clang++ 14 lacks.)
struct LaunchShape {
  LaunchShape(dim3 grid_size, dim3 block_size, size_t dynamic_shared_bytes = 0,
              const char* file_ = __builtin_FILE(), int line_ = __builtin_LINE(),
              const char* function_ = __builtin_FUNCTION())
      : grid(grid_size),
        block(block_size),
        shared_bytes(dynamic_shared_bytes),
        file(file_),
        line(line_),
        function(function_) {}

  dim3 grid;
  dim3 block;
  size_t shared_bytes;
  const char* file;
  int line;
  const char* function;
};

/// Throws Error with the call site, the shape and CUDA's words.
[[noreturn]] void fail_launch(cudaError_t status, const LaunchShape& shape);

}  // namespace cuttle::kernels::cuda
