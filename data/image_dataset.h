// Labelled pictures of one size, all in memory: what CIFAR10 and SyntheticCIFAR10 have in common.
#pragma once

#include <string>
#include <vector>

#include "dataset.h"
#include "transforms.h"

namespace cuttle {

/// get(i) gives the transform of picture i, a uint8 tensor (H, W, C) with memory of its own, and
/// its class. Safe to call from several threads if the transform is.
class ImageDataset : public Dataset {
 public:
  Example get(size_t index) const override;
  size_t size() const override { return targets_.size(); }

  /// Names of the classes; a target counts in this list.
  const std::vector<std::string>& classes() const noexcept { return classes_; }
  /// All pictures, uint8 (N, H, W, C).
  const Tensor& images() const noexcept { return images_; }
  const std::vector<int64_t>& targets() const noexcept { return targets_; }

 protected:
  /// `name` stands in messages.
  ImageDataset(std::string name, Transform transform)
      : name_(std::move(name)), transform_(std::move(transform)) {}
  /// `images` uint8 (N, H, W, C), one target each.
  void set_contents(Tensor images, std::vector<int64_t> targets, std::vector<std::string> classes);

 private:
  std::string name_;
  Transform transform_;
  Tensor images_;  // (N, H, W, C)
  std::vector<int64_t> targets_;
  std::vector<std::string> classes_;
};

}  // namespace cuttle
