// Images in another size on the CPU: rows of the result, shared out among threads. Both passes add
// up what one weight counts for several results, which is each result's own order of additions.
#include "../image_resize.h"

#include <type_traits>

#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// What results are added up in, where it begins, and what becomes of it (see `resized`).
template <class T>
using Sum = ResizeWeight<T>;
template <class T>
constexpr Sum<T> kStart = sizeof(T) == 1 ? 1 << 21 : 0;
template <class T>
T finished(Sum<T> sum) {
  if constexpr (sizeof(T) == 1)
    return static_cast<T>(std::clamp(sum >> 22, 0, 255));
  else
    return sum;
}

/// A row of a horizontal pass. Channels: a number, or a constant.
template <class T, class Channels>
void resize_row(const ResizePass& s, Channels channels, const int32_t* ranges,
                const ResizeWeight<T>* weights, const T* from, T* to) {
  for (int64_t col = 0; col < s.cols; ++col, ranges += 2, weights += s.taps, to += s.to[3]) {
    const T* const first = from + ranges[0] * s.from[3];
    if constexpr (std::is_same_v<Channels, int64_t>) {
      for (int64_t c = 0; c < channels; ++c)
        to[c * s.to[1]] = resized(first + c * s.from[1], s.from[3], ranges[1], weights);
    } else {
      Sum<T> sums[Channels::value];
      for (Sum<T>& sum : sums) sum = kStart<T>;
      for (int32_t k = 0; k < ranges[1]; ++k)
        for (int64_t c = 0; c < channels; ++c)
          sums[c] += static_cast<Sum<T>>(first[k * s.from[3] + c * s.from[1]]) * weights[k];
      for (int64_t c = 0; c < channels; ++c) to[c * s.to[1]] = finished<T>(sums[c]);
    }
  }
}

/// A row of a vertical pass: a sum of whole rows, whose pixels lie densely, channels innermost.
template <class T>
void add_rows(const ResizePass& s, const int32_t* range, const ResizeWeight<T>* weights,
              const T* from, T* to) {
  thread_local cpu::Scratch scratch;
  const int64_t n = s.cols * s.c;
  Sum<T>* const sums = scratch.get<Sum<T>>(n);
  std::fill_n(sums, n, kStart<T>);
  for (int32_t k = 0; k < range[1]; ++k) {
    const T* const row = from + (range[0] + k) * s.from[2];
    const ResizeWeight<T> weight = weights[k];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) sums[i] += static_cast<Sum<T>>(row[i]) * weight;
  }
  if (s.to[1] == 1 && s.to[3] == s.c) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = finished<T>(sums[i]);
    return;
  }
  for (int64_t col = 0; col < s.cols; ++col)
    for (int64_t c = 0; c < s.c; ++c)
      to[col * s.to[3] + c * s.to[1]] = finished<T>(sums[col * s.c + c]);
}

}  // namespace

template <class Weight>
void resize_weights(cpu::Stream, const ResizeAxis& axis, int32_t* ranges, Weight* weights) {
  const int64_t taps = axis.taps();
  cpu::parallel_for(
      axis.sets * axis.out, cpu::grain_units(10 * taps), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          resize_weights_of(axis, i / axis.out, i % axis.out, ranges + 2 * i, weights + taps * i);
      });
}

template <class T>
void resize_pass(cpu::Stream, const ResizePass& s, const int32_t* ranges,
                 const ResizeWeight<T>* weights, const T* x, T* y) {
  const int64_t outs = s.vertical ? s.rows : s.cols;
  const auto run_row = [&](int64_t image, int64_t row) {
    if (s.skips(image, row)) return;
    const int64_t o = (s.sets == 1 ? 0 : image * outs) + (s.vertical ? row : 0);
    const int32_t* const range = ranges + 2 * o;
    const ResizeWeight<T>* const weight = weights + o * s.taps;
    T* const to = y + image * s.to[0] + row * s.to[2];
    const T* const from = x + image * s.from[0];
    if (s.vertical)
      add_rows(s, range, weight, from, to);
    else if (s.c == 3)
      resize_row(s, std::integral_constant<int64_t, 3>(), range, weight, from + row * s.from[2],
                 to);
    else
      resize_row(s, s.c, range, weight, from + row * s.from[2], to);
  };
  cpu::parallel_for(s.n * s.rows, cpu::grain_units(s.cols * s.c * s.taps),
                    [&](int64_t begin, int64_t end) {
                      for (int64_t i = begin; i < end; ++i) run_row(i / s.rows, i % s.rows);
                    });
}

template void resize_weights(cpu::Stream, const ResizeAxis&, int32_t*, int32_t*);
template void resize_weights(cpu::Stream, const ResizeAxis&, int32_t*, float*);
template void resize_pass(cpu::Stream, const ResizePass&, const int32_t*, const int32_t*,
                          const uint8_t*, uint8_t*);
template void resize_pass(cpu::Stream, const ResizePass&, const int32_t*, const float*,
                          const float*, float*);

}  // namespace cuttle::kernels
