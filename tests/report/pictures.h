// Looking at the pixels of a picture.
#pragma once

#include <cuttle/core/tensor.h>
#include <cuttle/report/plot/color.h>

#include <vector>

namespace cuttle::testing {

/// A picture uint8 (H, W, 3) to look at.
class Picture {
 public:
  explicit Picture(const Tensor& pixels)
      : height(pixels.size(0)), width(pixels.size(1)), values_(pixels.to_vector<uint8_t>()) {}

  plot::Color at(int64_t x, int64_t y) const {
    const auto i = static_cast<size_t>((y * width + x) * 3);
    return {values_[i], values_[i + 1], values_[i + 2]};
  }
  /// How many pixels of columns x0 … x1 − 1 have exactly this colour.
  int64_t count(plot::Color color, int64_t x0 = 0, int64_t x1 = -1) const {
    int64_t number = 0;
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = x0; x < (x1 < 0 ? width : x1); ++x) number += at(x, y) == color ? 1 : 0;
    }
    return number;
  }
  /// How dark all of it is: Σ (255 − value) / 255 of the first channel.
  double ink() const {
    double sum = 0;
    for (size_t i = 0; i < values_.size(); i += 3) sum += (255 - values_[i]) / 255.0;
    return sum;
  }

  int64_t height, width;

 private:
  std::vector<uint8_t> values_;
};

}  // namespace cuttle::testing
