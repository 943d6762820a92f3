// Letters as contours: those of DejaVu Sans, which are compiled in. Internal to report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coverage.h"

namespace cuttle::plot {

/// Height of a capital letter, in units of the font's size.
inline constexpr double kCapHeight = 0.729;

/// How wide a line of UTF-8 text is, in pixels, at a font size of `size` pixels.
double text_width(std::string_view text, double size);

/// `text`, or as many characters of it as fit `width` pixels with an ellipsis behind them.
std::string fitted_text(std::string_view text, double size, double width);

/// Closed contours of each character of a line of text that begins at (0, 0), its baseline on y =
/// 0 and y growing downwards. ASCII, Western European letters, some Greek and mathematical signs;
/// any other character and bytes that are not UTF-8 give the replacement character.
std::vector<std::vector<Polyline>> text_contours(std::string_view text, double size);

}  // namespace cuttle::plot
