// The convolutions of the tutorial network.
#pragma once

#include <cuttle/kernels/conv2d.h>

namespace cuttle::bench {

/// Layer 0, 1 or 2 at batch 64.
inline kernels::Conv2dShape tutorial_convolution(int64_t index) {
  const int64_t channels[] = {3, 32, 32, 64}, size = 32 >> index;
  return {.n = 64,
          .c = channels[index],
          .h = size,
          .w = size,
          .o = channels[index + 1],
          .kh = 5,
          .kw = 5,
          .oh = size,
          .ow = size,
          .padding_h = 2,
          .padding_w = 2};
}

inline double multiplications_and_additions(const kernels::Conv2dShape& s) {
  return 2.0 * static_cast<double>(s.n * s.oh * s.ow * s.o * s.kh * s.kw * s.c);
}

}  // namespace cuttle::bench
