// A convolution seen from its gradient: the two passes are the same sums of a turned weight, and
// oneDNN computes one of them faster. For kernels/cpu alone.
#pragma once

#include <algorithm>
#include <utility>

#include "../conv2d.h"
#include "parallel.h"

namespace cuttle::kernels::cpu {

/// What makes the output size come out exactly: rows that no window reaches are a negative padding.
inline int64_t padding_below(const Conv2dShape& s) {
  return (s.oh - 1) * s.stride_h + s.dilation_h * (s.kh - 1) + 1 - s.h - s.padding_h;
}
inline int64_t padding_right(const Conv2dShape& s) {
  return (s.ow - 1) * s.stride_w + s.dilation_w * (s.kw - 1) + 1 - s.w - s.padding_w;
}

/// Whether it has a turned one, and enough channels to be worth a copy of the weight.
inline bool can_turn(const Conv2dShape& s) {
  constexpr int64_t kLeastChannels = 64;
  const int64_t reach_h = s.dilation_h * (s.kh - 1), reach_w = s.dilation_w * (s.kw - 1);
  const auto is_within = [](int64_t padding, int64_t most) {
    return padding >= 0 && padding <= most;
  };
  return s.groups == 1 && s.stride_h == 1 && s.stride_w == 1 && s.c >= kLeastChannels &&
         s.o >= kLeastChannels && is_within(s.padding_h, reach_h) &&
         is_within(padding_below(s), reach_h) && is_within(s.padding_w, reach_w) &&
         is_within(padding_right(s), reach_w);
}

/// The convolution whose input gradient is the output of `s`, and the other way round, both of the
/// weight with its channels exchanged and its taps in reverse order.
inline Conv2dShape turned(Conv2dShape s) {
  std::swap(s.c, s.o), std::swap(s.h, s.oh), std::swap(s.w, s.ow);
  s.padding_h = s.dilation_h * (s.kh - 1) - s.padding_h;
  s.padding_w = s.dilation_w * (s.kw - 1) - s.padding_w;
  return s;
}

/// Copies a weight (O, KH, KW, C) with each output channel's taps in reverse order.
inline void reverse_taps(const Conv2dShape& s, const float* weight, float* to) {
  const int64_t taps = s.kh * s.kw;
  parallel_for(s.o, grain_units(taps * s.c), [=](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t t = 0; t < taps; ++t)
        std::copy_n(weight + (o * taps + t) * s.c, s.c, to + (o * taps + taps - 1 - t) * s.c);
  });
}

}  // namespace cuttle::kernels::cpu
