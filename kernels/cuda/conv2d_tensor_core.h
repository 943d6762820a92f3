// Convolution on tensor cores behind the signatures of kernels/conv2d.h and conv2d_pool.h, for the
// launchers that choose between these kernels and the portable ones.
#pragma once

#include "../conv2d_pool.h"

namespace cuttle::kernels::cuda {

// Inputs round to TF32, sums are float32. Each returns false, having written nothing, where its
// kernels do not serve the shape, the pointers' alignment or the device. The callers have made sure
// that TF32 is allowed in convolutions, that the device has compute capability 8.0 or more, and that
// neither the result nor, in backward_weight, the batch is empty.

/// relu: y = max(0, convolution + bias), in which a NaN stays one.
bool conv2d_forward_tensor_core(Stream stream, const Conv2dShape& shape, bool relu, const float* x,
                                const float* weight, const float* bias, float* y);
bool conv2d_backward_input_tensor_core(Stream stream, const Conv2dShape& shape, const float* dy,
                                       const float* weight, float* dx);
bool conv2d_backward_weight_tensor_core(Stream stream, const Conv2dShape& shape, const float* x,
                                        const float* dy, float* dweight, float* dbias);

bool conv2d_pool_forward_tensor_core(Stream stream, const Conv2dPoolShape& shape, const float* x,
                                     const float* weight, const float* bias, float* y,
                                     uint8_t* index);
bool conv2d_pool_backward_input_tensor_core(Stream stream, const Conv2dPoolShape& shape,
                                            const float* dy, const uint8_t* index,
                                            const float* weight, float* dx);
bool conv2d_pool_backward_weight_tensor_core(Stream stream, const Conv2dPoolShape& shape,
                                             const float* x, const float* dy, const uint8_t* index,
                                             float* dweight, float* dbias);

}  // namespace cuttle::kernels::cuda
