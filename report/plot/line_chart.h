// Curves over numbers: losses, accuracies, learning rates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "canvas.h"

namespace cuttle::plot {

struct Curve {
  std::string label;           // in the legend; none if empty
  std::vector<double> y;       // where one is not finite, the line is broken
  std::vector<double> x = {};  // as many, rising or not; 1, 2, 3 … if empty
};

struct LineChartOptions {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  int width = 640;  // pixels, as all lengths
  int height = 440;
  double font_size = 15;  // margins and the thickness of lines go with it
  /// The range; where not given, that of the curves and a little more.
  std::optional<double> y_min = {};
  std::optional<double> y_max = {};
  bool log_y = false;  // numbers that are not positive are left out
};

/// The curves in a frame with axes, and a legend above it. A curve of up to 40 points has them
/// marked. Returns uint8 (height, width, 3). Throws Error if a curve's x and y differ in number, if
/// y_min is not below y_max (or not positive, with log_y), or if the picture is too small for its
/// letters.
Tensor line_chart(const std::vector<Curve>& curves, const LineChartOptions& options = {});

}  // namespace cuttle::plot
