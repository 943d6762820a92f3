// Single small images on the host are looped over as plain memory.
#include "tensor_transforms.h"

#include <array>

#include "../../core/creation.h"
#include "../../core/ops/arithmetic.h"

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
  const bool is_batch = image.dim() == 4;
  if (image.dtype() != float32 || !(is_batch || (image.dim() == 3 && image.is_cpu()))) {
    fail("Normalize: expected a float32 image (C, H, W) on the CPU or a batch (N, C, H, W), got ",
         image.dtype(), " ", image.shape(), " on ", image.device(), "; put ToTensor() before it");
  }
  const int64_t channels = image.size(-3);
  if (channels != static_cast<int64_t>(mean_.size())) {
    fail("Normalize: the image has ", channels, " channels, mean and std have ", mean_.size());
  }
  if (is_batch) {
    Tensor out = empty_like(image);
    for (int64_t c = 0; c < channels; ++c) {
      const auto i = static_cast<size_t>(c);
      out.select(1, c).copy_((image.select(1, c) - mean_[i]) / std_[i]);
    }
    return out;
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

Tensor byte_levels(int64_t channels, const Normalize* normalize) {
  std::vector<uint8_t> bytes(256);
  for (size_t i = 0; i < 256; ++i) bytes[i] = static_cast<uint8_t>(i);
  const Tensor one = ToTensor()(tensor(bytes).reshape({256, 1, 1}));  // (1, 256, 1)
  const Tensor all = one.expand({channels, 256, 1}).contiguous();
  return (normalize != nullptr ? (*normalize)(all) : all).squeeze(2);
}

}  // namespace cuttle
