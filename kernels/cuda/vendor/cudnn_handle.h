// cuDNN's handle of a stream, and its errors.
#pragma once

#include <cudnn.h>

#include <cstdint>
#include <string_view>

#include "../owned.h"
#include "../workspace.h"

namespace cuttle::kernels::cuda {

/// Throws Error "<what>: <cuDNN's words>" unless `status` is success.
void check_cudnn(cudnnStatus_t status, std::string_view what);

/// The stream's handle, made at first use. The caller holds the lease as long as it uses it.
cudnnHandle_t cudnn_handle(StreamLease& lease, Stream stream);

template <class T>
inline constexpr cudnnDataType_t kCudnnType = sizeof(T) == 8 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT;

}  // namespace cuttle::kernels::cuda
