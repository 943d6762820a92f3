// A batch put together from stored images: gathered, padded, cropped at random, flipped, normalised
// and partly cut out, in one pass.
#pragma once

#include <cstdint>

#include "image_draws.h"
#include "stream.h"

namespace cuttle::kernels {

/// What lies beyond an image's edges: a constant; the edge's pixel; the image mirrored at the
/// edge's pixel, or at the edge itself, which repeats that pixel.
enum class ImageBorder : uint8_t { constant, edge, reflect, symmetric };

/// Which images are flipped from left to right: each with a probability, or each every second time,
/// half of them at even offsets of the draws and the others at odd ones.
enum class ImageFlip : uint8_t { random, alternating };

/// Image i of the result is a window of stored image order[i]: its rows begin at top + (one of 0 …
/// tops − 1, drawn), rows below 0 and from h on being the border; columns likewise. It is then
/// flipped; each value looked up; and a square of `cutout` rows and columns around a drawn pixel
/// becomes 0.
struct ImageWindow {
  int64_t n = 0, c = 0;
  int64_t stored = 0, h = 0, w = 0;  // of what is stored
  int64_t oh = 0, ow = 0;            // of the result
  int64_t from[4] = {}, to[4] = {};  // strides of N, C, H, W in elements
  const int64_t* order = nullptr;    // in [0, stored); nullptr: image i is stored image i
  ImageDraws draws = {};
  int64_t top = 0, tops = 1, left = 0, lefts = 1;
  ImageBorder border = ImageBorder::constant;
  double fill = 0;  // the constant, before values are looked up
  ImageFlip flip = ImageFlip::random;
  double flip_probability = 0;
  int64_t cutout = 0;
  const float* levels = nullptr;  // (C, 256), what each byte becomes; nullptr: itself
};

/// What of it one image draws.
struct ImagePlacement {
  int64_t top, left;
  bool flips;
  int64_t hole_top, hole_left;

  CUTTLE_HOST_DEVICE ImagePlacement(const ImageWindow& s, int64_t image) {
    top = s.top;
    left = s.left;
    flips = s.flip == ImageFlip::random && s.flip_probability >= 1;
    hole_top = hole_left = 0;
    if (s.tops > 1 || s.lefts > 1 || (s.flip == ImageFlip::random && s.flip_probability > 0)) {
      const PhiloxBlock block = s.draws.block(image, 0);
      top += whole_draw(block.at[0], s.tops);
      left += whole_draw(block.at[1], s.lefts);
      flips = s.flip == ImageFlip::random && unit_draw(block.at[2]) < s.flip_probability;
    }
    if (s.flip == ImageFlip::alternating) {
      constexpr uint64_t kEveryTime = uint64_t{1} << 62;  // an offset that does not change
      const PhiloxAt from = s.draws.at.resolved();
      const uint64_t first = philox(from.seed, kEveryTime, s.draws.number_of(image)).at[0];
      flips = ((first ^ from.offset) & 1) != 0;
    }
    if (s.cutout > 0) {
      const PhiloxBlock block = s.draws.block(image, 1);
      hole_top = whole_draw(block.at[0], s.oh) - s.cutout / 2;
      hole_left = whole_draw(block.at[1], s.ow) - s.cutout / 2;
    }
  }
};

/// The place of position i in a line of `size` > 0 pixels; −1: none.
CUTTLE_HOST_DEVICE inline int64_t border_place(ImageBorder border, int64_t i, int64_t size) {
  if (i >= 0 && i < size) return i;
  if (border == ImageBorder::constant) return -1;
  if (border == ImageBorder::edge || size == 1) return i < 0 ? 0 : size - 1;
  const int64_t repeat = border == ImageBorder::reflect ? 1 : 0;  // pixels not seen twice
  const int64_t period = 2 * (size - repeat);
  const int64_t at = (i % period + period) % period;
  return at < size ? at : period - at - 1 + repeat;
}

/// Pixel (row, col) of image i, all channels. `image` is the stored one.
template <class From, class T>
CUTTLE_HOST_DEVICE inline void write_window_pixel(const ImageWindow& s, const ImagePlacement& place,
                                                  int64_t row, int64_t col, const From* image,
                                                  T* pixel) {
  const bool cut = row >= place.hole_top && row < place.hole_top + s.cutout &&
                   col >= place.hole_left && col < place.hole_left + s.cutout;
  const int64_t h = border_place(s.border, place.top + row, s.h);
  const int64_t w = border_place(s.border, place.left + (place.flips ? s.ow - 1 - col : col), s.w);
  const From fill = static_cast<From>(s.fill);
  const From* const from = image + h * s.from[2] + w * s.from[3];
  for (int64_t c = 0; c < s.c; ++c) {
    const From value = h < 0 || w < 0 ? fill : from[c * s.from[1]];
    T out = T(0);
    if constexpr (sizeof(From) == 1 && sizeof(T) > 1) {
      if (!cut) out = static_cast<T>(s.levels[c * 256 + static_cast<int64_t>(value)]);
    } else {
      if (!cut) out = value;
    }
    pixel[c * s.to[1]] = out;
  }
}

/// y from x, and target i of the result from the stored ones where there are any. h and w are at
/// least 1 unless the border is constant. From bytes to float, Half or BFloat16 through `levels`;
/// bytes to bytes and floats to floats as they are. The same bits on every device.
template <class From, class T>
void image_window(cpu::Stream, const ImageWindow& shape, const From* x,
                  const int64_t* stored_target, T* y, int64_t* target);
template <class From, class T>
void image_window(cuda::Stream, const ImageWindow& shape, const From* x,
                  const int64_t* stored_target, T* y, int64_t* target);

}  // namespace cuttle::kernels
