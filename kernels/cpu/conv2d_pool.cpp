// Convolution with ReLU and 2 × 2 max pooling on the CPU: the convolution of conv2d.cpp on a few
// images at a time, whose unpooled output stays in the caches, and pooling on blocks of channels
// that fill vector registers. Backwards likewise: the pooled gradient is expanded for a few images.
#include "../conv2d_pool.h"

#include <algorithm>
#include <type_traits>

#include "../half.h"
#include "conv2d_pool_windows.h"
#include "conv2d_weight_parts.h"
#include "conv2d_winograd.h"
#include "parallel.h"
#include "vector_level.h"

namespace cuttle::kernels {
namespace {

/// Channels handled together; their largest elements and places stay in registers.
constexpr int64_t kChannels = 16;

/// What loops over elements see: of BFloat16 the bits, since compilers vectorise numbers alone.
template <class T>
using Stored = std::conditional_t<std::is_same_v<T, BFloat16>, uint16_t, T>;

template <class T>
const Stored<T>* stored(const T* elements) {
  return reinterpret_cast<const Stored<T>*>(elements);
}
template <class T>
Stored<T>* stored(T* elements) {
  return reinterpret_cast<Stored<T>*>(elements);
}

template <class S>
using Value = std::conditional_t<std::is_same_v<S, uint16_t>, float, S>;

template <class S>
Value<S> value_of(S element) {
  if constexpr (std::is_same_v<S, uint16_t>)
    return reinterpreted<float>(uint32_t{element} << 16);
  else
    return element;
}

/// The element of a number that one holds: nothing is to be rounded.
template <class S>
S element_of(Value<S> value) {
  if constexpr (std::is_same_v<S, uint16_t>)
    return static_cast<uint16_t>(reinterpreted<uint32_t>(value) >> 16);
  else
    return value;
}

/// Pools `count` ≤ kChannels channels of a window: from[0..3] point at the first of them in its
/// pixels. kFull: count == kChannels, known to the compiler.
template <bool kFull, bool kIndex, bool kRelu, class S>
inline void pool_window(int64_t count, const S* const (&from)[4], S* y, uint8_t* index) {
  using T = Value<S>;
  using Place = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;  // a lane's width
  const int64_t n = kFull ? kChannels : count;
  T best[kChannels];
  Place place[kChannels];
#pragma omp simd
  for (int64_t c = 0; c < n; ++c) {
    T largest = value_of(from[0][c]);
    Place at = 0;
    for (int p = 1; p < 4; ++p) {
      const T value = value_of(from[p][c]);
      const bool take = value > largest || value != value;
      largest = take ? value : largest;
      at = take ? Place(p) : at;
    }
    if (kRelu) {
      const bool cut = largest <= T(0);
      largest = cut ? T(0) : largest;
      at = cut ? Place(4) : at;
    }
    best[c] = largest;
    place[c] = at;
  }
  for (int64_t c = 0; c < n; ++c) y[c] = element_of<S>(best[c]);
  if (kIndex)
    for (int64_t c = 0; c < n; ++c) index[c] = static_cast<uint8_t>(place[c]);
}

/// One row of windows; `top` points at the upper of the two rows of pixels.
template <bool kIndex, bool kRelu, class T>
void pool_row(const Conv2dPoolShape& s, const T* top, T* y, uint8_t* index) {
  const int64_t o = s.conv.o, row = s.conv.ow * o;
  for (int64_t pw = 0; pw < s.pw(); ++pw, top += 2 * o) {
    int64_t c = 0;
    const auto pool = [&]<bool kFull>(int64_t count) {
      const T* const from[4] = {top + c, top + o + c, top + row + c, top + row + o + c};
      pool_window<kFull, kIndex, kRelu>(count, from, y + pw * o + c,
                                        kIndex ? index + pw * o + c : nullptr);
    };
    for (; c + kChannels <= o; c += kChannels) pool.template operator()<true>(kChannels);
    if (c < o) pool.template operator()<false>(o - c);
  }
}

/// Pools the convolution's output c (images, OH, OW, O).
template <class T>
void pool(const Conv2dPoolShape& s, int64_t images, const T* c, T* y, uint8_t* index) {
  const int64_t out = s.pw() * s.conv.o, in = s.conv.ow * s.conv.o;
  cpu::parallel_for(images * s.ph(), cpu::grain_units(4 * out), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* top = c + (row / s.ph() * s.conv.oh + row % s.ph() * 2) * in;
      T* to = y + row * out;
      uint8_t* at = index ? index + row * out : nullptr;
      cpu::vectorised([&] {
        if (index)
          s.relu ? pool_row<true, true>(s, top, to, at) : pool_row<true, false>(s, top, to, at);
        else
          s.relu ? pool_row<false, true>(s, top, to, at) : pool_row<false, false>(s, top, to, at);
      });
    }
  });
}

