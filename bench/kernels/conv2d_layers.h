// The convolutions of the tutorial network, and those of larger ones.
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

/// A square kernel on a square image, padded by half of it.
inline kernels::Conv2dShape square_convolution(int64_t c, int64_t o, int64_t size, int64_t kernel,
                                               int64_t stride = 1, int64_t groups = 1) {
  const int64_t out = (size - 1) / stride + 1;
  return {.n = 8,
          .c = c,
          .h = size,
          .w = size,
          .o = o,
          .kh = kernel,
          .kw = kernel,
          .oh = out,
          .ow = out,
          .stride_h = stride,
          .stride_w = stride,
          .padding_h = kernel / 2,
          .padding_w = kernel / 2,
          .groups = groups};
}

/// Layers 3 to 7 are of ResNet-18, 8 to 12 of MobileNetV2, 13 is of ResNeXt-50, at batch 8; those
/// before, of the tutorial.
inline kernels::Conv2dShape network_convolution(int64_t index) {
  const kernels::Conv2dShape larger[] = {
      square_convolution(3, 64, 224, 7, 2),         // 3: the stem
      square_convolution(64, 64, 56, 3),            // 4
      square_convolution(64, 128, 56, 3, 2),        // 5
      square_convolution(64, 128, 56, 1, 2),        // 6: a shortcut
      square_convolution(512, 512, 7, 3),           // 7
      square_convolution(24, 144, 56, 1),           // 8: expansion
      square_convolution(144, 144, 56, 3, 1, 144),  // 9: depthwise
      square_convolution(144, 144, 56, 3, 2, 144),  // 10: depthwise
      square_convolution(144, 32, 28, 1),           // 11: projection
      square_convolution(960, 960, 7, 3, 1, 960),   // 12: depthwise
      square_convolution(128, 128, 56, 3, 1, 32)};  // 13: grouped
  return index < 3 ? tutorial_convolution(index) : larger[index - 3];
}

inline double multiplications_and_additions(const kernels::Conv2dShape& s) {
  return 2.0 * static_cast<double>(s.n * s.oh * s.ow * s.o * s.kh * s.kw * (s.c / s.groups));
}

}  // namespace cuttle::bench
