// Convolution of float and BFloat16 through oneDNN, channels last. For kernels/cpu alone.
#pragma once

#include "../conv2d.h"
#include "../half.h"

namespace cuttle::kernels::cpu {

/// As the functions of ../conv2d.h, for n > 0. False, with nothing written, where oneDNN has no
/// implementation for the shape. T: float, BFloat16; BFloat16 is added up in float and rounded
/// once.
template <class T>
bool conv2d_forward_onednn(const Conv2dShape& shape, const T* x, const T* weight, const T* bias,
                           T* y);
template <class T>
bool conv2d_backward_input_onednn(const Conv2dShape& shape, const T* dy, const T* weight, T* dx);
/// On the calling thread alone. Of either type the sums are float's.
template <class T>
bool conv2d_backward_weight_onednn(const Conv2dShape& shape, const T* x, const T* dy,
                                   float* dweight, float* dbias);

}  // namespace cuttle::kernels::cpu
