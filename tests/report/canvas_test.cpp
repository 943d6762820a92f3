// Lines, areas and letters: the areas they cover are compared with geometry's.
#include <cuttle/core/creation.h>
#include <cuttle/report/plot/axis.h>
#include <cuttle/report/plot/canvas.h>
#include <cuttle/report/plot/font.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "io/scratch.h"
#include "report/pictures.h"

namespace cuttle::plot {
namespace {

using testing::Picture;

double area(const Coverage& coverage) {
  double sum = 0;
  for (const float value : coverage.values) sum += value;
  return sum;
}

double covered(const Coverage& coverage, int x, int y) {
  const int column = x - coverage.left, row = y - coverage.top;
  const bool inside = column >= 0 && row >= 0 && column < coverage.width && row < coverage.height;
  return inside ? coverage.row(row)[column] : 0;
}

const Box kClip{0, 0, 100, 100};

TEST(Coverage, APixelsShareIsExact) {
  const Coverage box = fill_coverage({{{1.25, 2.5}, {4.5, 2.5}, {4.5, 4}, {1.25, 4}}}, kClip);
  EXPECT_FLOAT_EQ(covered(box, 1, 2), 0.75 * 0.5);
  EXPECT_FLOAT_EQ(covered(box, 2, 2), 0.5);
  EXPECT_FLOAT_EQ(covered(box, 2, 3), 1);
  EXPECT_FLOAT_EQ(covered(box, 4, 3), 0.5);
  EXPECT_FLOAT_EQ(covered(box, 5, 3), 0);
  EXPECT_NEAR(area(box), 3.25 * 1.5, 1e-5);
  // The diagonal halves its pixels.
  const Coverage triangle = fill_coverage({{{0, 0}, {8, 0}, {0, 8}}}, kClip);
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(covered(triangle, i, 7 - i), 0.5, 1e-6) << i;
  EXPECT_NEAR(area(triangle), 32, 1e-5);
}

TEST(Coverage, ASlantedAreaIsThePolygons) {
  const Polyline shape = {{3.1, 60.7}, {90.3, 12.9}, {70.2, 88.8}, {33.3, 71.5}};
  double twice = 0;  // the shoelace formula
  for (size_t i = 0; i < shape.size(); ++i) {
    const Point &a = shape[i], &b = shape[(i + 1) % shape.size()];
    twice += a.x * b.y - a.y * b.x;
  }
  EXPECT_NEAR(area(fill_coverage({shape}, kClip)), std::abs(twice) / 2, 1e-3);
}

TEST(Coverage, AContourTheOtherWayIsAHole) {
  const Polyline outer = {{10, 10}, {30, 10}, {30, 30}, {10, 30}};
  const Polyline hole = {{15, 15}, {15, 25}, {25, 25}, {25, 15}};
  const Coverage ring = fill_coverage({outer, hole}, kClip);
  EXPECT_NEAR(area(ring), 400 - 100, 1e-4);
  EXPECT_EQ(covered(ring, 20, 20), 0);
}

TEST(Coverage, ClippedAreasKeepTheirValuesInside) {
  const Polyline far = {{-1e7, -300.25}, {1e7, 40}, {-50, 1e6}};
  const Polyline near = {{-30.5, -20}, {150, 40.5}, {20, 130}};
  for (const Polyline& shape : {far, near}) {
    const Coverage part = fill_coverage({shape}, {20, 30, 10, 10});
    const Coverage whole = fill_coverage({shape}, kClip);
    EXPECT_LE(part.values.size(), 200u);
    for (int y = 30; y < 40; ++y) {
      for (int x = 20; x < 30; ++x) EXPECT_NEAR(covered(part, x, y), covered(whole, x, y), 1e-4);
    }
  }
  const Coverage left = fill_coverage({{{-5, 10}, {5, 10}, {5, 12}, {-5, 12}}}, kClip);
  EXPECT_EQ(covered(left, 0, 10), 1);
  EXPECT_EQ(covered(left, 4, 11), 1);
  EXPECT_EQ(covered(left, 5, 11), 0);
  const Coverage right = fill_coverage({{{95, 10}, {105.5, 10}, {105.5, 12}, {95, 12}}}, kClip);
  EXPECT_EQ(covered(right, 99, 10), 1);
  EXPECT_EQ(covered(right, 94, 10), 0);
}

TEST(Coverage, AStrokeHasItsThicknessAndRoundEnds) {
  // 40 long and 5 thick, with half a disk at each end.
  const double expected = 40 * 5 + std::numbers::pi * 2.5 * 2.5;
  EXPECT_NEAR(area(stroke_coverage({{20, 50}, {60, 50}}, 5, kClip)), expected, 0.01 * expected);
  EXPECT_NEAR(area(stroke_coverage({{20, 20}, {44, 52}}, 5, kClip)), expected, 0.01 * expected);
  // In pieces it is the same line.
  const Coverage whole = stroke_coverage({{20, 20}, {44, 52}}, 5, kClip);
  const Coverage pieces = stroke_coverage({{20, 20}, {29, 32}, {35, 40}, {44, 52}}, 5, kClip);
  EXPECT_NEAR(area(pieces), area(whole), 1e-2);
  EXPECT_NEAR(area(stroke_coverage({{50, 50}}, 20, kClip)), std::numbers::pi * 100, 1);
  EXPECT_EQ(area(stroke_coverage({}, 5, kClip)), 0);
}

TEST(Text, LettersAreThoseOfTheFont) {
  // DejaVu Sans at a size of its 2048 units: advances from its hmtx table.
  EXPECT_EQ(text_width("A", 2048), 1401);
  EXPECT_EQ(text_width("Hi", 2048), 1540 + 569);
  EXPECT_EQ(text_width("ß", 2048), 1290);
  EXPECT_EQ(text_width("", 20), 0);
  // An H is two stems of 201 units, as wide as its bar is high, and 1493 high; its contour has
  // corners alone.
  const auto letters = text_contours("H", 2048);
  ASSERT_EQ(letters.size(), 1u);
  const Coverage h = fill_coverage(letters[0], {0, -2000, 2000, 2000});
  EXPECT_NEAR(area(h), 2 * 202 * 1493 + (1540 - 2 * 201 - 2 * 202) * 170, 500);
  EXPECT_NEAR(kCapHeight * 2048, 1493, 1);
}

TEST(Text, UnknownCharactersAndBrokenBytesAreShown) {
  const double replacement = text_width("\xEF\xBF\xBD", 100);
  EXPECT_GT(replacement, 0);
  EXPECT_EQ(text_width("中", 100), replacement);
  EXPECT_EQ(text_width("\xFF", 100), replacement);
  EXPECT_EQ(text_width("\xC3", 100), replacement);          // cut off
  EXPECT_EQ(text_width("\xE4\xB8", 100), 2 * replacement);  // the same, byte by byte
  EXPECT_EQ(text_width("a\x80z", 100), text_width("az", 100) + replacement);
}

TEST(Text, IsCutWithAnEllipsis) {
  EXPECT_EQ(fitted_text("airplane", 10, 100), "airplane");
  const std::string cut = fitted_text("airplane", 10, 30);
  EXPECT_EQ(cut.substr(cut.size() - 3), "…");
  EXPECT_EQ(cut.substr(0, 2), "ai");
  EXPECT_LE(text_width(cut, 10), 30);
  EXPECT_EQ(fitted_text("öööööööö", 10, 20).substr(0, 2), "ö") << "whole characters";
  EXPECT_EQ(fitted_text("airplane", 10, 0), "…");
}

TEST(Canvas, DrawsWhereItIsTold) {
  Canvas canvas(20, 10, {1, 2, 3});
  canvas.fill(Box{5, 2, 4, 3}, {200, 100, 50});
  const Picture picture(canvas.pixels());
  EXPECT_EQ(picture.width, 20);
  EXPECT_EQ(picture.height, 10);
  EXPECT_EQ(picture.count({200, 100, 50}), 12);
  EXPECT_EQ(picture.count({1, 2, 3}), 200 - 12);
  EXPECT_EQ(picture.at(5, 2), (Color{200, 100, 50}));
  EXPECT_EQ(picture.at(8, 4), (Color{200, 100, 50}));
}

TEST(Canvas, KeepsToItsClipAndItsBorders) {
  Canvas canvas(20, 10);
  canvas.clip({4, 4, 3, 2});
  canvas.fill(Box{-1e9, -1e9, 2e9, 2e9}, kBlack);
  canvas.stroke({{-1e9, 5}, {1e9, 5}}, 3, kBlack);
  EXPECT_EQ(Picture(canvas.pixels()).count(kBlack), 6);
  canvas.unclip();
  canvas.text({15, 5}, "far beyond the right border", {.size = 1e5});
  canvas.disk({0, 0}, 3, kBlue);
  canvas.image(full({4, 4}, 9, {.dtype = uint8}), {18, 8, 8, 8});
  const Picture picture(canvas.pixels());
  EXPECT_EQ(picture.at(0, 0), kBlue);
  EXPECT_EQ(picture.at(19, 9), (Color{9, 9, 9}));
}

TEST(Canvas, WhatIsNotFiniteDrawsNothing) {
  Canvas canvas(20, 10);
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  canvas.stroke({{1, 1}, {nan, 5}}, 3, kBlack);
  canvas.fill(Box{1, 1, inf, 3}, kBlack);
  canvas.disk({5, inf}, 3, kBlack);
  canvas.text({nan, 3}, "x");
  EXPECT_EQ(Picture(canvas.pixels()).count(kWhite), 200);
}

TEST(Canvas, TextIsAlignedAndTurned) {
  const double width = text_width("HHHH", 20);
  const auto drawn = [&](const TextStyle& style) {
    Canvas canvas(200, 200);
    canvas.text({100, 100}, "HHHH", style);
    return Picture(canvas.pixels());
  };
  const auto ink_in = [](const Picture& picture, int64_t x0, int64_t x1) {
    return (x1 - x0) * picture.height - picture.count(kWhite, x0, x1);
  };
  const auto w = static_cast<int64_t>(width);
  const Picture left = drawn({.size = 20}), right = drawn({.size = 20, .align_x = 1});
  EXPECT_GT(ink_in(left, 100, 100 + w), 100);
  EXPECT_EQ(ink_in(left, 0, 100), 0);
  EXPECT_GT(ink_in(right, 99 - w, 100), 100);
  EXPECT_EQ(ink_in(right, 100, 200), 0);
  const Picture middle = drawn({.size = 20, .align_x = 0.5});
  EXPECT_NEAR(ink_in(middle, 0, 100), ink_in(middle, 100, 200), 20);
  // Standing upright it is as much ink, in as many columns as it was high.
  const Picture turned = drawn({.size = 20, .angle = 90});
  EXPECT_NEAR(turned.ink(), left.ink(), 0.02 * left.ink());
  EXPECT_EQ(ink_in(turned, 0, 84), 0);
  EXPECT_EQ(ink_in(turned, 101, 200), 0);
}

TEST(Canvas, APictureIsTheMeanOfWhatLiesBeneath) {
  const Tensor source = tensor<uint8_t>(std::vector<uint8_t>{0, 40, 80, 120}, {2, 2});
  Canvas canvas(8, 8);
  canvas.image(source, {0, 0, 4, 4});  // each pixel twice as large
  canvas.image(source, {6, 0, 1, 1});  // all in one
  canvas.image(source, {0, 5, 3, 1});  // across one and a half
  const Picture picture(canvas.pixels());
  EXPECT_EQ(picture.at(1, 1), (Color{0, 0, 0}));
  EXPECT_EQ(picture.at(2, 1), (Color{40, 40, 40}));
  EXPECT_EQ(picture.at(3, 3), (Color{120, 120, 120}));
  EXPECT_EQ(picture.at(6, 0), (Color{60, 60, 60}));
  EXPECT_EQ(picture.at(0, 5), (Color{40, 40, 40}));
  EXPECT_EQ(picture.at(1, 5), (Color{60, 60, 60}));
  EXPECT_ERROR(canvas.image(zeros({2, 2}), {0, 0, 1, 1}), "[2, 2] float32");
  EXPECT_ERROR(canvas.image(Tensor(), {0, 0, 1, 1}), "undefined");
}

TEST(Canvas, RefusesSidesItCannotHave) {
  EXPECT_ERROR(Canvas(0, 5), "1 to 16384 pixels, got 0 by 5");
  EXPECT_ERROR(Canvas(5, 20000), "got 5 by 20000");
}

TEST(Canvas, PicturesAreJoined) {
  const Tensor dark = zeros({2, 3, 3}, {.dtype = uint8}), high = zeros({4, 1, 3}, {.dtype = uint8});
  const Picture row(beside({dark, high}));
  EXPECT_EQ(row.width, 4);
  EXPECT_EQ(row.height, 4);
  EXPECT_EQ(row.count(kWhite), 6);
  EXPECT_EQ(row.at(3, 3), kBlack);
  const Picture column(below({dark, high}));
  EXPECT_EQ(column.width, 3);
  EXPECT_EQ(column.height, 6);
  EXPECT_EQ(column.count(kWhite), 8);
  EXPECT_ERROR(beside({}), "beside: there is no picture");
  EXPECT_ERROR(below({ones({2, 2, 3})}), "got [2, 2, 3] float32 on cpu");
}

TEST(Color, TheCurvesColoursDifferInBrightnessOrHueAndRepeat) {
  EXPECT_EQ(curve_color(0), kBlue);
  EXPECT_EQ(curve_color(1), kVermilion);
  EXPECT_EQ(curve_color(7), curve_color(0));
  double before = 2;
  for (int i = 0; i <= 20; ++i) {  // dark is much
    EXPECT_LT(brightness(blues(i / 20.0)), before) << i;
    before = brightness(blues(i / 20.0));
  }
  for (int i = 1; i <= 20; ++i) {
    EXPECT_GT(brightness(viridis(i / 20.0)), brightness(viridis((i - 1) / 20.0))) << i;
  }
  EXPECT_EQ(blues(-5), blues(0));
  EXPECT_EQ(viridis(7), viridis(1));
  EXPECT_EQ(blues(std::nan("")), (Color{180, 180, 180}));
}

std::string labels(const std::vector<Tick>& ticks) {
  std::string all;
  for (const Tick& tick : ticks) all += (all.empty() ? "" : " ") + tick.label;
  return all;
}

TEST(Axis, TicksAreRoundNumbers) {
  EXPECT_EQ(labels(Axis(0, 1).ticks(5)), "0 0.2 0.4 0.6 0.8 1.0");
  EXPECT_EQ(labels(Axis(0.13, 2.31).ticks(5)), "0.5 1.0 1.5 2.0");
  EXPECT_EQ(labels(Axis(-30, 55).ticks(5)), "−20 0 20 40");
  EXPECT_EQ(labels(Axis(0.9991, 0.9999).ticks(4)), "0.9992 0.9994 0.9996 0.9998");
  EXPECT_EQ(labels(Axis(0, 3).ticks(10, true)), "0 1 2 3");
  EXPECT_EQ(labels(Axis(0, 40000).ticks(4)), "0 10k 20k 30k 40k");
  EXPECT_EQ(labels(Axis(0, 3e-5).ticks(3)), "0 1e−5 2e−5 3e−5");
  EXPECT_EQ(labels(Axis(0, 3e10).ticks(2)), "0 2e10");
  EXPECT_EQ(labels(Axis(0, 4e6).ticks(4)), "0 1M 2M 3M 4M");
  EXPECT_EQ(labels(Axis(0, 3e6).ticks(6)), "0 0.5M 1.0M 1.5M 2.0M 2.5M 3.0M");
}

TEST(Axis, ARangeOfOneNumberIsWidened) {
  EXPECT_EQ(Axis(4, 4).low(), 2);
  EXPECT_EQ(Axis(4, 4).high(), 6);
  EXPECT_EQ(Axis(0, 0).low(), -1);
  EXPECT_EQ(Axis(5, 3).low(), 3);
}

TEST(Axis, LogarithmsHaveDecades) {
  const Axis axis(0.01, 1000, true);
  EXPECT_EQ(labels(axis.ticks(6)), "0.01 0.1 1 10 100 1000");
  EXPECT_DOUBLE_EQ(axis.share_of(0.01), 0);
  EXPECT_DOUBLE_EQ(axis.share_of(0.1), 0.2);
  EXPECT_DOUBLE_EQ(axis.share_of(1000), 1);
  EXPECT_EQ(labels(Axis(0.3, 4, true).ticks(6)), "0.5 1 2");
  EXPECT_LE(Axis(1e-30, 1e30, true).ticks(6).size(), 7u);
}

}  // namespace
}  // namespace cuttle::plot
