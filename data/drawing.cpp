// Figures as predicates on a point in the figure's own frame, sampled four times a pixel.
#include "drawing.h"

#include <algorithm>
#include <cstdlib>

namespace cuttle {
namespace {

using Colour = std::array<int, 3>;

constexpr int kUnit = 16;  // lengths are in sixteenths of a pixel

// 1024 · sin of 0, 5.625, … 90 degrees.
constexpr std::array<int, 17> kSine = {0,   100, 200, 297, 392, 483, 569, 650, 724,
                                       792, 851, 903, 946, 980, 1004, 1019, 1024};

// 1024 · sin of `angle` sixty-fourths of a turn.
int sine(int angle) {
  const int a = angle & 63;
  const int half = a & 31;
  const int value = kSine[static_cast<size_t>(half <= 16 ? half : 32 - half)];
  return a < 32 ? value : -value;
}

struct Figure {
  int label = 0;
  int x = 0, y = 0;  // centre
  int size = 0;      // half the extent
  int angle = 0;     // in sixty-fourths of a turn
};

// Is (u, v) in the figure? Its frame has the centre at 0 and reaches from -1000 to 1000.
bool inside(int label, int u, int v) {
  const int square = u * u + v * v;
  const int extent = std::max(std::abs(u), std::abs(v));
  const auto disk = [](int x, int y, int radius) { return x * x + y * y < radius * radius; };
  switch (label) {
    case 0: return square < 900 * 900;
    case 1: return square < 1000 * 1000 && square > 580 * 580;
    case 2: return extent < 800;
    case 3: return v < 600 && v > 2 * std::abs(u) - 1100;
    case 4: return extent < 1000 && std::min(std::abs(u), std::abs(v)) < 300;
    case 5: return square < 1000 * 1000 && !disk(u - 480, v, 850);
    case 6: return extent < 950 && (u + 4000) % 630 < 315;
    case 7: return extent < 900 && ((u + 900) / 600 + (v + 900) / 600) % 2 == 0;
    case 8: return disk(std::abs(u) - 540, std::abs(v) - 540, 400);
    default: return extent < 900 && extent > 520;
  }
}

// How many of a pixel's four samples lie in the figure.
int coverage(const Figure& figure, int column, int row) {
  const int cosine = sine(figure.angle + 16), sine_ = sine(figure.angle);
  int count = 0;
  for (int sample = 0; sample < 4; ++sample) {
    const int x = column * kUnit + 4 + 8 * (sample & 1) - figure.x;
    const int y = row * kUnit + 4 + 8 * (sample >> 1) - figure.y;
    const int u = (x * cosine + y * sine_) / figure.size * 1000 / 1024;
    const int v = (y * cosine - x * sine_) / figure.size * 1000 / 1024;
    if (std::max(std::abs(u), std::abs(v)) <= 1500 && inside(figure.label, u, v)) ++count;
  }
  return count;
}

}  // namespace

uint64_t DrawingRandom::next() {
  state_ += 0x9E3779B97F4A7C15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

int DrawingRandom::between(int low, int high) {
  const auto range = static_cast<uint64_t>(high - low + 1);
  return low + static_cast<int>(((next() >> 32) * range) >> 32);
}

void draw_figure(int label, DrawingRandom& random, uint8_t* pixels) {
  // TUNE
  const auto colour = [&](int low, int high) {
    return Colour{random.between(low, high), random.between(low, high), random.between(low, high)};
  };
  std::array<int, kDrawingBytes> canvas;  // (32, 32, 3)
  const Colour from = colour(20, 150), to = colour(20, 150);
  const int angle = random.between(0, 63);
  for (int row = 0; row < 32; ++row) {
    for (int column = 0; column < 32; ++column) {
      const int t = 512 + ((column - 16) * sine(angle + 16) + (row - 16) * sine(angle)) / 45;
      for (int c = 0; c < 3; ++c) {
        const auto i = static_cast<size_t>(c);
        canvas[static_cast<size_t>((row * 32 + column) * 3 + c)] = from[i] + (to[i] - from[i]) * t / 1024;
      }
    }
  }
  const auto paint = [&](const Figure& figure, const Colour& ink) {
    for (int row = 0; row < 32; ++row) {
      for (int column = 0; column < 32; ++column) {
        const int count = coverage(figure, column, row);
        if (count == 0) continue;
        for (int c = 0; c < 3; ++c) {
          int& value = canvas[static_cast<size_t>((row * 32 + column) * 3 + c)];
          value += (ink[static_cast<size_t>(c)] - value) * count / 4;
        }
      }
    }
  };
  for (int i = random.between(0, CLUTTER); i > 0; --i) {
    paint({.label = 0, .x = random.between(0, 512), .y = random.between(0, 512),
           .size = random.between(16, 40), .angle = 0}, colour(20, 235));
  }
  Colour ink = colour(0, 1);
  for (int c = 0; c < 3; ++c) ink[c] = random.between(LOWINK, 245);
  const int size = random.between(SIZEMIN * 16, SIZEMAX * 16);
  const int margin = 12 * 16 - size/4;
  paint({.label = label, .x = random.between(margin, 512 - margin), .y = random.between(margin, 512 - margin),
         .size = size, .angle = (random.between(-TILT, TILT))}, ink);
  for (int i = 0; i < kDrawingBytes; ++i) {
    const int noise = random.between(-NOISE, NOISE) + random.between(-NOISE, NOISE);
    pixels[i] = static_cast<uint8_t>(std::clamp(canvas[static_cast<size_t>(i)] + noise, 0, 255));
  }
}

}  // namespace cuttle
