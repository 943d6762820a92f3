// Convolution by direct loops, any shape and type: what double uses (gradient checks), and float
// where oneDNN offers nothing. For kernels/cpu alone.
#pragma once

#include "../conv2d.h"
#include "parallel.h"

namespace cuttle::kernels::cpu {

/// y: the patch that an output position sees is gathered once and multiplied with every filter.
template <class T>
void conv2d_forward_direct(const Conv2dShape& s, const T* x, const T* weight, const T* bias, T* y) {
  const int64_t cg = s.c / s.groups, og = s.o / s.groups;
  const int64_t patch_size = s.kh * s.kw * cg;
  parallel_for(s.n * s.oh, grain_units(s.ow * s.o * patch_size), [&](int64_t begin, int64_t end) {
    thread_local Scratch scratch;
    T* patch = scratch.get<T>(patch_size);  // (KH, KW, C / groups), zero outside x
    const auto gather = [&](int64_t n, int64_t oh, int64_t ow, int64_t g) {
      for (int64_t i = 0; i < s.kh; ++i)
        for (int64_t j = 0; j < s.kw; ++j) {
          const int64_t h = oh * s.stride_h - s.padding_h + i * s.dilation_h;
          const int64_t w = ow * s.stride_w - s.padding_w + j * s.dilation_w;
          T* to = patch + (i * s.kw + j) * cg;
          if (h < 0 || h >= s.h || w < 0 || w >= s.w)
            std::fill_n(to, cg, T(0));
          else
            std::copy_n(x + ((n * s.h + h) * s.w + w) * s.c + g * cg, cg, to);
        }
    };
    for (int64_t row = begin; row < end; ++row)
      for (int64_t ow = 0; ow < s.ow; ++ow)
        for (int64_t g = 0; g < s.groups; ++g) {
          gather(row / s.oh, row % s.oh, ow, g);
          for (int64_t o = g * og; o < (g + 1) * og; ++o) {
            const T* filter = weight + o * patch_size;
            T sum = 0;
#pragma omp simd reduction(+ : sum)
            for (int64_t p = 0; p < patch_size; ++p) sum += patch[p] * filter[p];
            y[(row * s.ow + ow) * s.o + o] = sum + (bias ? bias[o] : T(0));
          }
        }
  });
}

/// The output position that reads input position `at` through filter tap `tap`, or -1.
inline int64_t output_of(int64_t at, int64_t tap, int64_t padding, int64_t stride, int64_t dilation,
                         int64_t outputs) {
  const int64_t scaled = at + padding - tap * dilation;
  if (scaled < 0 || scaled % stride != 0) return -1;
  return scaled / stride < outputs ? scaled / stride : -1;
}

/// dx: every input position gathers from the outputs that saw it, in a fixed order.
template <class T>
void conv2d_backward_input_direct(const Conv2dShape& s, const T* dy, const T* weight, T* dx) {
  const int64_t cg = s.c / s.groups, og = s.o / s.groups;
  const int64_t work = s.w * s.o * s.kh * s.kw * cg;
  parallel_for(s.n * s.h, grain_units(work), [&](int64_t begin, int64_t end) {
    const auto add_tap = [&](T* to, const T* from, int64_t tap) {
      for (int64_t o = 0; o < s.o; ++o) {
        const T* filter = weight + (o * s.kh * s.kw + tap) * cg;  // (C / groups)
        T* group = to + o / og * cg;
        const T scale = from[o];
#pragma omp simd
        for (int64_t c = 0; c < cg; ++c) group[c] += scale * filter[c];
      }
    };
    for (int64_t row = begin; row < end; ++row) {
      const int64_t n = row / s.h, h = row % s.h;
      std::fill_n(dx + row * s.w * s.c, s.w * s.c, T(0));
      for (int64_t i = 0; i < s.kh; ++i) {
        const int64_t oh = output_of(h, i, s.padding_h, s.stride_h, s.dilation_h, s.oh);
        if (oh < 0) continue;
        for (int64_t w = 0; w < s.w; ++w)
          for (int64_t j = 0; j < s.kw; ++j) {
            const int64_t ow = output_of(w, j, s.padding_w, s.stride_w, s.dilation_w, s.ow);
            if (ow < 0) continue;
            add_tap(dx + (row * s.w + w) * s.c, dy + ((n * s.oh + oh) * s.ow + ow) * s.o,
                    i * s.kw + j);
          }
      }
    }
  });
}

/// dweight and dbias: one thread owns a filter tap of all outputs of a group.
template <class T>
void conv2d_backward_weight_direct(const Conv2dShape& s, const T* x, const T* dy, T* dweight,
                                   T* dbias) {
  const int64_t cg = s.c / s.groups, og = s.o / s.groups;
  const int64_t taps = s.kh * s.kw, positions = s.n * s.oh * s.ow;
  parallel_for(s.groups * taps, grain_units(positions * og * cg), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t g = unit / taps, tap = unit % taps;
      for (int64_t o = g * og; o < (g + 1) * og; ++o)
        std::fill_n(dweight + (o * taps + tap) * cg, cg, T(0));
      for (int64_t at = 0; at < positions; ++at) {
        const int64_t n = at / (s.oh * s.ow), oh = at / s.ow % s.oh, ow = at % s.ow;
        const int64_t h = oh * s.stride_h - s.padding_h + tap / s.kw * s.dilation_h;
        const int64_t w = ow * s.stride_w - s.padding_w + tap % s.kw * s.dilation_w;
        if (h < 0 || h >= s.h || w < 0 || w >= s.w) continue;
        const T* from = x + ((n * s.h + h) * s.w + w) * s.c + g * cg;  // (C / groups)
        for (int64_t o = g * og; o < (g + 1) * og; ++o) {
          T* to = dweight + (o * taps + tap) * cg;
          const T scale = dy[at * s.o + o];
#pragma omp simd
          for (int64_t c = 0; c < cg; ++c) to[c] += scale * from[c];
        }
      }
    }
  });
  if (!dbias) return;
  std::fill_n(dbias, s.o, T(0));
  for (int64_t at = 0; at < positions; ++at)
    for (int64_t o = 0; o < s.o; ++o) dbias[o] += dy[at * s.o + o];
}

}  // namespace cuttle::kernels::cpu
