// What can be done to an example's image on its way into a batch: torchvision.transforms.
#pragma once

#include <functional>
#include <vector>

#include "../core/tensor.h"

namespace cuttle {

/// Any function from one image to another; an empty one leaves it as it is.
using Transform = std::function<Tensor(const Tensor&)>;

/// uint8 (H, W, C) in 0 … 255 to float32 (C, H, W) in 0 … 1, contiguous.
/// Throws Error for another dtype or rank.
class ToTensor {
 public:
  Tensor operator()(const Tensor& image) const;
};

/// (x − mean) / std for each channel of a float32 (C, H, W) image.
class Normalize {
 public:
  /// One value a channel. Throws Error if the two differ in number or a deviation is 0.
  Normalize(std::vector<float> mean, std::vector<float> std);
  /// Throws Error for another dtype, rank or number of channels.
  Tensor operator()(const Tensor& image) const;

 private:
  std::vector<float> mean_;
  std::vector<float> std_;
};

/// One transform after the other: Compose({ToTensor(), Normalize({0.5f}, {0.5f})}).
class Compose {
 public:
  explicit Compose(std::vector<Transform> transforms) : transforms_(std::move(transforms)) {}
  Tensor operator()(const Tensor& image) const;

 private:
  std::vector<Transform> transforms_;
};

}  // namespace cuttle
