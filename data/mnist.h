// MNIST: 70,000 handwritten digits of 28 × 28 grey pixels (LeCun, Cortes and Burges, 1998), and
// Fashion-MNIST: as many pictures of clothes in the same form (Xiao, Rasul and Vollgraf, 2017).
#pragma once

#include <filesystem>

#include "data_root.h"
#include "image_dataset.h"

namespace cuttle {

namespace detail {
struct MnistSet;
}  // namespace detail

/// torchvision.datasets.MNIST, all in memory: 60,000 examples for training or 10,000 for testing.
/// images() is uint8 (N, 28, 28, 1).
class MNIST : public ImageDataset {
 public:
  /// Reads the idx files, gzipped or not, in root/MNIST/raw, where torchvision puts them, or in
  /// `root` itself. If one is in neither place and `download` is set, fetches the two files of the
  /// set (11 MB for training) to root/MNIST/raw and checks them; throws DownloadError where that is
  /// not possible. Throws Error naming the files that are missing and where, or the one that is
  /// damaged.
  explicit MNIST(const std::filesystem::path& root = data_root(), bool train = true,
                 Transform transform = ToTensor(), bool download = false);

 protected:
  MNIST(const detail::MnistSet& set, const std::filesystem::path& root, bool train,
        Transform transform, bool download);
};

/// torchvision.datasets.FashionMNIST: the same in root/FashionMNIST/raw (31 MB).
class FashionMNIST : public MNIST {
 public:
  explicit FashionMNIST(const std::filesystem::path& root = data_root(), bool train = true,
                        Transform transform = ToTensor(), bool download = false);
};

}  // namespace cuttle
