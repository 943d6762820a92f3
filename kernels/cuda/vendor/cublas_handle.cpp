// cuBLAS's handle of a stream, and its errors.
#include "cublas_handle.h"

#include "../../cuda_runtime.h"
#include "../check.h"
#include "../owned.h"
#include "../stream_resources.h"

namespace cuttle::kernels::cuda {

namespace {

struct CublasHandle {
  DeviceBlock workspace;  // outlives the handle, which is destroyed first
  Owned<cublasHandle_t, cublasDestroy> handle;
};

/// NVIDIA's own recommendation: 32 MiB from compute capability 9.0 on, 4 MiB before.
size_t workspace_bytes(int device) {
  return device_properties(device).capability_major >= 9 ? size_t{32} << 20 : size_t{4} << 20;
}

}  // namespace

void check_cublas(cublasStatus_t status, std::string_view what) {
  if (status != CUBLAS_STATUS_SUCCESS)
    fail(what, ": cuBLAS reports ", cublasGetStatusString(status),
         "; set_backend(Backend::own) runs without cuBLAS");
}

cublasHandle_t cublas_handle(StreamLease& lease, Stream stream) {
  std::shared_ptr<void>& kept = lease.resources().cublas;
  if (kept == nullptr) {
    const DeviceGuard guard(stream.device);
    auto made = std::make_shared<CublasHandle>(
        CublasHandle{DeviceBlock(stream.device, workspace_bytes(stream.device)), {}});
    check_cublas(cublasCreate(made->handle.out()), "cublasCreate");
    const cublasHandle_t handle = made->handle.get();
    check_cublas(cublasSetStream(handle, native(stream)), "cublasSetStream");
    // After the stream, which resets it.
    check_cublas(cublasSetWorkspace(handle, made->workspace.memory(), made->workspace.bytes()),
                 "cublasSetWorkspace");
    kept = std::move(made);
  }
  return static_cast<CublasHandle*>(kept.get())->handle.get();
}

}  // namespace cuttle::kernels::cuda
