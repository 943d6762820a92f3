// Max pooling on the CPU, channels last: both directions work on blocks of channels that fill
// vector registers, and write every output once.
#include "../max_pool2d.h"

#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// Channels handled together; their largest elements and places stay in registers.
constexpr int64_t kChannels = 16;

/// One output position and `count` ≤ kChannels channels. `x` (H, W, C) and `y`, `index` (C) point
/// at the first of the channels. kFull: count == kChannels, known to the compiler.
template <bool kFull, bool kIndex, class T>
inline void pool_block(const MaxPool2dShape& s, int64_t top, int64_t left, int64_t count,
                       const T* x, T* y, int32_t* index) {
  const int64_t n = kFull ? kChannels : count;
  T best[kChannels];
  int32_t place[kChannels];
  bool first = true;
  for (int64_t i = 0; i < s.kh; ++i) {
    const int64_t h = top + i * s.dilation_h;
    if (h < 0 || h >= s.h) continue;
    for (int64_t j = 0; j < s.kw; ++j) {
      const int64_t w = left + j * s.dilation_w;
      if (w < 0 || w >= s.w) continue;
      const int32_t here = static_cast<int32_t>(h * s.w + w);
      const T* from = x + (h * s.w + w) * s.c;
      if (first) {
#pragma omp simd
        for (int64_t c = 0; c < n; ++c) {
          best[c] = from[c];
          place[c] = here;
        }
        first = false;
        continue;
      }
#pragma omp simd
      for (int64_t c = 0; c < n; ++c) {
        // Larger, or a NaN; nothing but another NaN takes a NaN's place.
        const bool take = from[c] > best[c] || from[c] != from[c];
        best[c] = take ? from[c] : best[c];
        if (kIndex) place[c] = take ? here : place[c];
      }
    }
  }
  for (int64_t c = 0; c < n; ++c) y[c] = best[c];
  if (kIndex)
    for (int64_t c = 0; c < n; ++c) index[c] = place[c];
}

/// Output row `row` of all N · OH.
template <bool kIndex, class T>
void pool_row(const MaxPool2dShape& s, int64_t row, const T* x, T* y, int32_t* index) {
  const int64_t image = row / s.oh, oh = row % s.oh;
  const int64_t top = oh * s.stride_h - s.padding_h;
  x += image * s.h * s.w * s.c;
  for (int64_t ow = 0; ow < s.ow; ++ow) {
    const int64_t left = ow * s.stride_w - s.padding_w;
    const int64_t to = (row * s.ow + ow) * s.c;
    int64_t c = 0;
    for (; c + kChannels <= s.c; c += kChannels)
      pool_block<true, kIndex>(s, top, left, kChannels, x + c, y + to + c,
                               kIndex ? index + to + c : nullptr);
    if (c < s.c)
      pool_block<false, kIndex>(s, top, left, s.c - c, x + c, y + to + c,
                                kIndex ? index + to + c : nullptr);
  }
}

/// The outputs whose windows reach input position `at` along one dimension: o in [first, last].
/// With a dilation some of them step over the position; their index never names it.
struct Reach {
  Reach(int64_t at, int64_t padding, int64_t stride, int64_t kernel, int64_t dilation,
        int64_t out) {
    const int64_t end = at + padding, begin = end - (kernel - 1) * dilation;
    first = begin <= 0 ? 0 : (begin + stride - 1) / stride;
    last = std::min(out - 1, end / stride);
  }
  int64_t first, last;
};

/// to (C) = or += the gradients g (C) of the channels that chose position `here`.
template <class T>
inline void add_chosen(bool first, int64_t channels, int32_t here, const int32_t* chosen,
                       const T* g, T* to) {
  // The gradient is loaded whether chosen or not: a conditional load would not vectorise.
  if (first) {
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) {
      const T value = g[c];
      to[c] = chosen[c] == here ? value : T(0);
    }
  } else {
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) {
      const T value = g[c];
      to[c] += chosen[c] == here ? value : T(0);
    }
  }
}

/// Row `row` of all N · H of the input's gradient, gathered from the outputs that may have chosen
/// it, in rising order: no zero fill before, no two threads at one element.
template <class T>
void unpool_row(const MaxPool2dShape& s, int64_t row, const T* dy, const int32_t* index, T* dx) {
  const int64_t image = row / s.h, h = row % s.h;
  const Reach rows(h, s.padding_h, s.stride_h, s.kh, s.dilation_h, s.oh);
  for (int64_t w = 0; w < s.w; ++w) {
    const Reach cols(w, s.padding_w, s.stride_w, s.kw, s.dilation_w, s.ow);
    const int32_t here = static_cast<int32_t>(h * s.w + w);
    T* to = dx + (row * s.w + w) * s.c;
    bool first = true;
    for (int64_t oh = rows.first; oh <= rows.last; ++oh) {
      for (int64_t ow = cols.first; ow <= cols.last; ++ow) {
        const int64_t at = ((image * s.oh + oh) * s.ow + ow) * s.c;
        add_chosen(first, s.c, here, index + at, dy + at, to);
        first = false;
      }
    }
    if (first) std::fill_n(to, s.c, T(0));
  }
}

}  // namespace

template <class T>
void max_pool2d_forward(cpu::Stream, const MaxPool2dShape& shape, const T* x, T* y,
                        int32_t* index) {
  const int64_t work = shape.ow * shape.c * shape.kh * shape.kw;  // reads of one output row
  cpu::parallel_for(shape.n * shape.oh, cpu::grain_units(work), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      if (index)
        pool_row<true>(shape, row, x, y, index);
      else
        pool_row<false>(shape, row, x, y, index);
    }
  });
}

template <class T>
void max_pool2d_backward(cpu::Stream, const MaxPool2dShape& shape, const T* dy,
                         const int32_t* index, T* dx) {
  const int64_t work = shape.w * shape.c;
  cpu::parallel_for(shape.n * shape.h, cpu::grain_units(work), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) unpool_row(shape, row, dy, index, dx);
  });
}

template <class T>
void max_pool2d_pick(cpu::Stream, const MaxPool2dShape& shape, const T* x, const int32_t* index,
                     T* y) {
  const int64_t plane = shape.oh * shape.ow, image = shape.h * shape.w * shape.c;
  cpu::parallel_for(shape.n * plane, cpu::grain_units(shape.c), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (int64_t c = 0; c < shape.c; ++c)
        y[i * shape.c + c] = x[i / plane * image + index[i * shape.c + c] * shape.c + c];
  });
}

#define CUTTLE_INSTANTIATE(T)                                                                      \
  template void max_pool2d_forward<T>(cpu::Stream, const MaxPool2dShape&, const T*, T*, int32_t*); \
  template void max_pool2d_backward<T>(cpu::Stream, const MaxPool2dShape&, const T*,               \
                                       const int32_t*, T*);                                        \
  template void max_pool2d_pick<T>(cpu::Stream, const MaxPool2dShape&, const T*, const int32_t*,   \
                                   T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
