// Which engine of cuDNN computes a convolution pass, or our own kernel: chosen once a problem and
// kept.
#pragma once

#include <functional>
#include <mutex>

#include "conv2d_cudnn_plan.h"

namespace cuttle::kernels::cuda {

/// A plan that is kept for the process. cuDNN does not promise that threads may execute one at the
/// same time: hold the mutex while it is queued.
struct KeptPlan {
  ConvolutionPlan plan;
  std::mutex mutex;
};

/// The plan for the problem, or nullptr where our own kernel is to run, by backend(), benchmark()
/// and allow_tf32_convolution(). Under Backend::fastest `run_own`, and the plans by `run_plan`, are
/// timed at a problem's first call; the arrays they write are only overwritten again afterwards.
/// Throws Error where that would happen while the stream is captured into a graph.
KeptPlan* choose_convolution(Stream stream, const ConvolutionProblem& problem,
                             const std::function<void()>& run_own,
                             const std::function<bool(KeptPlan&)>& run_plan);

}  // namespace cuttle::kernels::cuda
