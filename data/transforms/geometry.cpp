#include "geometry.h"

#include <algorithm>
#include <cmath>

#include "../../core/ops/interpolate.h"
#include "image_batch.h"
#include "resampling.h"

namespace cuttle {
namespace {

using kernels::ResizeFilter;

std::optional<ResizeFilter> filter_of(std::string_view interpolation) {
  if (interpolation == "nearest") return ResizeFilter::nearest;
  if (interpolation == "nearest-exact") return ResizeFilter::nearest_exact;
  if (interpolation == "bilinear") return ResizeFilter::linear;
  if (interpolation == "bicubic") return ResizeFilter::cubic;
  return {};
}

// Half of a number of pixels, an odd one's to the even neighbour.
int64_t half_to_even(int64_t pixels) {
  const int64_t down = (pixels - (pixels & 1)) / 2;
  return (pixels & 1) != 0 && (down & 1) != 0 ? down + 1 : down;
}

// Where along a line of `have` pixels the `want` in the middle begin.
int64_t start_of_middle(int64_t have, int64_t want) {
  return want > have ? -((want - have) / 2) : half_to_even(have - want);
}

}  // namespace

void check_size(std::string_view transform, const ImageSize& size) {
  if (size.height < 1 || size.width < 1)
    fail(transform, ": the size is ", size.height, " × ", size.width, "; sides are at least 1");
}

void check_interpolation(std::string_view transform, const std::string& interpolation) {
  if (!filter_of(interpolation))
    fail(transform, ": interpolation must be \"nearest\", \"nearest-exact\", \"bilinear\" or ",
         "\"bicubic\", got \"", interpolation, "\"");
}

void check_range(std::string_view transform, std::string_view of,
                 const std::pair<double, double>& range, bool zero) {
  const auto [low, high] = range;
  if (!(low <= high) || !(zero ? low >= 0 : low > 0) || !std::isfinite(high))
    fail(transform, ": the range of ", of, " must rise and be ", zero ? "not negative" : "positive",
         ", got ", low, " to ", high);
}

Tensor resample(const std::string& interpolation, bool antialias, const Tensor& images,
                const ImageSize& size, const Tensor& boxes) {
  ResizeFilter filter = *filter_of(interpolation);
  // Pillow's nearest pixel is the one in the middle.
  if (images.dtype() == uint8 && filter == ResizeFilter::nearest)
    filter = ResizeFilter::nearest_exact;
  const bool widens = filter == ResizeFilter::linear || filter == ResizeFilter::cubic;
  if (!antialias && widens && images.dtype() != uint8 && !boxes.defined())
    return interpolate(images, {.size = {size.height, size.width}, .mode = interpolation});
  return resize_images(filter, images, size.height, size.width, boxes);
}

Resize::Resize(int64_t size, const ResizeOptions& options)
    : edge_(size), size_(size), options_(options) {
  check_size("Resize", size_);
  check_interpolation("Resize", options_.interpolation);
  if (options_.max_size && *options_.max_size <= size)
    fail("Resize: max_size is ", *options_.max_size, " and size ", size,
         "; the longer edge's limit must be larger than the shorter edge");
}

Resize::Resize(const ImageSize& size, const ResizeOptions& options)
    : size_(size), options_(options) {
  check_size("Resize", size_);
  check_interpolation("Resize", options_.interpolation);
  if (options_.max_size) fail("Resize: max_size goes with one number as size, the shorter edge's");
}

ImageSize Resize::size_for(int64_t height, int64_t width) const {
  if (!edge_) return size_;
  int64_t shorter = *edge_;
  int64_t longer = shorter * std::max(height, width) / std::min(height, width);
  if (options_.max_size && longer > *options_.max_size) {
    shorter = std::max<int64_t>(1, *options_.max_size * shorter / longer);
    longer = *options_.max_size;
  }
  return height <= width ? ImageSize(shorter, longer) : ImageSize(longer, shorter);
}

Tensor Resize::operator()(const Tensor& image) const {
  const ImageBatch batch("Resize", image);
  const ImageSize size = size_for(batch.height(), batch.width());
  if (size.height == batch.height() && size.width == batch.width()) return image;
  return batch.back(resample(options_.interpolation, options_.antialias, batch.images(), size));
}

CenterCrop::CenterCrop(const ImageSize& size) : size_(size) {
  check_size("CenterCrop", size_);
}

Tensor CenterCrop::operator()(const Tensor& image) const {
  const ImageBatch batch("CenterCrop", image);
  kernels::ImageWindow window{.oh = size_.height, .ow = size_.width};
  window.top = start_of_middle(batch.height(), size_.height);
  window.left = start_of_middle(batch.width(), size_.width);
  return batch.back(image_window(window, {}, batch.images()));
}

}  // namespace cuttle
