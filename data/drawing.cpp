// Figures as predicates on a point in the figure's own frame, sampled four times a pixel.
#include "drawing.h"

#include <algorithm>
#include <cstdlib>

namespace cuttle {
namespace {

using Colour = std::array<int, 3>;

constexpr int kUnit = 16;  // lengths are in sixteenths of a pixel

constexpr int kReach = 1400;  // of a figure from its centre, in thousandths of its size

// How hard the set is: chosen so that the tutorial network's test accuracy climbs over ten epochs.
constexpr int kBackground = 110;      // the brightest a background's channel can be
constexpr int kInk = 130;             // the darkest a figure's can
constexpr int kTintPercent = 45;      // how much of a figure's colour its class decides
constexpr int kShift = 6 * kUnit;     // how far a figure can be from the middle
constexpr int kMinSize = 7 * kUnit;   // half a figure's extent, at least
constexpr int kMaxSize = 13 * kUnit;  // and at most
constexpr int kTilt = 8;              // in sixty-fourths of a turn
constexpr int kMaxBehind = 3;         // disks behind the figure, and how large
constexpr int kMaxBehindSize = 7 * kUnit / 2;
constexpr int kMaxBefore = 4;  // disks before it, and how large
constexpr int kMaxBeforeSize = 5 * kUnit;
constexpr int kNoise = 30;  // each of the two uniform values goes to ± this

// The colour that figures of a class lean to.
constexpr std::array<Colour, 10> kTints = {{{220, 90, 90},
                                            {120, 90, 220},
                                            {90, 210, 130},
                                            {220, 160, 90},
                                            {190, 90, 220},
                                            {90, 210, 210},
                                            {210, 210, 90},
                                            {220, 90, 160},
                                            {90, 140, 220},
                                            {130, 210, 90}}};

// 1024 · sin of 0, 5.625, … 90 degrees.
constexpr std::array<int, 17> kSine = {0,   100, 200, 297, 392, 483,  569,  650, 724,
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

// Is (u, v), within ±kReach, in the figure? Its frame has the centre at 0 and 1000 for its size.
bool inside(int label, int u, int v) {
  const int square = u * u + v * v;
  const int extent = std::max(std::abs(u), std::abs(v));
  const auto disk = [](int x, int y, int radius) { return x * x + y * y < radius * radius; };
  switch (label) {
    case 0:
      return square < 900 * 900;
    case 1:
      return square < 1000 * 1000 && square > 580 * 580;
    case 2:
      return extent < 800;
    case 3:
      return v < 600 && v > 2 * std::abs(u) - 1100;
    case 4:
      return extent < 1000 && std::min(std::abs(u), std::abs(v)) < 300;
    case 5:
      return square < 1000 * 1000 && !disk(u - 480, v, 850);
    case 6:
      return extent < 950 && (u + 4000) % 630 < 315;
    case 7:
      return extent < 900 && ((u + 900) / 600 + (v + 900) / 600) % 2 == 0;
    case 8:
      return disk(std::abs(u) - 540, std::abs(v) - 540, 400);
    default:
      return extent < 900 && extent > 520;
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
    if (std::max(std::abs(u), std::abs(v)) <= kReach && inside(figure.label, u, v)) ++count;
  }
  return count;
}

// A picture being drawn.
struct Canvas {
  std::array<int, kDrawingBytes> values = {};  // (32, 32, 3)

  int& at(int row, int column, int channel) {
    return values[static_cast<size_t>((row * kDrawingSide + column) * 3 + channel)];
  }
};

// A gradient from one colour to the other in the direction of `angle`.
void fill(Canvas& canvas, const Colour& from, const Colour& to, int angle) {
  for (int row = 0; row < kDrawingSide; ++row) {
    for (int column = 0; column < kDrawingSide; ++column) {
      const int along = (column - 16) * sine(angle + 16) + (row - 16) * sine(angle);
      const int t = 512 + along / 45;  // of 1024; along stays within 1024 · 16 · √2
      for (int c = 0; c < 3; ++c) {
        const auto i = static_cast<size_t>(c);
        canvas.at(row, column, c) = from[i] + (to[i] - from[i]) * t / 1024;
      }
    }
  }
}

void paint(Canvas& canvas, const Figure& figure, const Colour& ink) {
  const auto pixel = [](int length) { return std::clamp(length / kUnit, 0, kDrawingSide - 1); };
  const int reach = figure.size * kReach / 1000;
  for (int row = pixel(figure.y - reach); row <= pixel(figure.y + reach); ++row) {
    for (int column = pixel(figure.x - reach); column <= pixel(figure.x + reach); ++column) {
      const int count = coverage(figure, column, row);
      for (int c = 0; c < 3 && count > 0; ++c) {
        int& value = canvas.at(row, column, c);
        value += (ink[static_cast<size_t>(c)] - value) * count / 4;
      }
    }
  }
}

Colour draw_colour(DrawingRandom& random, int low, int high) {
  Colour colour{};
  for (int& value : colour) value = random.between(low, high);
  return colour;
}

// Up to `most` disks anywhere.
void scatter(Canvas& canvas, DrawingRandom& random, int most, int min_size, int max_size) {
  for (int count = random.between(0, most); count > 0; --count) {
    Figure disk;
    disk.x = random.between(0, kDrawingSide * kUnit);
    disk.y = random.between(0, kDrawingSide * kUnit);
    disk.size = random.between(min_size, max_size);
    paint(canvas, disk, draw_colour(random, 20, 235));
  }
}

Figure draw_main_figure(int label, DrawingRandom& random) {
  Figure figure;
  figure.label = label;
  figure.x = kDrawingSide / 2 * kUnit + random.between(-kShift, kShift);
  figure.y = kDrawingSide / 2 * kUnit + random.between(-kShift, kShift);
  figure.size = random.between(kMinSize, kMaxSize);
  figure.angle = random.between(-kTilt, kTilt);
  return figure;
}

// A bright colour that leans to the class's own.
Colour draw_ink(int label, DrawingRandom& random) {
  Colour ink = draw_colour(random, kInk, 255);
  const Colour& tint = kTints[static_cast<size_t>(label)];
  for (size_t c = 0; c < 3; ++c) {
    ink[c] = (ink[c] * (100 - kTintPercent) + tint[c] * kTintPercent) / 100;
  }
  return ink;
}

// Adds the sum of two uniform values to each channel; four such sums come from one draw.
void add_noise(const Canvas& canvas, DrawingRandom& random, uint8_t* pixels) {
  uint64_t bits = 0;
  for (size_t i = 0; i < canvas.values.size(); ++i) {
    bits = i % 4 == 0 ? random.next() : bits >> 16;
    const int noise = static_cast<int>(bits & 255) + static_cast<int>(bits >> 8 & 255) - 255;
    pixels[i] = static_cast<uint8_t>(std::clamp(canvas.values[i] + noise * kNoise / 128, 0, 255));
  }
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
  Canvas canvas;
  const Colour from = draw_colour(random, 0, kBackground);
  const Colour to = draw_colour(random, 0, kBackground);
  fill(canvas, from, to, random.between(0, 63));
  scatter(canvas, random, kMaxBehind, kUnit, kMaxBehindSize);
  const Figure figure = draw_main_figure(label, random);  // in this order on every compiler
  const Colour ink = draw_ink(label, random);
  paint(canvas, figure, ink);
  scatter(canvas, random, kMaxBefore, 3 * kUnit / 2, kMaxBeforeSize);
  add_noise(canvas, random, pixels);
}

}  // namespace cuttle
