// cuDNN's handle of a stream, its errors, and its descriptors.
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

using TensorDescriptor = Owned<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor>;
using FilterDescriptor = Owned<cudnnFilterDescriptor_t, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor =
    Owned<cudnnConvolutionDescriptor_t, cudnnDestroyConvolutionDescriptor>;
using ActivationDescriptor = Owned<cudnnActivationDescriptor_t, cudnnDestroyActivationDescriptor>;

/// A dense channels-last tensor (n, h, w, c).
TensorDescriptor nhwc_tensor(cudnnDataType_t type, int64_t n, int64_t h, int64_t w, int64_t c);

}  // namespace cuttle::kernels::cuda
