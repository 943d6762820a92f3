// make_grid against torchvision 0.29, whose results stand here.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/io/image.h>
#include <cuttle/report/make_grid.h>
#include <gtest/gtest.h>

#include "io/scratch.h"

namespace cuttle {
namespace {

/// Three grey pictures of four pixels: 0 … 3, 4 … 7, 8 … 11.
Tensor three() {
  return arange(12).to(float32).reshape({3, 1, 2, 2});
}

void expect_rows(const Tensor& channel, const std::vector<std::vector<double>>& expected) {
  ASSERT_EQ(channel.size(0), static_cast<int64_t>(expected.size()));
  for (size_t row = 0; row < expected.size(); ++row) {
    const auto values = channel[static_cast<int64_t>(row)].to(float64).to_vector<double>();
    ASSERT_EQ(values.size(), expected[row].size());
    for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[row][i], 5e-5);
  }
}

TEST(MakeGrid, PutsPicturesInRowsWithPadding) {
  const Tensor grid = make_grid(three(), {.nrow = 2, .padding = 1, .pad_value = 9});
  EXPECT_EQ(grid.shape(), (Shape{3, 7, 7}));
  expect_rows(grid[0], {{9, 9, 9, 9, 9, 9, 9},
                        {9, 0, 1, 9, 4, 5, 9},
                        {9, 2, 3, 9, 6, 7, 9},
                        {9, 9, 9, 9, 9, 9, 9},
                        {9, 8, 9, 9, 9, 9, 9},
                        {9, 10, 11, 9, 9, 9, 9},
                        {9, 9, 9, 9, 9, 9, 9}});
  EXPECT_EQ(grid[0].to_vector<float>(), grid[2].to_vector<float>());
}

TEST(MakeGrid, Normalizes) {
  expect_rows(
      make_grid(three(), {.nrow = 3, .padding = 0, .normalize = true})[1],
      {{0, 0.0909, 0.3636, 0.4545, 0.7273, 0.8182}, {0.1818, 0.2727, 0.5455, 0.6364, 0.9091, 1}});
  expect_rows(
      make_grid(three(), {.nrow = 3, .padding = 0, .normalize = true, .scale_each = true})[0],
      {{0, 0.3333, 0, 0.3333, 0, 0.3333}, {0.6667, 1, 0.6667, 1, 0.6667, 1}});
  expect_rows(
      make_grid(
          three(),
          {.nrow = 3, .padding = 0, .normalize = true, .value_range = std::pair{2.0, 6.0}})[0],
      {{0, 0, 0.5, 0.75, 1, 1}, {0, 0.25, 1, 1, 1, 1}});
}

TEST(MakeGrid, TakesEveryRank) {
  EXPECT_EQ(make_grid(three().narrow(0, 0, 1), {.padding = 5}).shape(), (Shape{3, 2, 2}));
  EXPECT_EQ(make_grid(three()[0]).shape(), (Shape{3, 2, 2}));
  EXPECT_EQ(make_grid(three()[0][0]).shape(), (Shape{3, 2, 2}));
  EXPECT_EQ(make_grid(rand({4, 3, 2})).shape(), (Shape{4, 3, 2}));
  EXPECT_EQ(make_grid(rand({5, 4, 3, 2}), {.nrow = 3}).shape(), (Shape{4, 12, 14}));
  EXPECT_EQ(make_grid(three().to(uint8)).dtype(), uint8);
  EXPECT_ERROR(make_grid(rand({3})), "got [3]");
  EXPECT_ERROR(make_grid(zeros({0, 3, 2, 2})), "got [0, 3, 2, 2]");
  EXPECT_ERROR(make_grid(Tensor()), "undefined");
  EXPECT_ERROR(make_grid(three(), {.nrow = 0}), "nrow begins at 1");
}

class SaveImageTest : public testing::ScratchTest {};

TEST_F(SaveImageTest, WritesTheGrid) {
  save_image(three() / 11, path("grid.png"), {.nrow = 3, .padding = 0});
  const Tensor picture = read_image(path("grid.png"));
  EXPECT_EQ(picture.shape(), (Shape{2, 6, 3}));
  EXPECT_EQ(picture.select(2, 0).to_vector<uint8_t>(),
            (std::vector<uint8_t>{0, 23, 93, 116, 185, 209, 46, 70, 139, 162, 232, 255}));
}

}  // namespace
}  // namespace cuttle
