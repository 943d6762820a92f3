// Draws the pictures of the synthetic data set. Integer arithmetic alone, so that a seed gives the
// same bytes with every compiler and on every machine. Internal to data.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cuttle {

inline constexpr int kDrawingSide = 32;
inline constexpr int kDrawingBytes = kDrawingSide * kDrawingSide * 3;
inline constexpr std::array<std::string_view, 10> kDrawingClasses = {
    "disk",     "ring",    "square", "triangle", "cross",
    "crescent", "stripes", "checks", "dots",     "frame"};

/// SplitMix64: one 64-bit state, each draw a mix of it.
class DrawingRandom {
 public:
  explicit DrawingRandom(uint64_t seed) : state_(seed) {}
  uint64_t next();
  /// Uniform on [low, high].
  int between(int low, int high);

 private:
  uint64_t state_;
};

/// Draws one figure of class `label` at a random place, size and angle, in random colours, on a
/// random background with clutter and noise. `pixels` is uint8 (32, 32, 3).
void draw_figure(int label, DrawingRandom& random, uint8_t* pixels);

}  // namespace cuttle
