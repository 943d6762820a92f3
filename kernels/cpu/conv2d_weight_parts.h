// The gradient of a convolution's weight on several threads. For kernels/cpu alone.
#pragma once

#include "../conv2d.h"
#include "../half.h"

namespace cuttle::kernels::cpu {

/// As conv2d_backward_weight_onednn, on several threads, with the same bits however many they are.
/// False where oneDNN has no implementation for the shape.
template <class T>
bool conv2d_backward_weight_in_parts(const Conv2dShape& shape, const T* x, const T* dy,
                                     float* dweight, float* dbias);

/// conv2d_backward_weight before its sums are rounded to T. T: float, double, BFloat16.
template <class T>
void conv2d_backward_weight_sums(const Conv2dShape& shape, const T* x, const T* dy,
                                 Compute<T>* dweight, Compute<T>* dbias);

}  // namespace cuttle::kernels::cpu
