// From bytes to floats, and floats to a mean and deviation.
#pragma once

#include <vector>

#include "../../core/tensor.h"

namespace cuttle {

/// uint8 (H, W, C) in 0 … 255 to float32 (C, H, W) in 0 … 1, contiguous.
/// Throws Error for another dtype or rank.
class ToTensor {
 public:
  Tensor operator()(const Tensor& image) const;
};

/// (x − mean) / std for each channel of a float32 image (C, H, W) or batch (N, C, H, W).
class Normalize {
 public:
  /// One value a channel. Throws Error if the two differ in number or a deviation is 0.
  Normalize(std::vector<float> mean, std::vector<float> std);
  /// Throws Error for another dtype, rank or number of channels.
  Tensor operator()(const Tensor& image) const;

  const std::vector<float>& mean() const noexcept { return mean_; }
  const std::vector<float>& std() const noexcept { return std_; }

 private:
  std::vector<float> mean_;
  std::vector<float> std_;
};

/// Internal to data: (channels, 256) float32, what ToTensor and, where there is one, Normalize make
/// of each byte; their bits.
Tensor byte_levels(int64_t channels, const Normalize* normalize = nullptr);

}  // namespace cuttle
