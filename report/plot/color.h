// Colours of pictures: chosen so that the colour-blind tell them apart, and in grey print too.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cuttle::plot {

/// sRGB, 0 … 255 each.
struct Color {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;

  friend bool operator==(const Color&, const Color&) = default;
};

inline constexpr Color kBlack{0, 0, 0};
inline constexpr Color kWhite{255, 255, 255};
inline constexpr Color kInk{38, 38, 38};          // of text
inline constexpr Color kFaintInk{110, 110, 110};  // of text that stands back
inline constexpr Color kGridLine{226, 226, 226};  // behind curves
inline constexpr Color kBlue{0, 114, 178};        // what is right
inline constexpr Color kVermilion{213, 94, 0};    // what is wrong

/// The colour of the index-th curve: the eight of Okabe and Ito ("Color Universal Design", 2008)
/// without yellow, which is too light for a line, over and over.
Color curve_color(size_t index);

/// From a share, 0 … 1, to a colour; shares beyond are taken as the ends, NaN as grey.
using ColorMap = Color (*)(double share);

/// White to dark blue: the larger, the darker.
Color blues(double share);
/// Dark violet over green to yellow: the map of van der Walt and Smith (2015), evenly brighter.
Color viridis(double share);

/// How bright it looks, 0 … 1: the luma of ITU-R BT.601. Text on it is black from about a half on.
double brightness(Color color);

}  // namespace cuttle::plot
