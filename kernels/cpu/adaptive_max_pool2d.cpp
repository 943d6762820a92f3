// Adaptive max pooling on the CPU, channels last: all channels of an output position together.
#include "../adaptive_max_pool2d.h"

#include "../resample_axis.h"
#include "parallel.h"

namespace cuttle::kernels {
namespace {

using resampling::Range;

Range share(int64_t k, int64_t of, int64_t by) {
  return resampling::AdaptiveAxis<float>::share(static_cast<int>(k), static_cast<uint32_t>(of),
                                                static_cast<uint32_t>(by));
}

/// y, index (C) = the largest elements of a window of image (H, W, C), and where they are.
template <class T>
void pool_window(const MaxPool2dShape& s, const Range& rows, const Range& cols, const T* image,
                 T* y, int32_t* index) {
  bool first = true;
  for (int64_t h = rows.first; h <= rows.last; ++h)
    for (int64_t w = cols.first; w <= cols.last; ++w) {
      const auto here = static_cast<int32_t>(h * s.w + w);
      const T* from = image + here * s.c;
#pragma omp simd
      for (int64_t c = 0; c < s.c; ++c) {
        const bool take = first || from[c] > y[c] || from[c] != from[c];
        y[c] = take ? from[c] : y[c];
        index[c] = take ? here : index[c];
      }
      first = false;
    }
}

/// dx (C) of position (h, w) of an image whose gradients are dy, index (OH, OW, C).
template <class T>
void unpool_place(const MaxPool2dShape& s, int64_t h, int64_t w, const T* dy, const int32_t* index,
                  T* dx) {
  const Range rows = share(h, s.oh, s.h), cols = share(w, s.ow, s.w);
  const auto here = static_cast<int32_t>(h * s.w + w);
  std::fill_n(dx, s.c, T(0));
  for (int64_t oh = rows.first; oh <= rows.last; ++oh)
    for (int64_t ow = cols.first; ow <= cols.last; ++ow) {
      const int64_t at = (oh * s.ow + ow) * s.c;
#pragma omp simd
      for (int64_t c = 0; c < s.c; ++c) {
        const T value = dy[at + c];  // loaded whether chosen or not, so that the loop vectorises
        dx[c] += index[at + c] == here ? value : T(0);
      }
    }
}

}  // namespace

template <class T>
void adaptive_max_pool2d_forward(cpu::Stream, const MaxPool2dShape& s, const T* x, T* y,
                                 int32_t* index) {
  const int64_t work = s.c * (s.h * s.w / (s.oh * s.ow) + 1), plane = s.oh * s.ow;
  cpu::parallel_for(s.n * plane, cpu::grain_units(work), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      pool_window(s, share(i % plane / s.ow, s.h, s.oh), share(i % s.ow, s.w, s.ow),
                  x + i / plane * (s.h * s.w * s.c), y + i * s.c, index + i * s.c);
  });
}

template <class T>
void adaptive_max_pool2d_backward(cpu::Stream, const MaxPool2dShape& s, const T* dy,
                                  const int32_t* index, T* dx) {
  const int64_t plane = s.h * s.w, of_dy = s.oh * s.ow * s.c;
  cpu::parallel_for(s.n * plane, cpu::grain_units(2 * s.c), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      unpool_place(s, i % plane / s.w, i % s.w, dy + i / plane * of_dy, index + i / plane * of_dy,
                   dx + i * s.c);
  });
}

#define CUTTLE_INSTANTIATE(T)                                                                 \
  template void adaptive_max_pool2d_forward(cpu::Stream, const MaxPool2dShape&, const T*, T*, \
                                            int32_t*);                                        \
  template void adaptive_max_pool2d_backward(cpu::Stream, const MaxPool2dShape&, const T*,    \
                                             const int32_t*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
