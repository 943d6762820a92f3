// Transforms work on single small images on the host, so they loop over plain memory.
#include "transforms.h"

#include <array>

#include "../core/creation.h"

namespace cuttle {
namespace {

// value / 255 for each byte, rounded as a division rounds.
constexpr std::array<float, 256> make_unit_values() {
  std::array<float, 256> values{};
  for (int i = 0; i < 256; ++i) values[static_cast<size_t>(i)] = static_cast<float>(i) / 255.0f;
  return values;
}
constexpr std::array<float, 256> kUnitValues = make_unit_values();

}  // namespace

Tensor ToTensor::operator()(const Tensor& image) const {
  if (image.dtype() != uint8 || image.dim() != 3 || !image.is_cpu()) {
    fail("ToTensor: expected a uint8 image (H, W, C) on the CPU, got ", image.dtype(), " ",
         image.shape(), " on ", image.device());
  }
  const Tensor source = image.contiguous();
  const int64_t channels = source.size(2), pixels = source.size(0) * source.size(1);
  Tensor out = empty({channels, source.size(0), source.size(1)});
  const uint8_t* from = source.data<uint8_t>();  // (H, W, C)
  float* to = out.data<float>();                 // (C, H, W)
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t p = 0; p < pixels; ++p) to[c * pixels + p] = kUnitValues[from[p * channels + c]];
  }
  return out;
}

Normalize::Normalize(std::vector<float> mean, std::vector<float> std)
    : mean_(std::move(mean)), std_(std::move(std)) {
  if (mean_.size() != std_.size()) {
    fail("Normalize: ", mean_.size(), " means but ", std_.size(), " standard deviations");
  }
  for (const float deviation : std_) {
    if (deviation == 0) fail("Normalize: a standard deviation is 0");
  }
}

Tensor Normalize::operator()(const Tensor& image) const {
  if (image.dtype() != float32 || image.dim() != 3 || !image.is_cpu()) {
    fail("Normalize: expected a float32 image (C, H, W) on the CPU, got ", image.dtype(), " ",
         image.shape(), " on ", image.device(), "; put ToTensor() before it");
  }
  if (image.size(0) != static_cast<int64_t>(mean_.size())) {
    fail("Normalize: the image has ", image.size(0), " channels, mean and std have ", mean_.size());
  }
  const Tensor source = image.contiguous();
  Tensor out = empty(source.shape());
  const int64_t pixels = source.size(1) * source.size(2);
  const float* from = source.data<float>();  // (C, H, W)
  float* to = out.data<float>();             // (C, H, W)
  for (size_t c = 0; c < mean_.size(); ++c) {
    for (int64_t p = 0; p < pixels; ++p) *to++ = (*from++ - mean_[c]) / std_[c];
  }
  return out;
}

Tensor Compose::operator()(const Tensor& image) const {
  Tensor out = image;
  for (const Transform& transform : transforms_) {
    if (transform) out = transform(out);
  }
  return out;
}

}  // namespace cuttle
