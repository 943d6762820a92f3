#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/report/plot/image_grid.h>
#include <gtest/gtest.h>

#include <cmath>

#include "io/scratch.h"
#include "report/pictures.h"

namespace cuttle::plot {
namespace {

using testing::Picture;

TEST(ImageGrid, PicturesLieInRows) {
  // Five pictures of one value each, 10 · i.
  const Tensor images = (arange(5) * 10).to(uint8).reshape({5, 1, 1, 1}).expand({5, 4, 8, 1});
  const Picture picture(image_grid(images, {.columns = 3, .image_width = 16, .gap = 2}));
  EXPECT_EQ(picture.width, 3 * 16 + 4 * 2);
  EXPECT_EQ(picture.height, 2 * 8 + 3 * 2);
  for (uint8_t i = 0; i < 5; ++i) {
    const auto v = static_cast<uint8_t>(10 * i);
    EXPECT_EQ(picture.count({v, v, v}), 16 * 8) << int{i};
    EXPECT_EQ(picture.at(2 + i % 3 * 18, 2 + i / 3 * 10), (Color{v, v, v})) << int{i};
  }
}

TEST(ImageGrid, CaptionsHaveTheirColourAndStayBelowTheirPicture) {
  const Tensor images = zeros({2, 4, 4, 3}, {.dtype = uint8});
  const Color red{255, 0, 0};
  const Picture picture(
      image_grid(images, {.captions = {{"HHHH", red}, {std::string(100, 'H'), kBlue, "second"}},
                          .image_width = 60,
                          .font_size = 30}));
  EXPECT_GT(picture.count(red), 20);
  EXPECT_GT(picture.count(kBlue), 20);
  EXPECT_EQ(picture.count(red, picture.width / 2), 0);
  EXPECT_EQ(picture.count(kBlue, 0, picture.width / 2), 0) << "a long one is cut";
}

TEST(ImageGrid, SaysWhatIsWrong) {
  EXPECT_ERROR(image_grid(rand({2, 3, 4, 4})), "got [2, 3, 4, 4] float32; to_pixels makes such");
  EXPECT_ERROR(image_grid(zeros({0, 4, 4, 3}, uint8)), "not empty; got [0, 4, 4, 3]");
  EXPECT_ERROR(image_grid(zeros({2, 4, 4, 2}, uint8)), "C of 1 or 3");
  const Tensor images = zeros({2, 4, 4, 3}, uint8);
  EXPECT_ERROR(image_grid(images, {.captions = {{"a"}}}),
               "2 pictures need as many captions, got 1");
  EXPECT_ERROR(image_grid(images, {.columns = 0}), "columns and image_width begin at 1");
}

TEST(Predictions, RightAndWrongOnesDifferInColour) {
  const Tensor images = zeros({2, 4, 4, 3}, {.dtype = uint8});
  const Tensor probabilities = tensor({{0.9f, 0.1f}, {0.7f, 0.3f}});
  const Picture picture(
      predictions(images, probabilities, tensor({0, 1}), {"cat", "dog"}, {.font_size = 24}));
  const int64_t half = picture.width / 2;
  EXPECT_GT(picture.count(kBlue, 0, half), 10);
  EXPECT_EQ(picture.count(kBlue, half), 0);
  EXPECT_GT(picture.count(kVermilion, half), 10);
  EXPECT_EQ(picture.count(kVermilion, 0, half), 0);
  EXPECT_ERROR(predictions(images, probabilities, tensor({0, 2}), {"cat", "dog"}),
               "target 2 of picture 1 is none of 2 classes");
  EXPECT_ERROR(predictions(images, probabilities, tensor({0}), {"cat", "dog"}),
               "targets [2], got [2, 2] and [1]");
}

TEST(Filters, ZeroIsGreyAndTheLargestBlackOrWhite) {
  const Tensor weight = tensor({0.f, 0.5f, -1.f, 0.25f}, {1, 1, 2, 2});
  const Picture picture(filters(weight, {.image_width = 2, .gap = 0}));
  EXPECT_EQ(picture.at(0, 0), (Color{128, 128, 128}));
  EXPECT_EQ(picture.at(1, 0), (Color{191, 191, 191}));
  EXPECT_EQ(picture.at(0, 1), kBlack);
  EXPECT_EQ(picture.at(1, 1), (Color{159, 159, 159}));
  // Three channels are a colour; others are tiles of their own, a row for each output.
  EXPECT_EQ(Picture(filters(rand({4, 3, 5, 5}), {.columns = 4, .image_width = 10, .gap = 0})).width,
            40);
  const Picture tiles(filters(zeros({4, 6, 5, 5}), {.columns = 2, .image_width = 10, .gap = 0}));
  EXPECT_EQ(tiles.width, 60);
  EXPECT_EQ(tiles.height, 40);
  EXPECT_ERROR(filters(rand({4, 3})),
               "expected the weight (O, I, kH, kW) of a convolution, got [4, 3]");
}

TEST(ToPixels, RoundsAndCuts) {
  const Tensor images = tensor({0.f, 0.5f, 1.f, 1.7f, -3.f, std::nanf("")}, {1, 1, 2, 3});
  const Tensor pixels = to_pixels(images);
  EXPECT_EQ(pixels.shape(), (Shape{1, 2, 3, 1}));
  EXPECT_EQ(pixels.to_vector<uint8_t>(), (std::vector<uint8_t>{0, 128, 255, 255, 0, 0}));
  EXPECT_ERROR(to_pixels(zeros({2, 2})), "got [2, 2] float32");
}

}  // namespace
}  // namespace cuttle::plot
