// Several transforms in one pass over a picture. Internal to data.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "compose.h"
#include "random_geometry.h"

namespace cuttle {

/// Neighbours of a Compose that move a picture's bytes once: RandomCrop and RandomHorizontalFlip,
/// where they are there, ToTensor, and Normalize where it follows. Gives their bits, and draws what
/// they draw.
class OnePass {
 public:
  /// The one that begins with transforms[first]; none where there is no ToTensor in it.
  static std::shared_ptr<const OnePass> from(const std::vector<Transform>& transforms,
                                             size_t first);

  /// How many transforms it stands for.
  size_t size() const noexcept { return size_; }
  /// Whether it can: a uint8 image (H, W, C) on the CPU with as many channels as Normalize has. The
  /// transforms one by one take others, or refuse them in a sentence.
  bool takes(const Tensor& image) const;
  /// (C, H, W) float32.
  Tensor operator()(const Tensor& image) const;

 private:
  OnePass() = default;

  size_t size_ = 0;
  std::optional<RandomCrop> crop_;
  std::optional<double> flip_probability_;
  bool normalizes_ = false;
  Tensor levels_;  // (C, 256): what bytes become
};

}  // namespace cuttle
