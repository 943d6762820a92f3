#include "image_batch.h"

#include <limits>

#include "../loading/sample_random.h"
#include "batch_random.h"

namespace cuttle {

ImageBatch::ImageBatch(std::string_view transform, const Tensor& image) {
  if (!image.defined()) fail(transform, ": the image is undefined");
  is_single_ = image.dim() == 3;
  is_bytes_ = image.dtype() == uint8;
  if ((!is_single_ && image.dim() != 4) || (!is_bytes_ && image.dtype() != float32)) {
    fail(transform,
         ": expected a uint8 image (H, W, C), a float32 image (C, H, W) or a batch of "
         "one of these dtypes (N, C, H, W), got ",
         image.dtype(), " ", image.shape());
  }
  if (image.requires_grad())
    fail(transform, ": the image requires a gradient, and transforms record none; detach() it");
  if (image.size(-1) == 0 || image.size(-2) == 0 || image.size(-3) == 0)
    fail(transform, ": an image of shape ", image.shape(), " has no pixels");
  images_ = !is_single_ ? image
            : is_bytes_ ? image.permute({2, 0, 1}).unsqueeze(0)
                        : image.unsqueeze(0);
}

Tensor ImageBatch::back(const Tensor& result) const {
  if (!is_single_) return result;
  const Tensor image = result.select(0, 0);
  return is_bytes_ ? image.permute({1, 2, 0}) : image;
}

ImageRandom ImageBatch::random() const {
  if (!is_single_) return next_batch_random(images_);
  using Limits = std::numeric_limits<int64_t>;
  const int64_t seed = sample_random().integer(Limits::min(), Limits::max());
  return {.draws = {.at = {.seed = static_cast<uint64_t>(seed)}}};
}

}  // namespace cuttle
