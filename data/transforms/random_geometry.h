// Where an image's pixels go, by chance: cropped, flipped. What is drawn for an image belongs to
// its example, whatever batch, thread or device it is on.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "geometry.h"

namespace cuttle {

namespace kernels {
struct ImageWindow;
}

/// Pixels to put around an image: the same everywhere; left and right, top and bottom; or left,
/// top, right, bottom.
struct ImagePadding {
  ImagePadding(int64_t all = 0) : ImagePadding(all, all) {}  // NOLINT: a number is a padding
  ImagePadding(int64_t sides, int64_t ends) : ImagePadding(sides, ends, sides, ends) {}
  ImagePadding(int64_t on_left, int64_t on_top, int64_t on_right, int64_t on_bottom)
      : left(on_left), top(on_top), right(on_right), bottom(on_bottom) {}

  int64_t left, top, right, bottom;
};

struct RandomCropOptions {
  ImagePadding padding = 0;
  /// Pads smaller images by what they lack, on each side.
  bool pad_if_needed = false;
  double fill = 0;                        // of "constant"
  std::string padding_mode = "constant";  // "edge", "reflect" (at the pixel), "symmetric" (at the
                                          // edge, which repeats it)
};

/// A part of that size, each place as likely as another.
class RandomCrop {
 public:
  /// Throws Error for sizes below 1, a negative padding and another mode.
  explicit RandomCrop(const ImageSize& size, const RandomCropOptions& options = {});
  /// Throws Error for images that are smaller after padding.
  Tensor operator()(const Tensor& image) const;

  const ImageSize& size() const noexcept { return size_; }
  /// Internal to data: which part of images of that size (kernels/image_window.h).
  kernels::ImageWindow window(int64_t height, int64_t width) const;

 private:
  ImageSize size_;
  RandomCropOptions options_;
};

/// Flipped from left to right with probability p.
class RandomHorizontalFlip {
 public:
  /// Throws Error for a p outside of [0, 1].
  explicit RandomHorizontalFlip(double p = 0.5);
  Tensor operator()(const Tensor& image) const;

  double p() const noexcept { return p_; }

 private:
  double p_;
};

struct RandomResizedCropOptions {
  std::pair<double, double> scale = {0.08, 1};           // of the image's area
  std::pair<double, double> ratio = {3. / 4., 4. / 3.};  // width over height
  std::string interpolation = "bilinear";                // as Resize's, antialiased
};

/// A part of random area and aspect ratio (its logarithm uniform), at a random place, in that size.
/// Where ten draws give none that fits: the largest one in the middle whose ratio is allowed.
class RandomResizedCrop {
 public:
  /// Throws Error for sizes below 1, ranges that are empty or not positive, and a name that there
  /// is no interpolation of.
  explicit RandomResizedCrop(const ImageSize& size, const RandomResizedCropOptions& options = {});
  Tensor operator()(const Tensor& image) const;

 private:
  ImageSize size_;
  RandomResizedCropOptions options_;
};

}  // namespace cuttle
