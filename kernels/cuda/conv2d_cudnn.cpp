// Convolution by cuDNN, channels last, behind the signatures of kernels/conv2d.h; conv2d.cu chooses
// it. Where cuDNN has no deterministic algorithm, or its heuristic names one that then refuses the
// shape, each function returns false.
#include "check.h"
#include "conv2d_cudnn_plan.h"
#include "vendor.h"

namespace cuttle::kernels::cuda {

namespace {

/// What a call of any pass needs: the stream's lease, device, handle, plan and scratch memory.
struct Call {
  Call(Stream stream, ConvolutionPass pass, cudnnDataType_t type, const Conv2dShape& shape)
      : lease(stream),
        guard(stream.device),
        handle(cudnn_handle(lease, stream)),
        plan(convolution_plan(handle, stream, pass, type, shape)),
        scratch(lease.scratch<void>(plan.workspace_bytes)) {}

  StreamLease lease;
  DeviceGuard guard;
  cudnnHandle_t handle;
  const ConvolutionPlan& plan;
  void* scratch;
};

/// Whether cuDNN took the call; throws for every failure but a refusal.
bool was_taken(cudnnStatus_t status, std::string_view what) {
  if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) return false;
  check_cudnn(status, what);
  return true;
}

}  // namespace

template <class T>
bool conv2d_forward_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* weight,
                          const T* bias, T* y) {
  const Call call(stream, ConvolutionPass::forward, kCudnnType<T>, shape);
  const ConvolutionPlan& plan = call.plan;
  if (!plan.supported) return false;
  const T one = 1, zero = 0;
  const auto algorithm = static_cast<cudnnConvolutionFwdAlgo_t>(plan.algorithm);

  // The only algorithm that cuDNN fuses with a bias and no activation.
  if (bias != nullptr && algorithm == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM) {
    const cudnnStatus_t fused = cudnnConvolutionBiasActivationForward(
        call.handle, &one, plan.x.get(), x, plan.weight.get(), weight, plan.convolution.get(),
        algorithm, call.scratch, plan.workspace_bytes, &zero, plan.y.get(), y, plan.bias.get(),
        bias, plan.identity.get(), plan.y.get(), y);
    if (fused == CUDNN_STATUS_SUCCESS) return true;
  }
  if (!was_taken(cudnnConvolutionForward(call.handle, &one, plan.x.get(), x, plan.weight.get(),
                                         weight, plan.convolution.get(), algorithm, call.scratch,
                                         plan.workspace_bytes, &zero, plan.y.get(), y),
                 "conv2d"))
    return false;
  if (bias != nullptr)
    check_cudnn(cudnnAddTensor(call.handle, &one, plan.bias.get(), bias, &one, plan.y.get(), y),
                "conv2d's bias");
  return true;
}

template <class T>
bool conv2d_backward_input_cudnn(Stream stream, const Conv2dShape& shape, const T* dy,
                                 const T* weight, T* dx) {
  const Call call(stream, ConvolutionPass::backward_input, kCudnnType<T>, shape);
  const ConvolutionPlan& plan = call.plan;
  if (!plan.supported) return false;
  const T one = 1, zero = 0;
  return was_taken(
      cudnnConvolutionBackwardData(call.handle, &one, plan.weight.get(), weight, plan.y.get(), dy,
                                   plan.convolution.get(),
                                   static_cast<cudnnConvolutionBwdDataAlgo_t>(plan.algorithm),
                                   call.scratch, plan.workspace_bytes, &zero, plan.x.get(), dx),
      "conv2d's input gradient");
}

template <class T>
bool conv2d_backward_weight_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* dy,
                                  T* dweight) {
  const Call call(stream, ConvolutionPass::backward_weight, kCudnnType<T>, shape);
  const ConvolutionPlan& plan = call.plan;
  if (!plan.supported) return false;
  const T one = 1, zero = 0;
  return was_taken(cudnnConvolutionBackwardFilter(
                       call.handle, &one, plan.x.get(), x, plan.y.get(), dy, plan.convolution.get(),
                       static_cast<cudnnConvolutionBwdFilterAlgo_t>(plan.algorithm), call.scratch,
                       plan.workspace_bytes, &zero, plan.weight.get(), dweight),
                   "conv2d's weight gradient");
}

#define CUTTLE_CONV2D_CUDNN(T)                                                                   \
  template bool conv2d_forward_cudnn(Stream, const Conv2dShape&, const T*, const T*, const T*,   \
                                     T*);                                                        \
  template bool conv2d_backward_input_cudnn(Stream, const Conv2dShape&, const T*, const T*, T*); \
  template bool conv2d_backward_weight_cudnn(Stream, const Conv2dShape&, const T*, const T*, T*);
CUTTLE_CONV2D_CUDNN(float)
CUTTLE_CONV2D_CUDNN(double)

}  // namespace cuttle::kernels::cuda
