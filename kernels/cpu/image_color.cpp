// Colours of images on the CPU: images, shared out among threads; one change of a whole image after
// the other.
#include "../image_color.h"

#include <algorithm>
#include <type_traits>

#include "parallel.h"

namespace cuttle::kernels {
namespace {

template <ColorChange change>
using Constant = std::integral_constant<ColorChange, change>;

/// Calls f(the change as a constant), for loops of their own.
template <class F>
void with_change(ColorChange change, F&& f) {
  switch (change) {
    case ColorChange::brightness:
      return f(Constant<ColorChange::brightness>());
    case ColorChange::contrast:
      return f(Constant<ColorChange::contrast>());
    case ColorChange::saturation:
      return f(Constant<ColorChange::saturation>());
    case ColorChange::hue:
      return f(Constant<ColorChange::hue>());
  }
}

/// Calls f(place of a pixel) for each of an image.
template <class F>
void each_pixel(const ImageColor& s, F&& f) {
  for (int64_t row = 0; row < s.h; ++row)
    for (int64_t col = 0; col < s.w; ++col) f(row * s.strides[2] + col * s.strides[3]);
}

/// What brightness or contrast make of each byte: channels do not meet.
void change_levels(const ImageColor& s, float factor, uint8_t other, const uint8_t* x, uint8_t* y) {
  uint8_t levels[256];
  for (int i = 0; i < 256; ++i) levels[i] = blended(factor, static_cast<uint8_t>(i), other);
  for (int64_t c = 0; c < s.c; ++c)
    each_pixel(s, [&](int64_t at) { y[at + c * s.strides[1]] = levels[x[at + c * s.strides[1]]]; });
}

template <class T>
void change_image(const ImageColor& s, ColorChange change, float factor, const T* x, T* y) {
  const bool is_contrast = change == ColorChange::contrast;
  int64_t units = 0;
  if (is_contrast)
    each_pixel(s, [&](int64_t at) { units += gray_units(s, load_color(s, x + at)); });
  const T mean = mean_gray<T>(s, units);
  if constexpr (sizeof(T) == 1) {
    if (is_contrast || change == ColorChange::brightness)
      return change_levels(s, factor, is_contrast ? mean : T(0), x, y);
  }
  with_change(change, [&](auto constant) {
    each_pixel(s, [&](int64_t at) {
      const Color<T> out = changed(constant.value, factor, s.c == 1, mean, load_color(s, x + at));
      for (int64_t c = 0; c < s.c; ++c) y[at + c * s.strides[1]] = out.at[c];
    });
  });
}

}  // namespace

template <class T>
void image_color(cpu::Stream, const ImageColor& s, const T* x, T* y) {
  // A pixel costs as much as a hundred of the elements that a grain is counted in.
  cpu::parallel_for(s.n, cpu::grain_units(100 * s.h * s.w), [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; ++image) {
      const ColorDraw draw(s, image);
      const T* from = x + image * s.strides[0];
      T* const to = y + image * s.strides[0];
      for (const ColorChange change : draw.order) {
        const int which = static_cast<int>(change);
        if (!s.has[which]) continue;
        change_image(s, change, draw.factor[which], from, to);
        from = to;
      }
      if (from == to) continue;
      each_pixel(s, [&](int64_t at) {
        for (int64_t c = 0; c < s.c; ++c) to[at + c * s.strides[1]] = from[at + c * s.strides[1]];
      });
    }
  });
}

template void image_color(cpu::Stream, const ImageColor&, const uint8_t*, uint8_t*);
template void image_color(cpu::Stream, const ImageColor&, const float*, float*);

}  // namespace cuttle::kernels
