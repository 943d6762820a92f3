#include "one_pass.h"

#include "../../core/creation.h"
#include "image_batch.h"
#include "tensor_transforms.h"

namespace cuttle {
namespace {

constexpr int64_t kMostChannels = 4;  // without Normalize, which says how many there are

}  // namespace

std::shared_ptr<const OnePass> OnePass::from(const std::vector<Transform>& transforms,
                                             size_t first) {
  size_t at = first;
  // The next transform, if it is of that class.
  const auto next = [&]<class T>(std::in_place_type_t<T>) -> const T* {
    const T* const found = at < transforms.size() ? transforms[at].target<T>() : nullptr;
    if (found != nullptr) ++at;
    return found;
  };
  OnePass pass;
  if (const auto* crop = next(std::in_place_type<RandomCrop>)) pass.crop_ = *crop;
  if (const auto* flip = next(std::in_place_type<RandomHorizontalFlip>))
    pass.flip_probability_ = flip->p();
  if (next(std::in_place_type<ToTensor>) == nullptr) return nullptr;
  const auto* const normalize = next(std::in_place_type<Normalize>);
  pass.normalizes_ = normalize != nullptr;
  pass.levels_ = normalize != nullptr
                     ? byte_levels(static_cast<int64_t>(normalize->mean().size()), normalize)
                     : byte_levels(kMostChannels);
  pass.size_ = at - first;
  return std::make_shared<const OnePass>(std::move(pass));
}

bool OnePass::takes(const Tensor& image) const {
  if (!image.defined() || image.dtype() != uint8 || image.dim() != 3 || !image.is_cpu() ||
      image.numel() == 0)
    return false;
  const int64_t channels = image.size(2);
  return normalizes_ ? channels == levels_.size(0) : channels <= kMostChannels;
}

Tensor OnePass::operator()(const Tensor& image) const {
  const ImageBatch batch("ToTensor", image);
  kernels::ImageWindow window{.oh = batch.height(), .ow = batch.width()};
  if (crop_) {
    window = crop_->window(batch.height(), batch.width());
    window.draws = batch.random().draws;
    const kernels::ImagePlacement place(window, 0);
    window.top = place.top;
    window.left = place.left;
    window.tops = window.lefts = 1;
  }
  if (flip_probability_) {
    const kernels::ImageWindow flip{.draws = batch.random().draws,
                                    .flip_probability = *flip_probability_};
    window.flip_probability = kernels::ImagePlacement(flip, 0).flips ? 1 : 0;
  }
  Tensor out = empty({1, image.size(2), window.oh, window.ow});
  WindowTensors beside;
  beside.levels = levels_;
  write_image_window(window, {}, batch.images(), out, beside);
  return out.select(0, 0);
}

}  // namespace cuttle
