// cuDNN's handle of a stream, and its errors.
#include "cudnn_handle.h"

#include "../../cuda_graph.h"
#include "../check.h"
#include "../stream_resources.h"

namespace cuttle::kernels::cuda {

namespace {

using CudnnHandle = Owned<cudnnHandle_t, cudnnDestroy>;

}  // namespace

void check_cudnn(cudnnStatus_t status, std::string_view what) {
  if (status != CUDNN_STATUS_SUCCESS)
    fail(what, ": cuDNN reports ", cudnnGetErrorString(status),
         "; set_backend(Backend::own) runs without cuDNN");
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

}  // namespace cuttle::kernels::cuda
