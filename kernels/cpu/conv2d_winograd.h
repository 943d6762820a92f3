// Convolution of 3 × 3 taps with fewer multiplications. For kernels/cpu alone.
#pragma once

#include "../conv2d.h"

namespace cuttle::kernels::cpu {

/// As the functions of ../conv2d.h, where Winograd's F(2 × 2, 3 × 3) is the faster way: many
/// channels, strides of 1, and enough outputs to be worth transforming the weight. False, with
/// nothing written, elsewhere. An infinity or NaN spreads to all outputs of its 2 × 2 tiles. The
/// same bits however many threads there are, but not of a part of the batch, which may be too
/// small.
bool conv2d_forward_winograd(const Conv2dShape& shape, const float* x, const float* weight,
                             const float* bias, float* y);
bool conv2d_backward_input_winograd(const Conv2dShape& shape, const float* dy, const float* weight,
                                    float* dx);

/// Whether either of them serves the shape.
bool uses_winograd(const Conv2dShape& shape);

}  // namespace cuttle::kernels::cpu
