// cuDNN and cuBLAS behind the signatures of kernels/*.h, for the launchers that choose between them
// and the hand-written kernels. Defined in builds with CUTTLE_VENDOR_LIBRARIES alone. T: float,
// double.
#pragma once

#include <functional>

#include "../../conv2d.h"
#include "../../gemm.h"

namespace cuttle::kernels::cuda {

/// All of m, n, k, batch between 1 and 2³¹ − 1.
template <class T>
void gemm_cublas(Stream stream, const GemmShape& shape, const T* a, const T* b, const T* bias,
                 T* c);
/// The same where cuBLAS is asked for, or faster; false, having written nothing, where our own
/// kernel is to run. `run_own` queues that kernel; it may be called to be timed.
template <class T>
bool gemm_by_cublas(Stream stream, const GemmShape& shape, const T* a, const T* b, const T* bias,
                    T* c, const std::function<void()>& run_own);

/// Each returns false where our own kernel is to run: it is the faster one, it is asked for, or
/// cuDNN does not take the problem. `run_own` queues that kernel; it may be called to be timed.
/// Callers give it as std::ref(…), since a std::function of its own would allocate at every call.
template <class T>
bool conv2d_forward_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* weight,
                          const T* bias, T* y, const std::function<void()>& run_own);
template <class T>
bool conv2d_backward_input_cudnn(Stream stream, const Conv2dShape& shape, const T* dy,
                                 const T* weight, T* dx, const std::function<void()>& run_own);
/// Without the bias gradient.
template <class T>
bool conv2d_backward_weight_cudnn(Stream stream, const Conv2dShape& shape, const T* x, const T* dy,
                                  T* dweight, const std::function<void()>& run_own);

}  // namespace cuttle::kernels::cuda
