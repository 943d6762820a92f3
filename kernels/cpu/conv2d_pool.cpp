#include "../conv2d_pool.h"

#include <cstdlib>
#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// Channels handled together; their largest elements and places stay in registers.
constexpr int64_t kChannels = 16;

/// Pools one window of `count` ≤ kChannels channels: from[0..3] (C) are its pixels.
template <bool kFull, bool kIndex, bool kRelu, class T>
inline void pool_window(int64_t count, const T* const (&from)[4], T* y, uint8_t* index) {
  using Place = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;  // a lane's width
  const int64_t n = kFull ? kChannels : count;
  T best[kChannels];
  Place place[kChannels];
#pragma omp simd
  for (int64_t c = 0; c < n; ++c) {
    T largest = from[0][c];
    Place at = 0;
    for (int p = 1; p < 4; ++p) {
      const T value = from[p][c];
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
  for (int64_t c = 0; c < n; ++c) y[c] = best[c];
  if (kIndex)
    for (int64_t c = 0; c < n; ++c) index[c] = static_cast<uint8_t>(place[c]);
}

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

/// Pools the convolution's output c (N, OH, OW, O) of `images`.
template <class T>
void pool(const Conv2dPoolShape& s, int64_t images, const T* c, T* y, uint8_t* index) {
  const int64_t out = s.pw() * s.conv.o, in = s.conv.ow * s.conv.o;
  cpu::parallel_for(images * s.ph(), cpu::grain_units(4 * out), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* top = c + (row / s.ph() * s.conv.oh + row % s.ph() * 2) * in;
      T* to = y + row * out;
      uint8_t* at = index ? index + row * out : nullptr;
      if (index)
        s.relu ? pool_row<true, true>(s, top, to, at) : pool_row<true, false>(s, top, to, at);
      else
        s.relu ? pool_row<false, true>(s, top, to, at) : pool_row<false, false>(s, top, to, at);
    }
  });
}

/// The gradient dc (N, OH, OW, O) of the convolution's output: dy at the chosen places, zeros
/// elsewhere.
template <class T>
void expand(const Conv2dPoolShape& s, int64_t images, const T* dy, const uint8_t* index, T* dc) {
  const int64_t o = s.conv.o, oh = s.conv.oh, ow = s.conv.ow, pw = s.pw(), ph = s.ph();
  cpu::parallel_for(images * oh, cpu::grain_units(ow * o), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t h = row % oh;
      T* to = dc + row * ow * o;
      if (h / 2 >= ph) {
        std::fill_n(to, ow * o, T(0));
        continue;
      }
      const int64_t from = (row / oh * ph + h / 2) * pw * o;
      for (int64_t w = 0; w < pw; ++w) {
        const T* g = dy + from + w * o;
        const uint8_t* chosen = index + from + w * o;
        T *left = to + 2 * w * o, *right = left + o;
        const uint8_t here = h % 2 * 2;
#pragma omp simd
        for (int64_t c = 0; c < o; ++c) {
          const T value = g[c];
          left[c] = chosen[c] == here ? value : T(0);
          right[c] = chosen[c] == here + 1 ? value : T(0);
        }
      }
      std::fill_n(to + 2 * pw * o, (ow - 2 * pw) * o, T(0));
    }
  });
}

int64_t images_each(const Conv2dPoolShape& s, size_t size) {
  static const int64_t kSlice = std::getenv("SLICE") ? std::atoll(std::getenv("SLICE")) : 1 << 20;
  const int64_t image = s.conv.oh * s.conv.ow * s.conv.o * size;
  return std::clamp<int64_t>(kSlice / std::max<int64_t>(1, image), 1,
                             std::max<int64_t>(1, s.conv.n));
}

}  // namespace

template <class T>
void conv2d_pool_forward(cpu::Stream stream, const Conv2dPoolShape& shape, const T* x,
                         const T* weight, const T* bias, T* y, uint8_t* index) {
  thread_local cpu::Scratch scratch;
  const Conv2dShape& s = shape.conv;
  const int64_t in = s.h * s.w * s.c, out = shape.ph() * shape.pw() * s.o;
  const int64_t each = images_each(shape, sizeof(T));
  T* const c = scratch.get<T>(each * s.oh * s.ow * s.o);
  for (int64_t first = 0; first < s.n; first += each) {
    Conv2dShape slice = s;
    slice.n = std::min(each, s.n - first);
    conv2d_forward(stream, slice, x + first * in, weight, bias, c);
    pool(shape, slice.n, c, y + first * out, index ? index + first * out : nullptr);
  }
}

template <class T>
void conv2d_pool_backward_input(cpu::Stream stream, const Conv2dPoolShape& shape, const T* dy,
                                const uint8_t* index, const T* weight, T* dx) {
  thread_local cpu::Scratch scratch;
  const Conv2dShape& s = shape.conv;
  const int64_t in = s.h * s.w * s.c, out = shape.ph() * shape.pw() * s.o;
  const int64_t each = images_each(shape, sizeof(T));
  T* const dc = scratch.get<T>(each * s.oh * s.ow * s.o);
  for (int64_t first = 0; first < s.n; first += each) {
    Conv2dShape slice = s;
    slice.n = std::min(each, s.n - first);
    expand(shape, slice.n, dy + first * out, index + first * out, dc);
    conv2d_backward_input(stream, slice, dc, weight, dx + first * in);
  }
}

template <class T>
void conv2d_pool_backward_weight(cpu::Stream stream, const Conv2dPoolShape& shape, const T* x,
                                 const T* dy, const uint8_t* index, T* dweight, T* dbias) {
  thread_local cpu::Scratch scratch;
  const Conv2dShape& s = shape.conv;
  T* const dc = scratch.get<T>(s.n * s.oh * s.ow * s.o);
  expand(shape, s.n, dy, index, dc);
  conv2d_backward_weight(stream, s, x, dc, dweight, dbias);
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

}  // namespace cuttle::kernels
