// Finding and keeping cuDNN's algorithm for a convolution pass.
#include "conv2d_cudnn_plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "../cuda_graph.h"
#include "../cuda_runtime.h"
#include "check.h"

namespace cuttle::kernels::cuda {

namespace {

constexpr int kMostAlgorithms = 16;                   // more than any pass has
constexpr size_t kMostWorkspace = size_t{256} << 20;  // bytes; slower algorithms need less

struct Forward {
  using Result = cudnnConvolutionFwdAlgoPerf_t;
  static cudnnStatus_t find(cudnnHandle_t handle, const ConvolutionPlan& p, int* count, Result* r) {
    return cudnnFindConvolutionForwardAlgorithm(handle, p.x.get(), p.weight.get(),
                                                p.convolution.get(), p.y.get(), kMostAlgorithms,
                                                count, r);
  }
  static cudnnStatus_t guess(cudnnHandle_t handle, const ConvolutionPlan& p, int* count,
                             Result* r) {
    return cudnnGetConvolutionForwardAlgorithm_v7(handle, p.x.get(), p.weight.get(),
                                                  p.convolution.get(), p.y.get(), kMostAlgorithms,
                                                  count, r);
  }
  static bool is_excluded(cudnnConvolutionFwdAlgo_t) { return false; }
};

struct BackwardInput {
  using Result = cudnnConvolutionBwdDataAlgoPerf_t;
  static cudnnStatus_t find(cudnnHandle_t handle, const ConvolutionPlan& p, int* count, Result* r) {
    return cudnnFindConvolutionBackwardDataAlgorithm(handle, p.weight.get(), p.y.get(),
                                                     p.convolution.get(), p.x.get(),
                                                     kMostAlgorithms, count, r);
  }
  static cudnnStatus_t guess(cudnnHandle_t handle, const ConvolutionPlan& p, int* count,
                             Result* r) {
    return cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, p.weight.get(), p.y.get(),
                                                       p.convolution.get(), p.x.get(),
                                                       kMostAlgorithms, count, r);
  }
  static bool is_excluded(cudnnConvolutionBwdDataAlgo_t algorithm) {
    return algorithm == CUDNN_CONVOLUTION_BWD_DATA_ALGO_0;  // adds atomically
  }
};

struct BackwardWeight {
  using Result = cudnnConvolutionBwdFilterAlgoPerf_t;
  static cudnnStatus_t find(cudnnHandle_t handle, const ConvolutionPlan& p, int* count, Result* r) {
    return cudnnFindConvolutionBackwardFilterAlgorithm(handle, p.x.get(), p.y.get(),
                                                       p.convolution.get(), p.weight.get(),
                                                       kMostAlgorithms, count, r);
  }
  static cudnnStatus_t guess(cudnnHandle_t handle, const ConvolutionPlan& p, int* count,
                             Result* r) {
    return cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, p.x.get(), p.y.get(),
                                                         p.convolution.get(), p.weight.get(),
                                                         kMostAlgorithms, count, r);
  }
  static bool is_excluded(cudnnConvolutionBwdFilterAlgo_t algorithm) {
    return algorithm == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0 ||  // both add atomically
           algorithm == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3;
  }
};

/// Takes the first usable one of the results, which cuDNN sorts by time, measured in trials or
/// guessed.
template <class Pass>
void choose(cudnnHandle_t handle, bool trials, ConvolutionPlan& plan) {
  std::array<typename Pass::Result, kMostAlgorithms> results;
  int count = 0;
  cudnnStatus_t status = CUDNN_STATUS_NOT_SUPPORTED;
  if (trials) status = Pass::find(handle, plan, &count, results.data());
  if (status != CUDNN_STATUS_SUCCESS || count == 0)
    status = Pass::guess(handle, plan, &count, results.data());
  (void)cudaGetLastError();  // trials that ran out of memory leave an error behind
  if (status != CUDNN_STATUS_SUCCESS) return;
  const auto end = results.begin() + count;
  const auto best = std::find_if(results.begin(), end, [](const auto& result) {
    return result.status == CUDNN_STATUS_SUCCESS && result.determinism == CUDNN_DETERMINISTIC &&
           result.memory <= kMostWorkspace && !Pass::is_excluded(result.algo);
  });
  if (best == end) return;
  check_cudnn(cudnnSetConvolutionMathType(plan.convolution.get(), best->mathType),
              "cudnnSetConvolutionMathType");
  plan.algorithm = static_cast<int>(best->algo);
  plan.workspace_bytes = best->memory;
  plan.supported = true;
}

