// cuBLAS's handle of a stream, and its errors.
#pragma once

#include <cublas_v2.h>

#include <string_view>

#include "../workspace.h"

namespace cuttle::kernels::cuda {

/// Throws Error "<what>: <cuBLAS's words>" unless `status` is success.
void check_cublas(cublasStatus_t status, std::string_view what);

/// The stream's handle, made at first use with a workspace of its own (so that cuBLAS never
/// allocates while a graph is captured). The caller holds the lease as long as it uses it.
cublasHandle_t cublas_handle(StreamLease& lease, Stream stream);

}  // namespace cuttle::kernels::cuda
