// Colours of images changed at random: brightness, contrast, saturation and hue, in random order.
// Bytes by Pillow's arithmetic, floats in 0 … 1 by torchvision's.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "image_draws.h"
#include "stream.h"

namespace cuttle::kernels {

inline constexpr int kColorChanges = 4;
enum class ColorChange : uint8_t { brightness, contrast, saturation, hue };

/// Images (N, C, H, W) of one channel or three. Each change that is there takes a factor uniform in
/// low … high: of brightness, contrast and saturation 1 changes nothing, of hue 0, in turns.
struct ImageColor {
  int64_t n = 0, c = 0, h = 0, w = 0;
  int64_t strides[4] = {};  // of N, C, H, W in elements, of x and y
  ImageDraws draws;
  bool has[kColorChanges] = {};
  double low[kColorChanges] = {}, high[kColorChanges] = {};
};

/// What one image draws: block 0 the order, block 1 the factors.
struct ColorDraw {
  ColorChange order[kColorChanges];
  float factor[kColorChanges];

  CUTTLE_HOST_DEVICE ColorDraw(const ImageColor& s, int64_t image) {
    const PhiloxBlock places = s.draws.block(image, 0), factors = s.draws.block(image, 1);
    for (int i = 0; i < kColorChanges; ++i) {
      order[i] = static_cast<ColorChange>(i);
      factor[i] = static_cast<float>(s.low[i] + (s.high[i] - s.low[i]) * unit_draw(factors.at[i]));
    }
    for (int i = kColorChanges - 1; i > 0; --i) {
      const int64_t j = whole_draw(places.at[i], i + 1);
      const ColorChange other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
  }
};

template <class T>
struct Color {
  T at[3];
};

/// Half-way colours: of bytes cut off to whole levels.
template <class T>
CUTTLE_HOST_DEVICE inline T blended(float factor, T value, T other) {
  if constexpr (sizeof(T) == 1) {
    const int from = other, difference = value - from;
    const float out = static_cast<float>(from) + factor * static_cast<float>(difference);
    return static_cast<T>(out <= 0 ? 0 : out >= 255 ? 255 : out);
  } else {
    const T out = factor * value + (1 - factor) * other;
    return out < 0 ? T(0) : out > 1 ? T(1) : out;
  }
}

template <class T>
CUTTLE_HOST_DEVICE inline T gray_of(const Color<T>& x) {
  if constexpr (sizeof(T) == 1)
    return static_cast<T>((x.at[0] * 19595 + x.at[1] * 38470 + x.at[2] * 7471 + 0x8000) >> 16);
  else
    return T(0.2989) * x.at[0] + T(0.587) * x.at[1] + T(0.114) * x.at[2];
}

/// Hue in turns, [0, 1), of a colour whose channels are not all the same.
template <class T, class Real>
CUTTLE_HOST_DEVICE inline Real hue_of(const Color<T>& x, T most, Real range) {
  const Real r = static_cast<Real>(most - x.at[0]) / range;
  const Real g = static_cast<Real>(most - x.at[1]) / range;
  const Real b = static_cast<Real>(most - x.at[2]) / range;
  const Real sixth = x.at[0] == most ? b - g : x.at[1] == most ? 2 + r - b : 4 + g - r;
  const Real turn = sixth / 6 + 1;
  return turn >= 1 ? turn - 1 : turn;
}

/// The colour with that value and its two lesser levels, in sector 0 … 5 of the hues.
template <class T>
CUTTLE_HOST_DEVICE inline Color<T> in_sector(int sector, T value, T p, T q, T t) {
  switch (sector) {
    case 0:
      return {{value, t, p}};
    case 1:
      return {{q, value, p}};
    case 2:
      return {{p, value, t}};
    case 3:
      return {{p, q, value}};
    case 4:
      return {{t, p, value}};
    default:
      return {{value, p, q}};
  }
}

CUTTLE_HOST_DEVICE inline Color<uint8_t> with_hue(float factor, const Color<uint8_t>& x) {
  int most = x.at[0], least = x.at[0];
  for (int c = 1; c < 3; ++c) {
    most = x.at[c] > most ? x.at[c] : most;
    least = x.at[c] < least ? x.at[c] : least;
  }
  if (most == least) return x;
  const auto range = static_cast<float>(most - least);
  const float turn = hue_of(x, static_cast<uint8_t>(most), range);
  const int shift = static_cast<int>(static_cast<double>(factor) * 255);
  const int hue = (static_cast<int>(static_cast<double>(turn) * 255) + shift) & 255;
  const int saturation =
      static_cast<int>(static_cast<double>(range / static_cast<float>(most)) * 255);
  if (saturation == 0) {
    const auto level = static_cast<uint8_t>(most);
    return {{level, level, level}};
  }
  const double sixths = hue * 6.0 / 255.0;
  const int whole = static_cast<int>(sixths);
  const auto rest = static_cast<float>(sixths - whole);
  const float part = static_cast<float>(saturation) / 255;
  const auto level = [&](double lack) {
    return static_cast<uint8_t>(static_cast<double>(most) * (1.0 - lack) + 0.5);
  };
  return in_sector(whole % 6, static_cast<uint8_t>(most), level(part),
                   level(static_cast<double>(part) * static_cast<double>(rest)),
                   level(static_cast<double>(part) * (1.0 - static_cast<double>(rest))));
}

CUTTLE_HOST_DEVICE inline Color<float> with_hue(float factor, const Color<float>& x) {
  float most = x.at[0], least = x.at[0];
  for (int c = 1; c < 3; ++c) {
    most = x.at[c] > most ? x.at[c] : most;
    least = x.at[c] < least ? x.at[c] : least;
  }
  if (!(most > least)) return x;
  float turn = hue_of(x, most, most - least) + factor;
  turn = turn < 0 ? turn + 1 : turn >= 1 ? turn - 1 : turn;
  const float sixths = turn * 6, saturation = (most - least) / most;
  const int whole = static_cast<int>(sixths);
  const float rest = sixths - static_cast<float>(whole);
  const auto level = [&](float lack) {
    const float out = most * (1 - lack);
    return out < 0 ? 0.f : out > 1 ? 1.f : out;
  };
  return in_sector(whole % 6, most, level(saturation), level(saturation * rest),
                   level(saturation * (1 - rest)));
}

/// One change. `mean`: the image's mean gray before it, for contrast. Gray images have neither
/// saturation nor hue.
template <class T>
CUTTLE_HOST_DEVICE inline Color<T> changed(ColorChange change, float factor, bool is_gray, T mean,
                                           const Color<T>& x) {
  if (change == ColorChange::hue) return is_gray ? x : with_hue(factor, x);
  if (change == ColorChange::saturation && is_gray) return x;
  const T other = change == ColorChange::brightness ? T(0)
                  : change == ColorChange::contrast ? mean
                                                    : gray_of(x);
  Color<T> out = x;
  for (int c = 0; c < 3; ++c) out.at[c] = blended(factor, x.at[c], other);
  return out;
}

/// A pixel: one channel stands for three.
template <class T>
CUTTLE_HOST_DEVICE inline Color<T> load_color(const ImageColor& s, const T* pixel) {
  if (s.c == 1) return {{*pixel, *pixel, *pixel}};
  return {{pixel[0], pixel[s.strides[1]], pixel[2 * s.strides[1]]}};
}

/// The changes in their order; up to, and without, contrast with `until_contrast`.
template <class T>
CUTTLE_HOST_DEVICE inline Color<T> with_changes(const ImageColor& s, const ColorDraw& draw,
                                                bool until_contrast, T mean, Color<T> x) {
  for (int i = 0; i < kColorChanges; ++i) {
    const ColorChange change = draw.order[i];
    const int which = static_cast<int>(change);
    if (!s.has[which]) continue;
    if (until_contrast && change == ColorChange::contrast) break;
    x = changed(change, draw.factor[which], s.c == 1, mean, x);
  }
  return x;
}

/// Grays are summed as whole numbers, floats as those of 2⁻³⁰, so that no order of summing counts;
/// those beyond ±4096 count as that.
template <class T>
CUTTLE_HOST_DEVICE inline int64_t gray_units(const ImageColor& s, const Color<T>& x) {
  const T gray = s.c == 1 ? x.at[0] : gray_of(x);
  if constexpr (sizeof(T) == 1) {
    return gray;
  } else {
    if (!(gray == gray)) return 0;
    const double bounded = gray < -4096 ? -4096.0 : gray > 4096 ? 4096.0 : double{gray};
    return static_cast<int64_t>(bounded * 0x1p30);
  }
}
template <class T>
CUTTLE_HOST_DEVICE inline T mean_gray(const ImageColor& s, int64_t units) {
  const double mean = static_cast<double>(units) / static_cast<double>(s.h * s.w);
  if constexpr (sizeof(T) == 1)
    return static_cast<T>(mean + 0.5);
  else
    return static_cast<T>(mean * 0x1p-30);
}

/// y from x. The same bits on every device. T: uint8_t, float.
template <class T>
void image_color(cpu::Stream, const ImageColor& shape, const T* x, T* y);
template <class T>
void image_color(cuda::Stream, const ImageColor& shape, const T* x, T* y);

}  // namespace cuttle::kernels
