// Launching a kernel: checks what CUDA checks, copies the arguments and queues the grid on its
// stream, where run_grid (grid.h) runs it.
#pragma once

#include <functional>
#include <tuple>
#include <utility>

#include "runtime_headers.h"

namespace cuttle::simt {

/// What a launch fixes; `call` runs the kernel once, as one thread.
struct Launch {
  const void* kernel = nullptr;  // its address, which is its identity
  dim3 grid, block;
  size_t dynamic_shared = 0;  // bytes
  std::function<void()> call;
};

/// Queues the launch on the stream. Bad extents or too much shared memory are refused as CUDA does.
cudaError_t submit_launch(Launch launch, cudaStream_t stream);

/// kernel<<<grid, block, dynamic_shared, stream>>>(arguments...)
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t dynamic_shared,
                   cudaStream_t stream, Arguments&&... arguments) {
  std::tuple<Parameters...> values(std::forward<Arguments>(arguments)...);
  return submit_launch({reinterpret_cast<const void*>(kernel), grid, block, dynamic_shared,
                        [kernel, values] { std::apply(kernel, values); }},
                       stream);
}

}  // namespace cuttle::simt
