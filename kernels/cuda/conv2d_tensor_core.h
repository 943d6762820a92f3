// Convolution on tensor cores behind the signatures of kernels/conv2d.h and conv2d_pool.h, for the
// launchers that choose between these kernels and the portable ones.
#pragma once

#include "../conv2d_pool.h"

namespace cuttle::kernels::cuda {

/// Whether TF32 is allowed in convolutions and the stream's device has tensor cores for it (compute
/// capability 8.0 or more).
bool tensor_cores_allowed(Stream stream);

// Inputs round to TF32, sums are float32. Each returns false, having written nothing, where its
// kernels do not serve the shape, the pointers' alignment or the device. The callers have asked
// tensor_cores_allowed(), and neither the result nor the sums are empty.

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
