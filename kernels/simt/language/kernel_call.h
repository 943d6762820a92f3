// What a launch fixes: the kernel, its arguments, the grid and the block.
#pragma once

#include <memory>
#include <tuple>
#include <utility>

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
  std::shared_ptr<const KernelCall> call = nullptr;
  bool overlaps = false;    // may start before the kernel ahead of it in the stream has ended
  size_t shared_limit = 0;  // bytes, static and dynamic; filled in where the launch is checked
};

}  // namespace cuttle::simt
