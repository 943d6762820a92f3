// A box in each image of a batch, of random area, aspect ratio and place: what is cropped, or
// erased.
#pragma once

#include <cmath>
#include <cstdint>

#include "image_draws.h"
#include "random_math.h"
#include "stream.h"

namespace cuttle::kernels {

/// Boxes in images of h × w. Each of ten draws takes an area, uniform in `low` … `high` of the
/// image's, and a ratio whose logarithm is uniform between those of its limits; one side is √(area
/// · ratio), the other √(area / ratio), rounded; the first draw that fits is taken, at a place as
/// likely as every other.
struct ImageBoxes {
  /// crop: the ratio is width over height; a box may be as large as the image; if none fits it is
  /// the largest one in the middle whose ratio is within the limits. erase: height over width;
  /// smaller than the image both ways; if none fits, and for images that `probability` leaves out,
  /// the box is empty.
  enum class Use : uint8_t { crop, erase } use = Use::crop;
  int64_t n = 0, h = 0, w = 0;
  ImageDraws draws = {};
  double low = 0, high = 1;
  double log_ratio_low = 0, log_ratio_high = 0, ratio_low = 1, ratio_high = 1;
  double probability = 1;
};

struct ImageBox {
  int64_t top = 0, left = 0, height = 0, width = 0;
};

/// eˣ for |x| < 20 within 10⁻¹², the same bits on every device: Taylor's series of x / 1024, to the
/// power of 1024.
CUTTLE_HOST_DEVICE inline double portable_exp(double x) {
  x *= 0x1p-10;
  double sum = 1;
  for (int k = 8; k >= 1; --k) sum = 1 + x * sum / k;
  for (int k = 0; k < 10; ++k) sum *= sum;
  return sum;
}

CUTTLE_HOST_DEVICE inline int64_t rounded_side(double x) {
  return static_cast<int64_t>(x + 0.5);
}

CUTTLE_HOST_DEVICE inline ImageBox box_in_the_middle(const ImageBoxes& s) {
  ImageBox box{0, 0, s.h, s.w};
  const double ratio = static_cast<double>(s.w) / static_cast<double>(s.h);
  if (ratio < s.ratio_low) box.height = rounded_side(static_cast<double>(s.w) / s.ratio_low);
  if (ratio > s.ratio_high) box.width = rounded_side(static_cast<double>(s.h) * s.ratio_high);
  box.top = (s.h - box.height) / 2;
  box.left = (s.w - box.width) / 2;
  return box;
}

/// Blocks 0 … 10 of the image's draws.
CUTTLE_HOST_DEVICE inline ImageBox draw_box(const ImageBoxes& s, int64_t image) {
  const bool erases = s.use == ImageBoxes::Use::erase;
  if (erases && !(unit_draw(s.draws.block(image, 10).at[0]) < s.probability)) return {};
  const double area = static_cast<double>(s.h) * static_cast<double>(s.w);
  for (int k = 0; k < 10; ++k) {
    const PhiloxBlock block = s.draws.block(image, k);
    const double part = area * (s.low + (s.high - s.low) * unit_draw(block.at[0]));
    const double ratio = portable_exp(s.log_ratio_low + (s.log_ratio_high - s.log_ratio_low) *
                                                            unit_draw(block.at[1]));
    const int64_t along = rounded_side(std::sqrt(part * ratio));
    const int64_t across = rounded_side(std::sqrt(part / ratio));
    const int64_t height = erases ? along : across, width = erases ? across : along;
    const bool fits = erases ? height < s.h && width < s.w
                             : height > 0 && width > 0 && height <= s.h && width <= s.w;
    if (fits)
      return {whole_draw(block.at[2], s.h - height + 1), whole_draw(block.at[3], s.w - width + 1),
              height, width};
  }
  return erases ? ImageBox{} : box_in_the_middle(s);
}

/// boxes (N, 4): top, left, height, width. The same on every device.
void image_boxes(cpu::Stream, const ImageBoxes& shape, int64_t* boxes);
void image_boxes(cuda::Stream, const ImageBoxes& shape, int64_t* boxes);

inline constexpr int kErasedValues = 16;

/// What a box is filled with: one value for all channels, one each, or normal numbers (none),
/// element by element.
struct ImageErase {
  int64_t n = 0, c = 0, h = 0, w = 0;
  int64_t strides[4] = {};         // of N, C, H, W in elements, of x and y
  const int64_t* boxes = nullptr;  // (N, 4)
  int values = 0;                  // how many: 0, 1 or c
  float value[kErasedValues] = {};
  ImageDraws draws;
};

/// True within image i's box.
CUTTLE_HOST_DEVICE inline bool is_erased(const ImageErase& s, int64_t image, int64_t row,
                                         int64_t col) {
  const int64_t* const box = s.boxes + 4 * image;
  return row >= box[0] && row < box[0] + box[2] && col >= box[1] && col < box[1] + box[3];
}

/// Channel c of an erased pixel: of normal numbers block 16 + (its row-major number) / 4.
CUTTLE_HOST_DEVICE inline float erased_value(const ImageErase& s, int64_t image, int64_t c,
                                             int64_t row, int64_t col) {
  if (s.values > 0) return s.value[s.values == 1 ? 0 : c];
  const int64_t element = (c * s.h + row) * s.w + col;
  const PhiloxBlock block = s.draws.block(image, 16 + element / 4);
  const Pair<float> pair = normal_pair<float>(block, static_cast<int>(element / 2 % 2));
  return element % 2 == 0 ? pair.first : pair.second;
}

/// y = x but in the boxes.
void image_erase(cpu::Stream, const ImageErase& shape, const float* x, float* y);
void image_erase(cuda::Stream, const ImageErase& shape, const float* x, float* y);

}  // namespace cuttle::kernels
