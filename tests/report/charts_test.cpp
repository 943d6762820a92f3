// Charts are looked at: how many pixels have a curve's colour, and where; what a cell's colour is.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/report/plot/heat_map.h>
#include <cuttle/report/plot/line_chart.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "io/scratch.h"
#include "report/pictures.h"

namespace cuttle::plot {
namespace {

using testing::Picture;

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// Extent of the pixels of a colour.
struct Extent {
  Extent(const Picture& picture, Color color) {
    for (int64_t y = 0; y < picture.height; ++y) {
      for (int64_t x = 0; x < picture.width; ++x) {
        if (picture.at(x, y) != color) continue;
        left = std::min(left, x), right = std::max(right, x);
        top = std::min(top, y), bottom = std::max(bottom, y);
      }
    }
  }
  int64_t left = 1 << 20, right = -1, top = 1 << 20, bottom = -1;
};

/// The row of the highest grid line.
int64_t first_grid_line(const Picture& picture) {
  for (int64_t y = 0; y < picture.height; ++y) {
    int64_t count = 0;
    for (int64_t x = 0; x < picture.width; ++x) count += picture.at(x, y) == kGridLine ? 1 : 0;
    if (count > picture.width / 2) return y;
  }
  return picture.height;
}

TEST(LineChart, HasItsSizeAndItsCurves) {
  const Picture picture(
      line_chart({{"", {1, 2, 3}}, {"", {3, 2, 1}}}, {.width = 500, .height = 300}));
  EXPECT_EQ(picture.width, 500);
  EXPECT_EQ(picture.height, 300);
  // Markers at the ends: the first curve rises from the lower left, the second falls.
  const Extent first(picture, kBlue), second(picture, kVermilion);
  EXPECT_GT(picture.count(kBlue), 300);
  EXPECT_NEAR(static_cast<double>(first.left), static_cast<double>(second.left), 1);
  EXPECT_GT(first.right - first.left, 400);
  EXPECT_GT(first.bottom - first.top, 180);
  EXPECT_EQ(picture.at(first.left + 2, first.bottom - 2), kBlue);
  EXPECT_EQ(picture.at(second.left + 2, second.top + 2), kVermilion);
}

TEST(LineChart, PointsLieWhereTheAxesSay) {
  // y from 0 to 10 over the whole height: 5 is in the middle of it.
  const LineChartOptions options{.width = 400, .height = 300, .y_min = 0, .y_max = 10};
  const auto row_of = [&](double y) {
    const Extent extent(Picture(line_chart({{"", {y}}}, options)), kBlue);
    return static_cast<double>(extent.top + extent.bottom) / 2;
  };
  EXPECT_NEAR(row_of(5), (row_of(0) + row_of(10)) / 2, 1);
  EXPECT_NEAR(row_of(2), row_of(0) * 0.8 + row_of(10) * 0.2, 1);
  LineChartOptions decades = options;
  decades.log_y = true, decades.y_min = 1e-2, decades.y_max = 1e2;
  const auto log_row_of = [&](double y) {
    const Extent extent(Picture(line_chart({{"", {y}}}, decades)), kBlue);
    return static_cast<double>(extent.top + extent.bottom) / 2;
  };
  EXPECT_NEAR(log_row_of(1), (log_row_of(1e-2) + log_row_of(1e2)) / 2, 1);
}

TEST(LineChart, BreaksAtWhatIsNotFinite) {
  const std::vector<double> whole(100, 1.0);
  std::vector<double> broken = whole;
  for (size_t i = 40; i < 60; ++i) broken[i] = i % 2 == 0 ? kNan : HUGE_VAL;
  const Picture picture(line_chart({{"", broken}}, {.width = 400})),
      full(line_chart({{"", whole}}, {.width = 400}));
  EXPECT_EQ(Extent(picture, kBlue).right, Extent(full, kBlue).right);
  EXPECT_NEAR(static_cast<double>(picture.count(kBlue)),
              0.8 * static_cast<double>(full.count(kBlue)),
              0.05 * static_cast<double>(full.count(kBlue)));
  const int64_t middle = (Extent(full, kBlue).left + Extent(full, kBlue).right) / 2;
  EXPECT_EQ(picture.count(kBlue, middle - 10, middle + 10), 0);
}

TEST(LineChart, DrawsWithoutAnyPoint) {
  EXPECT_EQ(Picture(line_chart({})).count(kBlue), 0);
  EXPECT_EQ(Picture(line_chart({{"", {}}, {"", {kNan}}})).count(kBlue), 0);
  EXPECT_EQ(Picture(line_chart({{"", {-1, 0}}}, {.log_y = true})).count(kBlue), 0);
  EXPECT_GT(Picture(line_chart({{"", {7}}})).count(kBlue), 20) << "one point";
  EXPECT_GT(Picture(line_chart({{"", {1e300, 1e301}}})).count(kBlue), 20);
}

TEST(LineChart, CurvesStayInTheirFrame) {
  const Picture picture(
      line_chart({{"", {-1e9, 5, 1e12}}}, {.width = 400, .height = 300, .y_min = 0, .y_max = 10}));
  const Picture inside(
      line_chart({{"", {0, 5, 10}}}, {.width = 400, .height = 300, .y_min = 0, .y_max = 10}));
  const Extent far(picture, kBlue), near(inside, kBlue);
  // Where a line leaves the frame it is cut off half a marker outside; markers round that off.
  EXPECT_GE(far.top, near.top - 1);
  EXPECT_LE(far.bottom, near.bottom + 1);
}

TEST(LineChart, ALegendTakesRowsOfItsOwn) {
  std::vector<Curve> curves;
  for (int i = 0; i < 12; ++i)
    curves.push_back({"a rather long name " + std::to_string(i), {1.0 * i, 2}});
  const Picture with(line_chart(curves, {.width = 400, .height = 500}));
  for (Curve& curve : curves) curve.label.clear();
  const Picture without(line_chart(curves, {.width = 400, .height = 500}));
  EXPECT_GT(first_grid_line(with), first_grid_line(without) + 200);
  EXPECT_LT(Extent(with, kInk).right, 400);
}

TEST(LineChart, SaysWhatIsWrong) {
  EXPECT_ERROR(line_chart({{"loss", {1, 2}, {1}}}), "curve \"loss\" has 1 x and 2 y");
  EXPECT_ERROR(line_chart({{"", {1}}}, {.y_min = 3, .y_max = 3}), "cannot go from 3 to 3");
  EXPECT_ERROR(line_chart({{"", {1}}}, {.y_min = 0, .log_y = true}), "with log_y");
  EXPECT_ERROR(line_chart({{"", {1}}}, {.width = 60, .height = 40}), "60 by 40 pixels are too few");
  EXPECT_ERROR(line_chart({}, {.font_size = 0}), "font_size can be 4 to 1000, got 0");
}

TEST(HeatMap, CellsHaveTheColourOfTheirValue) {
  const Tensor values = tensor({{0.f, 1.f}, {2.f, 4.f}});
  const Picture picture(heat_map(values, {.numbers = false, .side = 100}));
  // Two cells of 50 pixels, a white line between them; the bar has no whole cell of a colour.
  EXPECT_GE(picture.count(blues(0.25)), 49 * 49);
  EXPECT_GE(picture.count(blues(0.5)), 49 * 49);
  EXPECT_GE(picture.count(blues(1)), 49 * 49);
  const Picture ranged(heat_map(values, {.numbers = false, .low = 0, .high = 8, .side = 100}));
  EXPECT_GE(ranged.count(blues(0.5)), 49 * 49) << "4 of 8";
}

TEST(HeatMap, NumbersAreLeftOutWhereTheyDoNotFit) {
  const auto difference = [](const Tensor& values) {
    const Picture with(heat_map(values, {.side = 200})),
        without(heat_map(values, {.numbers = false, .side = 200}));
    return std::abs(with.ink() - without.ink());
  };
  EXPECT_GT(difference(full({4, 4}, 8)), 50);
  EXPECT_EQ(difference(full({100, 100}, 8)), 0);
}

TEST(HeatMap, TakesEveryValueAndSize) {
  EXPECT_GT(heat_map(zeros({1, 1})).numel(), 0);
  EXPECT_GT(heat_map(tensor({{kNan, HUGE_VAL}})).numel(), 0);
  EXPECT_GT(heat_map(ones({1, 1000})).numel(), 0);
  EXPECT_GT(heat_map(ones({2, 3}, int64)).numel(), 0);
}

TEST(HeatMap, SaysWhatIsWrong) {
  EXPECT_ERROR(heat_map(ones({3})), "expected a matrix of one cell or more, got [3] float32");
  EXPECT_ERROR(heat_map(ones({0, 3})), "got [0, 3]");
  EXPECT_ERROR(heat_map(ones({2, 2000})),
               "at most 1024 rows and columns can be shown, got [2, 2000]");
  EXPECT_ERROR(heat_map(ones({2, 2}), {.row_names = {"a"}}), "[2, 2] needs 2 row_names, got 1");
  EXPECT_ERROR(heat_map(ones({2, 2}), {.texts = {"a"}}), "[2, 2] needs 4 texts, got 1");
}

TEST(ConfusionMatrixPicture, TheColourIsTheShareOfTheRow) {
  // Half of the first class was right; a class without examples is white.
  const Tensor counts = tensor({{2, 2, 0}, {0, 7, 0}, {0, 0, 0}});
  const Picture picture(confusion_matrix(counts, {"a", "b", "c"}, {.numbers = false, .side = 150}));
  EXPECT_GE(picture.count(blues(0.5)), 2 * 49 * 49);
  EXPECT_GE(picture.count(blues(1)), 49 * 49);
  EXPECT_ERROR(confusion_matrix(ones({2, 3}, int64), {"a", "b"}),
               "expected counts (classes, classes)");
  EXPECT_ERROR(confusion_matrix(ones({2, 2}), {"a", "b"}), "[2, 2] float32");
  EXPECT_ERROR(confusion_matrix(ones({2, 2}, int64), {"a"}), "2 row_names, got 1");
}

}  // namespace
}  // namespace cuttle::plot
