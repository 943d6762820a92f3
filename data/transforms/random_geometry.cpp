#include "random_geometry.h"

#include <cmath>

#include "image_batch.h"
#include "resampling.h"

namespace cuttle {
namespace {

kernels::ImageBorder border_of(const std::string& mode) {
  using kernels::ImageBorder;
  if (mode == "constant") return ImageBorder::constant;
  if (mode == "edge") return ImageBorder::edge;
  if (mode == "reflect") return ImageBorder::reflect;
  if (mode == "symmetric") return ImageBorder::symmetric;
  fail(
      "RandomCrop: padding_mode must be \"constant\", \"edge\", \"reflect\" or \"symmetric\", got ",
      '"', mode, '"');
}

}  // namespace

RandomCrop::RandomCrop(const ImageSize& size, const RandomCropOptions& options)
    : size_(size), options_(options) {
  check_size("RandomCrop", size_);
  border_of(options_.padding_mode);
  const ImagePadding& p = options_.padding;
  if (p.left < 0 || p.top < 0 || p.right < 0 || p.bottom < 0)
    fail("RandomCrop: the padding must not be negative, got left ", p.left, ", top ", p.top,
         ", right ", p.right, ", bottom ", p.bottom);
}

kernels::ImageWindow RandomCrop::window(int64_t height, int64_t width) const {
  ImagePadding padding = options_.padding;
  height += padding.top + padding.bottom;
  width += padding.left + padding.right;
  if (options_.pad_if_needed && width < size_.width) {
    padding.left += size_.width - width;
    width += 2 * (size_.width - width);
  }
  if (options_.pad_if_needed && height < size_.height) {
    padding.top += size_.height - height;
    height += 2 * (size_.height - height);
  }
  if (height < size_.height || width < size_.width)
    fail("RandomCrop: a crop of ", size_.height, " × ", size_.width, " does not fit an image of ",
         height, " × ", width, " with its padding; pad_if_needed pads what is smaller");
  return {.oh = size_.height,
          .ow = size_.width,
          .top = -padding.top,
          .tops = height - size_.height + 1,
          .left = -padding.left,
          .lefts = width - size_.width + 1,
          .border = border_of(options_.padding_mode),
          .fill = options_.fill};
}

Tensor RandomCrop::operator()(const Tensor& image) const {
  const ImageBatch batch("RandomCrop", image);
  const kernels::ImageWindow part = window(batch.height(), batch.width());
  return batch.back(image_window(part, batch.random(), batch.images()));
}

RandomResizedCrop::RandomResizedCrop(const ImageSize& size, const RandomResizedCropOptions& options)
    : size_(size), options_(options) {
  check_size("RandomResizedCrop", size_);
  check_interpolation("RandomResizedCrop", options_.interpolation);
  check_range("RandomResizedCrop", "scale", options_.scale, /*zero=*/true);
  check_range("RandomResizedCrop", "ratio", options_.ratio, /*zero=*/false);
}

Tensor RandomResizedCrop::operator()(const Tensor& image) const {
  const ImageBatch batch("RandomResizedCrop", image);
  const auto& [low, high] = options_.ratio;
  const kernels::ImageBoxes part{.low = options_.scale.first,
                                 .high = options_.scale.second,
                                 .log_ratio_low = std::log(low),
                                 .log_ratio_high = std::log(high),
                                 .ratio_low = low,
                                 .ratio_high = high};
  const Tensor boxes = random_image_boxes(part, batch.random(), batch.images());
  return batch.back(
      resample(options_.interpolation, /*antialias=*/true, batch.images(), size_, boxes));
}

RandomHorizontalFlip::RandomHorizontalFlip(double p) : p_(p) {
  if (!(p >= 0 && p <= 1)) fail("RandomHorizontalFlip: p must lie between 0 and 1, got ", p);
}

Tensor RandomHorizontalFlip::operator()(const Tensor& image) const {
  const ImageBatch batch("RandomHorizontalFlip", image);
  const kernels::ImageWindow window{
      .oh = batch.height(), .ow = batch.width(), .flip_probability = p_};
  return batch.back(image_window(window, batch.random(), batch.images()));
}

}  // namespace cuttle
