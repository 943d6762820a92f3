#include "color.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cuttle::plot {
namespace {

constexpr std::array<Color, 7> kCurves = {{{0, 114, 178},
                                           {213, 94, 0},
                                           {0, 158, 115},
                                           {204, 121, 167},
                                           {230, 159, 0},
                                           {86, 180, 233},
                                           {0, 0, 0}}};

// At equal distances from 0 to 1.
constexpr std::array<Color, 6> kBlues = {{{255, 255, 255},
                                          {222, 235, 247},
                                          {165, 205, 228},
                                          {89, 158, 205},
                                          {27, 104, 174},
                                          {8, 48, 107}}};
constexpr std::array<Color, 9> kViridis = {{{68, 1, 84},
                                            {71, 44, 122},
                                            {59, 81, 139},
                                            {44, 113, 142},
                                            {33, 144, 141},
                                            {39, 173, 129},
                                            {92, 200, 99},
                                            {170, 220, 50},
                                            {253, 231, 37}}};

template <size_t n>
Color between(const std::array<Color, n>& anchors, double share) {
  if (std::isnan(share)) return {180, 180, 180};
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(n - 1);
  const auto first = std::min(static_cast<size_t>(at), n - 2);
  const double t = at - static_cast<double>(first);
  const auto mix = [&](uint8_t a, uint8_t b) {
    return static_cast<uint8_t>(std::lround(a + (b - a) * t));
  };
  const Color &a = anchors[first], &b = anchors[first + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

}  // namespace

Color curve_color(size_t index) {
  return kCurves[index % kCurves.size()];
}
Color blues(double share) {
  return between(kBlues, share);
}
Color viridis(double share) {
  return between(kViridis, share);
}

double brightness(Color color) {
  return (0.299 * color.red + 0.587 * color.green + 0.114 * color.blue) / 255;
}

}  // namespace cuttle::plot
