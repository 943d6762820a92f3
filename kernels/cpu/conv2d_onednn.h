// Float convolution through oneDNN, channels last. For kernels/cpu alone.
#pragma once

#include "../conv2d.h"

namespace cuttle::kernels::cpu {

/// As the functions of ../conv2d.h, for n > 0. False, with nothing written, where oneDNN has no
/// implementation for the shape.
bool conv2d_forward_onednn(const Conv2dShape& shape, const float* x, const float* weight,
                           const float* bias, float* y);
bool conv2d_backward_input_onednn(const Conv2dShape& shape, const float* dy, const float* weight,
                                  float* dx);
/// On the calling thread alone.
bool conv2d_backward_weight_onednn(const Conv2dShape& shape, const float* x, const float* dy,
                                   float* dweight, float* dbias);

}  // namespace cuttle::kernels::cpu
