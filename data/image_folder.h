// Pictures in folders that bear the names of their classes: torchvision.datasets.ImageFolder.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dataset.h"
#include "transforms.h"

namespace cuttle {

struct ImageFolderOptions {
  /// What the number of a class becomes; empty: itself.
  std::function<int64_t(int64_t)> target_transform = {};
  /// Reads a file; empty: read_image(path), uint8 (H, W, 3).
  std::function<Tensor(const std::filesystem::path&)> loader = {};
  /// Which files are taken; empty: those with one of image_extensions().
  std::function<bool(const std::filesystem::path&)> is_valid_file = {};
  bool allow_empty = false;  // keep classes without a file
};

/// root/dog/xxx.png, root/dog/deeper/yyy.jpg, root/cat/zzz.png …: one folder a class, with its
/// pictures in it or below it. Classes are numbered in the order of their names; the order of the
/// pictures is torchvision's. A picture is read when it is asked for, from several threads at once
/// if loader and transforms allow it.
class ImageFolder : public Dataset {
 public:
  struct Sample {
    std::filesystem::path path;
    int64_t target = 0;  // before target_transform
  };

  /// Throws Error if `root` is no folder, has no folder in it, has classes without a picture (which
  /// it names) and `allow_empty` is not set, or if links in it lead in a circle.
  explicit ImageFolder(const std::filesystem::path& root, Transform transform = ToTensor(),
                       ImageFolderOptions options = {});

  /// Throws Error naming the file if it cannot be read.
  Example get(size_t index) const override;
  size_t size() const override { return samples_.size(); }

  const std::vector<std::string>& classes() const noexcept { return classes_; }
  const std::map<std::string, int64_t>& class_to_idx() const noexcept { return class_to_idx_; }
  const std::vector<Sample>& samples() const noexcept { return samples_; }
  /// The class of each sample.
  const std::vector<int64_t>& targets() const noexcept { return targets_; }

 private:
  void find_classes(const std::filesystem::path& root);
  void find_samples(const std::filesystem::path& root);

  Transform transform_;
  ImageFolderOptions options_;
  std::vector<std::string> classes_;
  std::map<std::string, int64_t> class_to_idx_;
  std::vector<Sample> samples_;
  std::vector<int64_t> targets_;
};

/// torchvision's endings and those of what else read_image() reads, in small letters. TIFF and WebP
/// are among them, so that a folder has the same samples as in torchvision: such a file is an Error
/// when it is read, unless another loader reads it.
const std::vector<std::string>& image_extensions();

}  // namespace cuttle
