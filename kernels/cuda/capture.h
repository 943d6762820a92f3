// What the runtime's own files need of a capture that is under way.
#pragma once

#include <mutex>

#include "cuda_api.h"

namespace cuttle::kernels::cuda {

/// While a thread captures, CUDA refuses its calls that could wait, cudaMalloc and cudaFree too.
/// This lets those through which do no harm to the capture, as long as it lives.
class UncapturedCalls {
 public:
  UncapturedCalls() noexcept { exchange(); }
  ~UncapturedCalls() { exchange(); }
  UncapturedCalls(const UncapturedCalls&) = delete;
  UncapturedCalls& operator=(const UncapturedCalls&) = delete;

 private:
  void exchange() noexcept { (void)cudaThreadExchangeStreamCaptureMode(&mode_); }

  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
};

/// Held where a stream joins a capture or a capture begins, and by who must know that a stream is
/// not captured until his call is done.
std::mutex& capture_mutex();

}  // namespace cuttle::kernels::cuda
