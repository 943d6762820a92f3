// Launching a kernel: checks what CUDA checks, copies the arguments and queues the grid on its
// stream, where run_grid (grid.h) runs it.
#pragma once

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime_headers.h"

namespace cuttle::simt {

/// A kernel with its arguments, to be called once as each thread.
class KernelCall {
 public:
  virtual ~KernelCall() = default;
  virtual void run() const = 0;
};

template <class... Parameters>
class BoundKernel final : public KernelCall {
 public:
  template <class... Arguments>
  explicit BoundKernel(void (*kernel)(Parameters...), Arguments&&... arguments)
      : kernel_(kernel), arguments_(std::forward<Arguments>(arguments)...) {}
  __attribute__((no_sanitize("thread"))) void run() const override {
    run_with(std::index_sequence_for<Parameters...>{});
  }

 private:
  template <size_t... kIndex>
  __attribute__((no_sanitize("thread"))) void run_with(std::index_sequence<kIndex...>) const {
    kernel_(std::get<kIndex>(arguments_)...);
  }

  void (*kernel_)(Parameters...);
  std::tuple<Parameters...> arguments_;
};

/// What a launch fixes.
struct Launch {
  const void* kernel = nullptr;  // its address, which is its identity
  dim3 grid, block;
  size_t dynamic_shared = 0;  // bytes
  std::shared_ptr<const KernelCall> call;
};

/// Queues the launch on the stream. Bad extents or too much shared memory are refused as CUDA does.
cudaError_t submit_launch(const Launch& launch, cudaStream_t stream);

/// The names of the kernels that were launched since the last call, each once.
std::vector<std::string> take_launched_kernels();

/// kernel<<<grid, block, dynamic_shared, stream>>>(arguments...)
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t dynamic_shared,
                   cudaStream_t stream, Arguments&&... arguments) {
  return submit_launch(
      {reinterpret_cast<const void*>(kernel), grid, block, dynamic_shared,
       std::make_shared<BoundKernel<Parameters...>>(kernel, std::forward<Arguments>(arguments)...)},
      stream);
}

}  // namespace cuttle::simt
