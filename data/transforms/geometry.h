// Where an image's pixels go, without chance: its size, and its middle.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "../../core/tensor.h"

namespace cuttle {

/// Rows and columns; one number is both.
struct ImageSize {
  ImageSize(int64_t side) : height(side), width(side) {}  // NOLINT: one number is a size
  ImageSize(int64_t rows, int64_t columns) : height(rows), width(columns) {}

  int64_t height, width;
};

struct ResizeOptions {
  std::string interpolation = "bilinear";  // "nearest", "nearest-exact", "bilinear", "bicubic"
  /// Given one number as size: the longer edge at most.
  std::optional<int64_t> max_size = {};
  /// Of float images alone: without it bilinear and bicubic filters do not widen as an image gets
  /// smaller (interpolate()). Bytes never alias, as with PIL's.
  bool antialias = true;
};

/// Another size, by Pillow's filters: bytes get Pillow's values, floats those of torch's
/// antialiased interpolation.
class Resize {
 public:
  /// The shorter edge becomes `size`, the longer one keeps the ratio, rounded down.
  explicit Resize(int64_t size, const ResizeOptions& options = {});
  /// That size. Throws Error, as the above does, for sizes below 1, a name that there is no
  /// interpolation of, and a max_size that does not fit.
  explicit Resize(const ImageSize& size, const ResizeOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  ImageSize size_for(int64_t height, int64_t width) const;

  std::optional<int64_t> edge_;
  ImageSize size_;
  ResizeOptions options_;
};

/// The middle of an image, and 0 around it where it is smaller.
class CenterCrop {
 public:
  /// Throws Error for sizes below 1.
  explicit CenterCrop(const ImageSize& size);
  Tensor operator()(const Tensor& image) const;

 private:
  ImageSize size_;
};

}  // namespace cuttle
