// Colours changed at random.
#pragma once

#include <optional>

#include "../../core/tensor.h"

namespace cuttle {

/// How far a colour may change: a strength, for factors from 1 − strength (0 at least) to 1 +
/// strength, of hue from −strength to strength; or the lowest and the highest factor.
struct JitterRange {
  JitterRange(double s = 0) : strength(s) {}  // NOLINT: a number is one
  JitterRange(double lowest, double highest) : low(lowest), high(highest) {}

  std::optional<double> strength = {};  // or
  double low = 0, high = 0;
};

struct ColorJitterOptions {
  JitterRange brightness = 0, contrast = 0, saturation = 0;
  JitterRange hue = 0;  // in turns: within −0.5 … 0.5
};

/// Brightness, contrast, saturation and hue by uniform factors, one after the other in random
/// order. Images have one channel, whose brightness and contrast change, or three. Bytes get
/// Pillow's values, floats, in 0 … 1, torchvision's.
class ColorJitter {
 public:
  /// Throws Error for a negative strength, a range that falls, and a hue beyond half a turn.
  explicit ColorJitter(const ColorJitterOptions& options);
  /// Throws Error for another number of channels.
  Tensor operator()(const Tensor& image) const;

 private:
  struct Change {
    bool is_there = false;
    double low = 0, high = 0;
  };
  static Change change_of(const char* name, const JitterRange& range, double center);

  Change changes_[4];  // brightness, contrast, saturation, hue
};

}  // namespace cuttle
