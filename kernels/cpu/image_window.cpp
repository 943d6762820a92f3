// A batch from stored images on the CPU: rows of the result, shared out among threads. Pixels that
// lie within their image are moved in runs.
#include "../image_window.h"

#include <cstring>
#include <type_traits>

#include "../half.h"
#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// What a channel's values become.
template <class From, class T>
struct Become {
  const float* levels;  // of the channel

  T operator()(From value) const {
    if constexpr (sizeof(From) == 1 && sizeof(T) > 1)
      return static_cast<T>(levels[static_cast<int64_t>(value)]);
    else
      return value;
  }
};
template <class From, class T>
Become<From, T> become(const ImageWindow& s, int64_t channel) {
  return {s.levels == nullptr ? nullptr : s.levels + channel * 256};
}

/// `count` pixels of three colours that lie together to places kAcross apart, the last one first if
/// they are to be mirrored.
template <bool kMirrored, int kAcross, class From, class T>
void move_colours(const ImageWindow& s, int64_t count, const From* __restrict from, T* to) {
  constexpr int kTo = kMirrored ? -kAcross : kAcross;
  if (kMirrored) from -= 3 * (count - 1), to += kAcross * (count - 1);
  T* __restrict const red = to;
  T* __restrict const green = to + s.to[1];
  T* __restrict const blue = to + 2 * s.to[1];
  const auto to_red = become<From, T>(s, 0), to_green = become<From, T>(s, 1),
             to_blue = become<From, T>(s, 2);
  for (int64_t i = 0; i < count; ++i) {
    red[i * kTo] = to_red(from[i * 3]);
    green[i * kTo] = to_green(from[i * 3 + 1]);
    blue[i * kTo] = to_blue(from[i * 3 + 2]);
  }
}

/// `count` pixels from places `step` apart.
template <class From, class T>
void move_run(const ImageWindow& s, int64_t count, int64_t step, const From* from, T* to) {
  const bool together = s.from[1] == 1 && (step == s.c || step == -s.c);
  const bool dense = together && step == s.c && s.to[1] == 1 && s.to[3] == s.c;
  if (std::is_same_v<From, T> && dense) {
    std::memcpy(to, from, static_cast<size_t>(count * s.c) * sizeof(T));
    return;
  }
  if (together && s.c == 3) {
    if (s.to[3] == 1)
      return step > 0 ? move_colours<false, 1>(s, count, from, to)
                      : move_colours<true, 1>(s, count, from, to);
    if (s.to[3] == 3)
      return step > 0 ? move_colours<false, 3>(s, count, from, to)
                      : move_colours<true, 3>(s, count, from, to);
  }
  for (int64_t c = 0; c < s.c; ++c) {
    const auto to_channel = become<From, T>(s, c);
    for (int64_t i = 0; i < count; ++i)
      to[c * s.to[1] + i * s.to[3]] = to_channel(from[c * s.from[1] + i * step]);
  }
}

/// Row `row` of an image of the result. Columns first … end − 1 have their pixels in the image.
template <class From, class T>
void write_row(const ImageWindow& s, const ImagePlacement& place, int64_t row, const From* image,
               T* to) {
  const int64_t h = border_place(s.border, place.top + row, s.h);
  const bool is_cut = row >= place.hole_top && row < place.hole_top + s.cutout;
  int64_t first = std::clamp<int64_t>(-place.left, 0, s.ow);
  int64_t end = std::clamp<int64_t>(s.w - place.left, first, s.ow);
  if (place.flips) {
    const int64_t mirrored = s.ow - end;
    end = s.ow - first;
    first = mirrored;
  }
  if (h < 0 || is_cut) first = end = s.ow;
  const auto one_by_one = [&](int64_t from, int64_t until) {
    for (int64_t col = from; col < until; ++col)
      write_window_pixel(s, place, row, col, image, to + col * s.to[3]);
  };
  one_by_one(0, first);
  if (first < end) {
    const int64_t w = place.left + (place.flips ? s.ow - 1 - first : first);
    move_run(s, end - first, place.flips ? -s.from[3] : s.from[3],
             image + h * s.from[2] + w * s.from[3], to + first * s.to[3]);
  }
  one_by_one(end, s.ow);
}

}  // namespace

template <class From, class T>
void image_window(cpu::Stream, const ImageWindow& s, const From* x, const int64_t* stored_target,
                  T* y, int64_t* target) {
  // A pixel costs as much as some of the elements that a grain is counted in.
  const int64_t grain = cpu::grain_units(4 * s.c * s.ow);
  cpu::parallel_for(s.n * s.oh, grain, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end;) {
      const int64_t i = line / s.oh, last = std::min(end, (i + 1) * s.oh);
      const ImagePlacement place(s, i);
      const From* const image = x + (s.order == nullptr ? i : s.order[i]) * s.from[0];
      for (; line < last; ++line) {
        const int64_t row = line - i * s.oh;
        write_row(s, place, row, image, y + i * s.to[0] + row * s.to[2]);
      }
    }
  });
  if (target == nullptr) return;
  for (int64_t i = 0; i < s.n; ++i) target[i] = stored_target[s.order == nullptr ? i : s.order[i]];
}

#define CUTTLE_INSTANTIATE(From, T)                                                            \
  template void image_window(cpu::Stream, const ImageWindow&, const From*, const int64_t*, T*, \
                             int64_t*);
CUTTLE_INSTANTIATE(uint8_t, float)
CUTTLE_INSTANTIATE(uint8_t, Half)
CUTTLE_INSTANTIATE(uint8_t, BFloat16)
CUTTLE_INSTANTIATE(uint8_t, uint8_t)
CUTTLE_INSTANTIATE(float, float)

}  // namespace cuttle::kernels