/// Expands `count` ≤ kChannels channels of a window's left and right pixel in one of its rows.
template <bool kFull, class T>
inline void expand_window(int64_t count, uint8_t left_place, const T* dy, const uint8_t* index,
                          T* left, T* right) {
  const int64_t n = kFull ? kChannels : count;
  T chosen[2][kChannels];
#pragma omp simd
  for (int64_t c = 0; c < n; ++c) {
    // Loaded whether chosen or not: a conditional load would not vectorise.
    const T value = dy[c];
    const int place = index[c] - left_place;
    chosen[0][c] = place == 0 ? value : T(0);
    chosen[1][c] = place == 1 ? value : T(0);
  }
  for (int64_t c = 0; c < n; ++c) left[c] = chosen[0][c];
  for (int64_t c = 0; c < n; ++c) right[c] = chosen[1][c];
}

/// One row of dc (OW, O), in the upper (row = 0) or lower half of the windows whose gradients and
/// places are at dy and index (PW, O).
template <class T>
void expand_row(const Conv2dPoolShape& s, int row, const T* dy, const uint8_t* index, T* dc) {
  const int64_t o = s.conv.o, pw = s.pw();
  const auto left_place = static_cast<uint8_t>(2 * row);
  for (int64_t w = 0; w < pw; ++w, dy += o, index += o) {
    T *const left = dc + 2 * w * o, *const right = left + o;
    int64_t c = 0;
    const auto expand = [&]<bool kFull>(int64_t count) {
      expand_window<kFull>(count, left_place, dy + c, index + c, left + c, right + c);
    };
    for (; c + kChannels <= o; c += kChannels) expand.template operator()<true>(kChannels);
    if (c < o) expand.template operator()<false>(o - c);
  }
  std::fill_n(dc + 2 * pw * o, (s.conv.ow - 2 * pw) * o, T(0));
}

/// The gradient dc (images, OH, OW, O) of the convolution's output: dy at the places that index
/// names, zeros elsewhere.
template <class T>
void expand(const Conv2dPoolShape& s, int64_t images, const T* dy, const uint8_t* index, T* dc) {
  const int64_t oh = s.conv.oh, row_numel = s.conv.ow * s.conv.o, windows = s.pw() * s.conv.o;
  cpu::parallel_for(images * oh, cpu::grain_units(row_numel), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t h = row % oh, from = (row / oh * s.ph() + h / 2) * windows;
      T* const to = dc + row * row_numel;
      if (h / 2 < s.ph())
        cpu::vectorised(
            [&] { expand_row(s, static_cast<int>(h % 2), dy + from, index + from, to); });
      else
        std::fill_n(to, row_numel, T(0));
    }
  });
}

/// What the second-level caches of the threads hold together.
size_t cached_bytes() {
  return size_t{1 << 20} * static_cast<size_t>(omp_get_max_threads());
}

/// Calls run(slice, first) for slices of the batch, beginning at image `first`, whose unpooled
/// outputs are `bytes` or a single image; or for the whole batch, where how the convolution is
/// computed, and with it the bits, depend on how many images there are.
template <class T, class Run>
void for_each_slice(const Conv2dPoolShape& shape, size_t bytes, const Run& run) {
  const Conv2dShape& s = shape.conv;
  const int64_t image_bytes = s.oh * s.ow * s.o * static_cast<int64_t>(sizeof(T));
  const int64_t fitting =
      std::max<int64_t>(1, static_cast<int64_t>(bytes) / std::max<int64_t>(1, image_bytes));
  const int64_t most = cpu::uses_winograd(s) ? s.n : fitting;
  Conv2dShape slice = s;
  for (int64_t first = 0; first < s.n; first += most) {
    slice.n = std::min(most, s.n - first);
    run(slice, first);
  }
}

/// Scratch memory for a slice's unpooled output or its gradient.
template <class T>
T* unpooled_scratch(const Conv2dShape& slice) {
  thread_local cpu::Scratch scratch;
  return scratch.get<T>(slice.n * slice.oh * slice.ow * slice.o);
}

}  // namespace

