// cuDNN's handle of a stream, its errors and its tensor descriptors.
#include "cudnn_handle.h"

#include "../cuda_graph.h"
#include "check.h"
#include "stream_resources.h"

namespace cuttle::kernels::cuda {

namespace {

using CudnnHandle = Owned<cudnnHandle_t, cudnnDestroy>;

}  // namespace

void check_cudnn(cudnnStatus_t status, std::string_view what) {
  if (status != CUDNN_STATUS_SUCCESS)
    fail(what, ": cuDNN reports ", cudnnGetErrorString(status),
         "; set_library(Library::handwritten) runs without cuDNN");
}

cudnnHandle_t cudnn_handle(StreamLease& lease, Stream stream) {
  std::shared_ptr<void>& kept = lease.resources().cudnn;
  if (kept == nullptr) {
    refuse_while_capturing("the first use of cuDNN on a stream",
                           "run the same work once on this stream before the capture begins");
    const DeviceGuard guard(stream.device);
    auto handle = std::make_shared<CudnnHandle>();
    check_cudnn(cudnnCreate(handle->out()), "cudnnCreate");
    check_cudnn(cudnnSetStream(handle->get(), native(stream)), "cudnnSetStream");
    kept = std::move(handle);
  }
  return static_cast<CudnnHandle*>(kept.get())->get();
}

TensorDescriptor nhwc_tensor(cudnnDataType_t type, int64_t n, int64_t h, int64_t w, int64_t c) {
  TensorDescriptor tensor;
  check_cudnn(cudnnCreateTensorDescriptor(tensor.out()), "cudnnCreateTensorDescriptor");
  check_cudnn(
      cudnnSetTensor4dDescriptor(tensor.get(), CUDNN_TENSOR_NHWC, type, static_cast<int>(n),
                                 static_cast<int>(c), static_cast<int>(h), static_cast<int>(w)),
      "cudnnSetTensor4dDescriptor");
  return tensor;
}

}  // namespace cuttle::kernels::cuda
