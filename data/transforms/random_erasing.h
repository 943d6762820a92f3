// A part of an image taken away at random.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "../../core/tensor.h"

namespace cuttle {

/// What is put in place of an erased part: a number, one for each channel (16 at most), or
/// "random": normal numbers, each element its own.
struct ErasingValue {
  ErasingValue(double number) : values{static_cast<float>(number)} {}  // NOLINT
  ErasingValue(std::vector<float> each) : values(std::move(each)) {}   // NOLINT
  template <size_t length>
  ErasingValue(const char (&word)[length]) : ErasingValue(std::string_view(word)) {}  // NOLINT
  /// Throws Error for another word than "random".
  explicit ErasingValue(std::string_view word);

  std::vector<float> values = {};  // none: random
};

struct RandomErasingOptions {
  double p = 0.5;
  std::pair<double, double> scale = {0.02, 0.33};  // of the image's area
  std::pair<double, double> ratio = {0.3, 3.3};    // height over width
  ErasingValue value = 0;
};

/// With probability p, erases a box of random area, aspect ratio and place from a float32 image
/// (C, H, W) or from each of a batch (N, C, H, W). (Zhong et al., "Random Erasing Data
/// Augmentation", 2017.)
class RandomErasing {
 public:
  /// Throws Error for a p outside of [0, 1], a scale beyond it, ranges that fall, and more values
  /// than 16.
  explicit RandomErasing(const RandomErasingOptions& options = {});
  /// Throws Error for bytes, and for images with another number of channels than there are values.
  Tensor operator()(const Tensor& image) const;

 private:
  RandomErasingOptions options_;
};

}  // namespace cuttle
