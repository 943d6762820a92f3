// Launching a kernel: checks what CUDA checks, copies the arguments and queues the grid on its
// stream, where run_grid (execution/grid.h) runs it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../language/kernel_call.h"

namespace cuttle::simt {

/// Queues the launch on the stream. Bad extents or too much shared memory are refused as CUDA does.
cudaError_t submit_launch(const Launch& launch, cudaStream_t stream);

/// The names of the kernels that were launched since the last call, each once.
std::vector<std::string> take_launched_kernels();

/// The launch kernel<<<grid, block, dynamic_shared>>>(arguments...), not yet queued.
template <class... Parameters, class... Arguments>
Launch bind(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t dynamic_shared,
            Arguments&&... arguments) {
  return {
      reinterpret_cast<const void*>(kernel), grid, block, dynamic_shared,
      std::make_shared<BoundKernel<Parameters...>>(kernel, std::forward<Arguments>(arguments)...)};
}

/// kernel<<<grid, block, dynamic_shared, stream>>>(arguments...)
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t dynamic_shared,
                   cudaStream_t stream, Arguments&&... arguments) {
  return submit_launch(
      bind(kernel, grid, block, dynamic_shared, std::forward<Arguments>(arguments)...), stream);
}

/// The same for a kernel that a GPU may start before the one ahead of it in the stream has ended
/// (programmatic dependent launch). Here it never does, but each of its threads must wait as if it
/// did (language/barriers.h).
template <class... Parameters, class... Arguments>
cudaError_t launch_overlapping(void (*kernel)(Parameters...), dim3 grid, dim3 block,
                               size_t dynamic_shared, cudaStream_t stream,
                               Arguments&&... arguments) {
  Launch overlapping =
      bind(kernel, grid, block, dynamic_shared, std::forward<Arguments>(arguments)...);
  overlapping.overlaps = true;
  return submit_launch(overlapping, stream);
}

}  // namespace cuttle::simt
