// The gradient of a convolution's weight on several threads. For kernels/cpu alone.
#pragma once

#include "../conv2d.h"

namespace cuttle::kernels::cpu {

/// As conv2d_backward_weight_onednn, on several threads, with the same bits however many they are.
/// False where oneDNN has no implementation for the shape.
bool conv2d_backward_weight_in_parts(const Conv2dShape& shape, const float* x, const float* dy,
                                     float* dweight, float* dbias);

}  // namespace cuttle::kernels::cpu
