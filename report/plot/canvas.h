// A picture being drawn: lines, areas, letters and pictures, all anti-aliased.
#pragma once

#include <string_view>
#include <vector>

#include "../../core/tensor.h"
#include "color.h"
#include "coverage.h"

namespace cuttle::plot {

struct TextStyle {
  double size = 14;  // of the font, in pixels: a capital is 0.73 of it high
  Color color = kInk;
  double align_x = 0;  // the share of the text that lies left of the point: 0, 0.5 or 1
  double align_y = 0;  // 0: the baseline on the point; 0.5 and 1: middle and top of the capitals
  double angle = 0;    // in degrees, counter-clockwise about the point
};

/// A canvas of `width` × `height` pixels. What is drawn later lies above; what would lie outside is
/// left out. Coordinates that are not finite draw nothing.
class Canvas {
 public:
  /// Throws Error if a side is not in 1 … 16384.
  Canvas(int width, int height, Color background = kWhite);

  int width() const noexcept { return width_; }
  int height() const noexcept { return height_; }

  /// The inside of closed contours; one within another that runs the other way is a hole.
  void fill(const std::vector<Polyline>& contours, Color color);
  void fill(const Box& box, Color color);
  /// A line through the points with round corners and ends.
  void stroke(const Polyline& line, double thickness, Color color);
  void disk(Point middle, double radius, Color color) { stroke({middle}, 2 * radius, color); }
  /// One line of UTF-8 text: ASCII, Western European letters, some Greek and mathematical signs; a
  /// question mark in a diamond for any other character.
  void text(Point point, std::string_view text, const TextStyle& style = {});
  /// A picture, uint8 (H, W), (H, W, 1) or (H, W, 3) on the CPU, stretched to the box: each pixel
  /// is the mean of what lies beneath it. Throws Error for another shape or dtype.
  void image(const Tensor& pixels, const Box& box);

  /// Keeps lines, areas and letters drawn from now on inside the box; without one, inside the
  /// canvas.
  void clip(const Box& box);
  void unclip() { clip_ = {0, 0, static_cast<double>(width_), static_cast<double>(height_)}; }

  /// The picture, uint8 (height, width, 3), for write_image and SummaryWriter. A copy.
  Tensor pixels() const;

 private:
  void paint(const Coverage& coverage, Color color);
  uint8_t* pixel(int x, int y) {
    return &pixels_[(static_cast<size_t>(y) * static_cast<size_t>(width_) +
                     static_cast<size_t>(x)) *
                    3];
  }

  int width_;
  int height_;
  Box clip_;
  std::vector<uint8_t> pixels_;  // (height, width, 3)
};

/// Pictures in a row, or one below the other; what a smaller one leaves free is white. All are
/// uint8 (H, W, 3), on the CPU. Throws Error for others, and if there is none.
Tensor beside(const std::vector<Tensor>& pictures);
Tensor below(const std::vector<Tensor>& pictures);

}  // namespace cuttle::plot
