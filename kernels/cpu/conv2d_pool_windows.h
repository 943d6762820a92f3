// Gradients of convolution with pooling that leave out what pooling made zero. For kernels/cpu
// alone.
#pragma once

#include "../conv2d_pool.h"

namespace cuttle::kernels::cpu {

/// As the functions of ../conv2d_pool.h. Of the unpooled gradient one element in four is not 0, and
/// only these are multiplied: a quarter of the products of a convolution, and nothing is expanded.
/// False, with nothing written, for shapes that convolutions serve better.
bool conv2d_pool_backward_weight_by_windows(const Conv2dPoolShape& shape, const float* x,
                                            const float* dy, const uint8_t* index, float* dweight,
                                            float* dbias);
bool conv2d_pool_backward_input_by_windows(const Conv2dPoolShape& shape, const float* dy,
                                           const uint8_t* index, const float* weight, float* dx);

}  // namespace cuttle::kernels::cpu
