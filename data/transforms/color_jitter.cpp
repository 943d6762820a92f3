#include "color_jitter.h"

#include <algorithm>

#include "image_batch.h"

namespace cuttle {

ColorJitter::Change ColorJitter::change_of(const char* name, const JitterRange& range,
                                           double center) {
  const bool is_hue = center == 0;
  const double least = is_hue ? -0.5 : 0, most = is_hue ? 0.5 : 1e6;
  double low = range.low, high = range.high;
  if (range.strength) {
    if (!(*range.strength >= 0))
      fail("ColorJitter: ", name, " must not be negative, got ", *range.strength);
    low = is_hue ? -*range.strength : std::max(0.0, 1 - *range.strength);
    high = center + *range.strength;
  }
  if (!(least <= low && low <= high && high <= most))
    fail("ColorJitter: ", name, " must lie between ", least, " and ", most, ", got ", low, " to ",
         high);
  return {low != center || high != center, low, high};
}

ColorJitter::ColorJitter(const ColorJitterOptions& options)
    : changes_{change_of("brightness", options.brightness, 1),
               change_of("contrast", options.contrast, 1),
               change_of("saturation", options.saturation, 1), change_of("hue", options.hue, 0)} {}

Tensor ColorJitter::operator()(const Tensor& image) const {
  const ImageBatch batch("ColorJitter", image);
  if (batch.images().size(1) != 1 && batch.images().size(1) != 3)
    fail("ColorJitter: expected images of one channel or three, got ", image.shape());
  kernels::ImageColor color;
  for (int i = 0; i < kernels::kColorChanges; ++i) {
    color.has[i] = changes_[i].is_there;
    color.low[i] = changes_[i].low;
    color.high[i] = changes_[i].high;
  }
  return batch.back(color_images(color, batch.random(), batch.images()));
}

}  // namespace cuttle
