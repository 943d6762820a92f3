// Convolution by cuDNN, channels last, behind the signatures of kernels/conv2d.h; conv2d.cu asks
// here first. Each function returns false where our own kernel is to run: it is the chosen one, or
// cuDNN has no engine for the problem.
#include <algorithm>
#include <array>

#include "../../cuda_runtime.h"
#include "../check.h"
#include "conv2d_choice.h"
#include "cudnn_handle.h"
#include "vendor.h"

namespace cuttle::kernels::cuda {

namespace {

/// The arrays of a pass; the one that it writes is not const there.
template <class T>
struct Arrays {
  const T* x = nullptr;
  const T* weight = nullptr;
  const T* y = nullptr;
  const T* bias = nullptr;  // or nullptr
};

/// Plans are made for arrays aligned to 16 bytes, and for sizes of 31 bits.
template <class T>
bool may_serve(const Conv2dShape& s, const Arrays<T>& a) {
  constexpr int64_t kMostElements = 0x7fffffff;
  const auto aligned = [](const T* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; };
  return s.n * s.c * s.h * s.w > 0 && s.o * s.kh * s.kw > 0 &&
         std::max(s.n * s.h * s.w * s.c, s.n * s.oh * s.ow * s.o) <= kMostElements &&
         aligned(a.x) && aligned(a.weight) && aligned(a.y) && aligned(a.bias);
}

/// Queues the plan. False where cuDNN refuses it after all.
template <class T>
bool execute(Stream stream, KeptPlan& kept, const Arrays<T>& a) {
  StreamLease lease(stream);
  const DeviceGuard guard(stream.device);
  const cudnnHandle_t handle = cudnn_handle(lease, stream);
  void* const workspace = lease.scratch<void>(kept.plan.workspace_bytes);
  const auto pointer = [](const T* array) { return const_cast<T*>(array); };  // cuDNN's one type
  const std::array<int64_t, 4> ids = {TensorIds::x, TensorIds::weight, TensorIds::y,
                                      TensorIds::bias};
  const std::array<void*, 4> arrays = {pointer(a.x), pointer(a.weight), pointer(a.y),
                                       pointer(a.bias)};
  const size_t count = a.bias == nullptr ? 3 : 4;
  CudnnDescriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set_all(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::span<const int64_t>(ids).first(count))
      .set_all(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, std::span<void* const>(arrays).first(count))
      .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace)
      .finalize();
  const std::lock_guard lock(kept.mutex);
  const cudnnStatus_t status = cudnnBackendExecute(handle, kept.plan.plan.handle(), pack.handle());
  if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) return false;
  check_cudnn(status, "conv2d");
  return true;
}

template <class T>
bool run(Stream stream, ConvolutionPass pass, const Conv2dShape& shape, const Arrays<T>& arrays,
         const std::function<void()>& run_own) {
  if (!may_serve(shape, arrays)) return false;
  const ConvolutionProblem problem = {pass, kCudnnType<T>, shape, arrays.bias != nullptr};
  const auto run_plan = [&](KeptPlan& plan) { return execute(stream, plan, arrays); };
  KeptPlan* const plan = choose_convolution(stream, problem, run_own, std::ref(run_plan));
  return plan != nullptr && run_plan(*plan);
}

}  // namespace

template <class T>
bool conv2d_forward_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* weight,
                          const T* bias, T* y, const std::function<void()>& run_own) {
  return run<T>(stream, ConvolutionPass::forward, shape, {x, weight, y, bias}, run_own);
}

template <class T>
bool conv2d_backward_input_cudnn(Stream stream, const Conv2dShape& shape, const T* dy,
                                 const T* weight, T* dx, const std::function<void()>& run_own) {
  return run<T>(stream, ConvolutionPass::backward_input, shape, {dx, weight, dy}, run_own);
}

template <class T>
bool conv2d_backward_weight_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* dy,
                                  T* dweight, const std::function<void()>& run_own) {
  return run<T>(stream, ConvolutionPass::backward_weight, shape, {x, dweight, dy}, run_own);
}

#define CUTTLE_CONV2D_CUDNN(T)                                                                     \
  template bool conv2d_forward_cudnn(Stream, const Conv2dShape&, const T*, const T*, const T*, T*, \
                                     const std::function<void()>&);                                \
  template bool conv2d_backward_input_cudnn(Stream, const Conv2dShape&, const T*, const T*, T*,    \
                                            const std::function<void()>&);                         \
  template bool conv2d_backward_weight_cudnn(Stream, const Conv2dShape&, const T*, const T*, T*,   \
                                             const std::function<void()>&);
CUTTLE_CONV2D_CUDNN(float)
CUTTLE_CONV2D_CUDNN(double)

}  // namespace cuttle::kernels::cuda