/// False where cuDNN does not take the shape.
bool describe(ConvolutionPlan& plan, cudnnDataType_t type, bool tf32, const Conv2dShape& s) {
  constexpr int64_t kMostElements = 0x7fffffff;
  const bool empty = s.n == 0 || s.c == 0 || s.h == 0 || s.w == 0;
  if (empty || std::max(s.n * s.h * s.w * s.c, s.n * s.oh * s.ow * s.o) > kMostElements)
    return false;
  const auto i = [](int64_t size) { return static_cast<int>(size); };
  plan.x = nhwc_tensor(type, s.n, s.h, s.w, s.c);
  plan.y = nhwc_tensor(type, s.n, s.oh, s.ow, s.o);
  plan.bias = nhwc_tensor(type, 1, 1, 1, s.o);
  check_cudnn(cudnnCreateFilterDescriptor(plan.weight.out()), "cudnnCreateFilterDescriptor");
  check_cudnn(cudnnCreateConvolutionDescriptor(plan.convolution.out()),
              "cudnnCreateConvolutionDescriptor");
  check_cudnn(cudnnCreateActivationDescriptor(plan.identity.out()),
              "cudnnCreateActivationDescriptor");
  check_cudnn(cudnnSetActivationDescriptor(plan.identity.get(), CUDNN_ACTIVATION_IDENTITY,
                                           CUDNN_PROPAGATE_NAN, 0),
              "cudnnSetActivationDescriptor");
  const cudnnConvolutionDescriptor_t convolution = plan.convolution.get();
  const bool described =
      cudnnSetFilter4dDescriptor(plan.weight.get(), type, CUDNN_TENSOR_NHWC, i(s.o),
                                 i(s.c / s.groups), i(s.kh), i(s.kw)) == CUDNN_STATUS_SUCCESS &&
      cudnnSetConvolution2dDescriptor(convolution, i(s.padding_h), i(s.padding_w), i(s.stride_h),
                                      i(s.stride_w), i(s.dilation_h), i(s.dilation_w),
                                      CUDNN_CROSS_CORRELATION, type) == CUDNN_STATUS_SUCCESS &&
      cudnnSetConvolutionGroupCount(convolution, i(s.groups)) == CUDNN_STATUS_SUCCESS;
  const cudnnMathType_t math =
      tf32 || type == CUDNN_DATA_DOUBLE ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
  return described && cudnnSetConvolutionMathType(convolution, math) == CUDNN_STATUS_SUCCESS;
}

/// Pass, type, TF32, trials, device, and Conv2dShape's sixteen numbers.
using Key = std::array<int64_t, 21>;

struct Plans {
  std::mutex mutex;
  std::map<Key, std::unique_ptr<const ConvolutionPlan>> kept;
};

/// Never destroyed: at the end of the program cuDNN may be gone before our destructors run.
Plans& plans() {
  static Plans* const instance = std::make_unique<Plans>().release();
  return *instance;
}

}  // namespace

const ConvolutionPlan& convolution_plan(cudnnHandle_t handle, Stream stream, ConvolutionPass pass,
                                        cudnnDataType_t type, const Conv2dShape& s) {
  const bool tf32 = allow_tf32_convolution(), trials = benchmark();
  const Key key = {static_cast<int64_t>(pass),
                   type,
                   tf32,
                   trials,
                   stream.device,
                   s.n,
                   s.c,
                   s.h,
                   s.w,
                   s.o,
                   s.kh,
                   s.kw,
                   s.oh,
                   s.ow,
                   s.stride_h,
                   s.stride_w,
                   s.padding_h,
                   s.padding_w,
                   s.dilation_h,
                   s.dilation_w,
                   s.groups};
  const std::lock_guard lock(plans().mutex);
  std::unique_ptr<const ConvolutionPlan>& kept = plans().kept[key];
  if (kept != nullptr) return *kept;

  auto plan = std::make_unique<ConvolutionPlan>();
  if (describe(*plan, type, tf32, s)) {
    if (trials)
      refuse_while_capturing("conv2d: trying cuDNN's algorithms for a new shape",
                             "run this shape once before the capture begins");
    if (pass == ConvolutionPass::forward) choose<Forward>(handle, trials, *plan);
    if (pass == ConvolutionPass::backward_input) choose<BackwardInput>(handle, trials, *plan);
    if (pass == ConvolutionPass::backward_weight) choose<BackwardWeight>(handle, trials, *plan);
  }
  kept = std::move(plan);
  return *kept;
}

}  // namespace cuttle::kernels::cuda
