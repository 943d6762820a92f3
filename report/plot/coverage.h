// Anti-aliasing: how much of each pixel a figure covers. Internal to report.
#pragma once

#include <cstddef>
#include <vector>

namespace cuttle::plot {

/// In pixels from the upper left corner; (0.5, 0.5) is the middle of the first pixel.
struct Point {
  double x = 0;
  double y = 0;
};

using Polyline = std::vector<Point>;

/// A rectangle with sides along the axes, in pixels.
struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
  /// Between left and right, top and bottom.
  Point middle() const { return {x + width / 2, y + height / 2}; }
};

/// The pixels around a figure, each with the share of it that is covered, 0 … 1.
struct Coverage {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  std::vector<float> values;  // (height, width)

  size_t row_begin(int y) const { return static_cast<size_t>(y) * static_cast<size_t>(width); }
  float* row(int y) { return values.data() + row_begin(y); }
  const float* row(int y) const { return values.data() + row_begin(y); }
};

/// The inside of closed contours: each pixel's exact area. A contour within one that runs the other
/// way is a hole in it. Only pixels in `clip` are looked at.
Coverage fill_coverage(const std::vector<Polyline>& contours, const Box& clip);

/// A pen's way along a line: round, `thickness` pixels wide, one point gives a disk. Only pixels in
/// `clip` are looked at. Both take coordinates that are finite.
Coverage stroke_coverage(const Polyline& line, double thickness, const Box& clip);

}  // namespace cuttle::plot
