// cuDNN and cuBLAS behind the signatures of kernels/*.h, for the launchers that choose between them
// and the hand-written kernels. Defined in builds with CUTTLE_VENDOR_LIBRARIES alone. T: float,
// double.
#pragma once

#include "../../conv2d.h"
#include "../../gemm.h"

namespace cuttle::kernels::cuda {

/// All of m, n, k, batch between 1 and 2³¹ − 1.
template <class T>
void gemm_cublas(Stream stream, const GemmShape& shape, const T* a, const T* b, const T* bias,
                 T* c);

/// Each returns false, having written nothing, where cuDNN has no deterministic algorithm for the
/// shape.
template <class T>
bool conv2d_forward_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* weight,
                          const T* bias, T* y);
template <class T>
bool conv2d_backward_input_cudnn(Stream stream, const Conv2dShape& shape, const T* dy,
                                 const T* weight, T* dx);
/// Without the bias gradient.
template <class T>
bool conv2d_backward_weight_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* dy,
                                  T* dweight);

}  // namespace cuttle::kernels::cuda
