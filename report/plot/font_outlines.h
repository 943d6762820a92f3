// The outlines of the characters that there are. Internal to report.
#pragma once

#include <cstdint>
#include <span>

namespace cuttle::plot {

/// Units of the outlines' coordinates to a font's size.
inline constexpr double kUnitsPerEm = 2048;

struct Glyph {
  char32_t character;
  int16_t advance;
  int16_t first;  // of its points
  int16_t count;
};

struct GlyphPoint {
  int16_t x, y;  // y upwards
  uint8_t kind;  // 2 begins a contour, 1 ends a line or a curve, 0 is a curve's control point
};

/// Sorted by character.
std::span<const Glyph> font_glyphs();
std::span<const GlyphPoint> font_points();

}  // namespace cuttle::plot
