// The gradient of a convolution's weight on several threads. For kernels/cpu alone.
#pragma once

#include "../conv2d.h"

namespace cuttle::kernels::cpu {

/// As conv2d_backward_weight_onednn, on several threads, with the same bits however many they are.
/// False where oneDNN has no implementation for the shape. T: float, BFloat16; the sums of both are
/// float's.
template <class T>
bool conv2d_backward_weight_in_parts(const Conv2dShape& shape, const T* x, const T* dy, T* dweight,
                                     T* dbias);

}  // namespace cuttle::kernels::cpu