template <class T>
void conv2d_pool_forward(cpu::Stream stream, const Conv2dPoolShape& shape, const T* x,
                         const T* weight, const T* bias, T* y, uint8_t* index) {
  const Conv2dShape& s = shape.conv;
  const int64_t in = s.h * s.w * s.c, out = shape.ph() * shape.pw() * s.o;
  for_each_slice<T>(shape, cached_bytes(), [&](const Conv2dShape& slice, int64_t first) {
    T* const c = unpooled_scratch<T>(slice);
    conv2d_forward(stream, slice, x + first * in, weight, bias, c);
    pool(shape, slice.n, stored(c), stored(y + first * out), index ? index + first * out : nullptr);
  });
}

template <class T>
void conv2d_pool_backward_input(cpu::Stream stream, const Conv2dPoolShape& shape, const T* dy,
                                const uint8_t* index, const T* weight, T* dx) {
  if constexpr (std::is_same_v<T, float>)
    if (cpu::conv2d_pool_backward_input_by_windows(shape, dy, index, weight, dx)) return;
  const Conv2dShape& s = shape.conv;
  const int64_t in = s.h * s.w * s.c, out = shape.ph() * shape.pw() * s.o;
  for_each_slice<T>(shape, cached_bytes(), [&](const Conv2dShape& slice, int64_t first) {
    T* const dc = unpooled_scratch<T>(slice);
    expand(shape, slice.n, stored(dy + first * out), index + first * out, stored(dc));
    conv2d_backward_input(stream, slice, dc, weight, dx + first * in);
  });
}

template <class T>
void conv2d_pool_backward_weight(cpu::Stream stream, const Conv2dPoolShape& shape, const T* x,
                                 const T* dy, const uint8_t* index, T* dweight, T* dbias) {
  if constexpr (std::is_same_v<T, float>)
    if (cpu::conv2d_pool_backward_weight_by_windows(shape, x, dy, index, dweight, dbias)) return;
  // Each slice costs an addition of all weights, so they are as large as scratch memory should be.
  constexpr size_t kScratchBytes = size_t{16} << 20;
  const Conv2dShape& s = shape.conv;
  const int64_t in = s.h * s.w * s.c, out = shape.ph() * shape.pw() * s.o;
  const int64_t weights = s.o * s.kh * s.kw * (s.c / s.groups);
  if (s.n == 0) return conv2d_backward_weight(stream, s, x, dy, dweight, dbias);  // zeros
  using Sum = Compute<T>;
  thread_local cpu::Scratch part_scratch, total_scratch;
  Sum* const part = part_scratch.get<Sum>(weights + s.o);
  // Sums that T cannot hold are rounded at the end.
  const auto place_of = [&](T* result, int64_t offset) -> Sum* {
    if constexpr (std::is_same_v<T, Sum>)
      return result;
    else
      return result ? total_scratch.get<Sum>(weights + s.o) + offset : nullptr;
  };
  Sum *const total = place_of(dweight, 0), *const total_bias = place_of(dbias, weights);
  for_each_slice<T>(shape, kScratchBytes, [&](const Conv2dShape& slice, int64_t first) {
    T* const dc = unpooled_scratch<T>(slice);
    expand(shape, slice.n, stored(dy + first * out), index + first * out, stored(dc));
    if (first == 0) return cpu::conv2d_backward_weight_sums(slice, x, dc, total, total_bias);
    cpu::conv2d_backward_weight_sums(slice, x + first * in, dc, part,
                                     dbias ? part + weights : nullptr);
    for (int64_t i = 0; i < weights; ++i) total[i] += part[i];
    for (int64_t o = 0; dbias && o < s.o; ++o) total_bias[o] += part[weights + o];
  });
  if constexpr (!std::is_same_v<T, Sum>) {
    std::transform(total, total + weights, dweight, [](Sum sum) { return T(sum); });
    if (dbias) std::transform(total_bias, total_bias + s.o, dbias, [](Sum sum) { return T(sum); });
  }
}

#define CUTTLE_INSTANTIATE(T)                                                                   \
  template void conv2d_pool_forward<T>(cpu::Stream, const Conv2dPoolShape&, const T*, const T*, \
                                       const T*, T*, uint8_t*);                                 \
  template void conv2d_pool_backward_input<T>(cpu::Stream, const Conv2dPoolShape&, const T*,    \
                                              const uint8_t*, const T*, T*);                    \
  template void conv2d_pool_backward_weight<T>(cpu::Stream, const Conv2dPoolShape&, const T*,   \
                                               const T*, const uint8_t*, T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)
CUTTLE_INSTANTIATE(BFloat16)

}  // namespace cuttle::kernels
