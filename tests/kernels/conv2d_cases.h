// The shapes that the tests of convolution, pooled or not, go through.
#pragma once

#include <cuttle/kernels/conv2d.h>

#include <vector>

namespace cuttle::test {

inline kernels::Conv2dShape with_output_size(kernels::Conv2dShape s) {
  s.oh = (s.h + 2 * s.padding_h - s.dilation_h * (s.kh - 1) - 1) / s.stride_h + 1;
  s.ow = (s.w + 2 * s.padding_w - s.dilation_w * (s.kw - 1) - 1) / s.stride_w + 1;
  return s;
}

/// Same padding, stride 1.
inline kernels::Conv2dShape layer(int64_t n, int64_t c, int64_t size, int64_t o, int64_t k) {
  return with_output_size({.n = n,
                           .c = c,
                           .h = size,
                           .w = size,
                           .o = o,
                           .kh = k,
                           .kw = k,
                           .padding_h = k / 2,
                           .padding_w = k / 2});
}

/// An image of 19 × 33, which no tile divides; three of them where there are three channels.
inline kernels::Conv2dShape tails(int64_t c, int64_t o, int64_t k, int64_t stride) {
  return with_output_size({.n = c == 3 ? 3 : 1,
                           .c = c,
                           .h = 19,
                           .w = 33,
                           .o = o,
                           .kh = k,
                           .kw = k,
                           .stride_h = stride,
                           .stride_w = stride,
                           .padding_h = k / 2,
                           .padding_w = k / 2});
}

struct Conv2dCase {
  const char* name;
  kernels::Conv2dShape shape;
};

inline std::vector<Conv2dCase> conv2d_cases() {
  std::vector<Conv2dCase> all = {
      {"1x1", {.n = 2, .c = 5, .h = 6, .w = 7, .o = 3, .kh = 1, .kw = 1}},
      {"one pixel", {.n = 1, .c = 1, .h = 1, .w = 1, .o = 1, .kh = 1, .kw = 1}},
      {"5x5 of three channels",
       {.n = 2,
        .c = 3,
        .h = 17,
        .w = 13,
        .o = 32,
        .kh = 5,
        .kw = 5,
        .padding_h = 2,
        .padding_w = 2}},
      {"5x5, packs",
       {.n = 2,
        .c = 32,
        .h = 9,
        .w = 8,
        .o = 64,
        .kh = 5,
        .kw = 5,
        .padding_h = 2,
        .padding_w = 2}},
      {"3x3 to few channels, packs",
       {.n = 3,
        .c = 8,
        .h = 11,
        .w = 10,
        .o = 20,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1}},
      {"many channels, short rows",
       {.n = 2,
        .c = 80,
        .h = 6,
        .w = 4,
        .o = 64,
        .kh = 3,
        .kw = 2,
        .padding_h = 1,
        .padding_w = 0}},
      {"many channels, longer rows",
       {.n = 2,
        .c = 64,
        .h = 5,
        .w = 11,
        .o = 72,
        .kh = 2,
        .kw = 3,
        .padding_h = 0,
        .padding_w = 2,
        .dilation_h = 2}},
      {"stride and unequal padding",
       {.n = 2,
        .c = 4,
        .h = 13,
        .w = 11,
        .o = 8,
        .kh = 3,
        .kw = 2,
        .stride_h = 2,
        .stride_w = 3,
        .padding_h = 1,
        .padding_w = 0}},
      {"dilation",
       {.n = 2,
        .c = 6,
        .h = 14,
        .w = 15,
        .o = 10,
        .kh = 3,
        .kw = 3,
        .padding_h = 2,
        .padding_w = 1,
        .dilation_h = 2,
        .dilation_w = 3}},
      {"stride and dilation",
       {.n = 1,
        .c = 4,
        .h = 21,
        .w = 20,
        .o = 4,
        .kh = 3,
        .kw = 3,
        .stride_h = 3,
        .stride_w = 2,
        .padding_h = 3,
        .padding_w = 2,
        .dilation_h = 2,
        .dilation_w = 2}},
      {"groups",
       {.n = 2,
        .c = 6,
        .h = 8,
        .w = 9,
        .o = 9,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1,
        .groups = 3}},
      {"groups, packs, stride",
       {.n = 2,
        .c = 16,
        .h = 9,
        .w = 9,
        .o = 8,
        .kh = 3,
        .kw = 3,
        .stride_h = 2,
        .stride_w = 2,
        .padding_h = 1,
        .padding_w = 1,
        .groups = 2}},
      {"depthwise",
       {.n = 2,
        .c = 7,
        .h = 10,
        .w = 6,
        .o = 14,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1,
        .groups = 7}},
      {"window larger than the image",
       {.n = 2, .c = 3, .h = 3, .w = 4, .o = 5, .kh = 5, .kw = 5, .padding_h = 2, .padding_w = 2}},
      {"pixels that no window reaches",
       {.n = 1, .c = 4, .h = 10, .w = 10, .o = 4, .kh = 2, .kw = 2, .stride_h = 4, .stride_w = 4}},
      {"129 channels",
       {.n = 1,
        .c = 33,
        .h = 5,
        .w = 5,
        .o = 129,
        .kh = 3,
        .kw = 3,
        .padding_h = 1,
        .padding_w = 1}},
  };
  for (Conv2dCase& one : all) one.shape = with_output_size(one.shape);
  // As "same" pads for even kernels, and as output_padding does in a transposed convolution.
  kernels::Conv2dShape behind =
      with_output_size({.n = 2, .c = 4, .h = 7, .w = 9, .o = 8, .kh = 4, .kw = 2, .padding_h = 1});
  behind.oh = 7, behind.ow = 9;
  all.push_back({"more padding behind than in front", behind});
  kernels::Conv2dShape cut = with_output_size(
      {.n = 1, .c = 4, .h = 9, .w = 8, .o = 3, .kh = 3, .kw = 2, .dilation_h = 2, .dilation_w = 3});
  cut.oh -= 2, cut.ow -= 2;
  all.push_back({"rows behind that no window reaches", cut});
  return all;
}

}  // namespace cuttle::test
