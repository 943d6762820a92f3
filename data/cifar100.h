// CIFAR-100: photographs of 32 × 32 pixels in a hundred classes, five of which make one of twenty
// coarse classes (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009).
#pragma once

#include <filesystem>

#include "data_root.h"
#include "image_dataset.h"

namespace cuttle {

/// torchvision.datasets.CIFAR100, all in memory: 50,000 examples for training or 10,000 for
/// testing, in the official order. The targets are the fine labels.
class CIFAR100 : public ImageDataset {
 public:
  /// As CIFAR10, from root/cifar-100-binary, root/cifar-100-python or `root` itself; the archive
  /// has 169 MB.
  explicit CIFAR100(const std::filesystem::path& root = data_root(), bool train = true,
                    Transform transform = ToTensor(), bool download = false);

  /// The coarse label of each example, which counts in coarse_classes().
  const std::vector<int64_t>& coarse_targets() const noexcept { return coarse_targets_; }
  /// aquatic_mammals, fish, flowers …
  static const std::vector<std::string>& coarse_classes();

 private:
  std::vector<int64_t> coarse_targets_;
};

}  // namespace cuttle
