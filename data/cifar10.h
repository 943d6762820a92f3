// CIFAR-10: 60,000 photographs of 32 × 32 pixels in ten classes (Krizhevsky, "Learning Multiple
// Layers of Features from Tiny Images", 2009).
#pragma once

#include <filesystem>

#include "data_root.h"
#include "image_dataset.h"

namespace cuttle {

/// torchvision.datasets.CIFAR10, all in memory: 50,000 examples for training or 10,000 for testing,
/// in the official order.
class CIFAR10 : public ImageDataset {
 public:
  /// Reads the official binary files in root/cifar-10-batches-bin or in `root` itself, else the
  /// Python files in root/cifar-10-batches-py or in `root`: from the first of these places that has
  /// all files of the training or the test set. If none has and `download` is set, fetches the
  /// binary archive (170 MB) to `root`, or takes the one that was put there, checks and unpacks it;
  /// throws DownloadError where that is not possible. Throws Error naming the files that are
  /// missing and where, or the one that is of a wrong size or damaged.
  explicit CIFAR10(const std::filesystem::path& root = data_root(), bool train = true,
                   Transform transform = ToTensor(), bool download = false);
};

}  // namespace cuttle
