#include "random_erasing.h"

#include <algorithm>
#include <cmath>

#include "image_batch.h"
#include "resampling.h"

namespace cuttle {

ErasingValue::ErasingValue(std::string_view word) {
  if (word != "random")
    fail("RandomErasing: the value must be a number, one for each channel or \"random\", got \"",
         word, '"');
}

RandomErasing::RandomErasing(const RandomErasingOptions& options) : options_(options) {
  if (!(options_.p >= 0 && options_.p <= 1))
    fail("RandomErasing: p must lie between 0 and 1, got ", options_.p);
  check_range("RandomErasing", "scale", options_.scale, /*zero=*/true);
  check_range("RandomErasing", "ratio", options_.ratio, /*zero=*/false);
  if (options_.scale.second > 1)
    fail("RandomErasing: the scale is a part of the image, at most 1, got ", options_.scale.second);
  if (options_.value.values.size() > kernels::kErasedValues)
    fail("RandomErasing: at most ", kernels::kErasedValues, " values, got ",
         options_.value.values.size());
}

Tensor RandomErasing::operator()(const Tensor& image) const {
  const ImageBatch batch("RandomErasing", image);
  const Tensor& images = batch.images();
  if (images.dtype() != float32)
    fail("RandomErasing: expected float32, got ", images.dtype(), "; put ToTensor() before it");
  const std::vector<float>& values = options_.value.values;
  if (values.size() > 1 && values.size() != static_cast<size_t>(images.size(1)))
    fail("RandomErasing: ", values.size(), " values for an image of ", images.size(1),
         " channels; give one, or one each");
  const kernels::ImageBoxes part{.use = kernels::ImageBoxes::Use::erase,
                                 .low = options_.scale.first,
                                 .high = options_.scale.second,
                                 .log_ratio_low = std::log(options_.ratio.first),
                                 .log_ratio_high = std::log(options_.ratio.second),
                                 .probability = options_.p};
  const ImageRandom random = batch.random();
  kernels::ImageErase erase;
  erase.values = static_cast<int>(values.size());
  std::copy(values.begin(), values.end(), erase.value);
  const Tensor boxes = random_image_boxes(part, random, images);
  return batch.back(erase_images(erase, random, images, boxes));
}

}  // namespace cuttle
