#include "image_dataset.h"

#include <cstring>

#include "../core/creation.h"

namespace cuttle {

void ImageDataset::set_contents(Tensor images, std::vector<int64_t> targets,
                                std::vector<std::string> classes) {
  images_ = std::move(images);
  targets_ = std::move(targets);
  classes_ = std::move(classes);
}

Example ImageDataset::get(size_t index) const {
  if (index >= size()) fail(name_, ": there is no example ", index, ", it has ", size());
  const Shape shape{images_.size(1), images_.size(2), images_.size(3)};
  Tensor image = empty(shape, {.dtype = uint8});
  const auto bytes = static_cast<size_t>(image.numel());
  std::memcpy(image.raw_data(), images_.data<uint8_t>() + index * bytes, bytes);
  return {transform_ ? transform_(image) : image, targets_[index]};
}

}  // namespace cuttle
