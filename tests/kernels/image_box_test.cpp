// Random boxes: their distribution, and that every device draws and erases the same.
#include <cuttle/kernels/image_box.h>

#include <algorithm>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ImageBoxTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ImageBoxTest, Backends, BackendName);

ImageBoxes crops(int64_t n, int64_t h, int64_t w) {
  return {.use = ImageBoxes::Use::crop,
          .n = n,
          .h = h,
          .w = w,
          .draws = {.at = {.seed = 5, .offset = 2}},
          .low = 0.08,
          .high = 1,
          .log_ratio_low = std::log(0.75),
          .log_ratio_high = std::log(4. / 3),
          .ratio_low = 0.75,
          .ratio_high = 4. / 3};
}

ImageBoxes erasures(int64_t n, int64_t h, int64_t w, double probability) {
  return {.use = ImageBoxes::Use::erase,
          .n = n,
          .h = h,
          .w = w,
          .draws = {.at = {.seed = 5, .offset = 3}},
          .low = 0.02,
          .high = 0.33,
          .log_ratio_low = std::log(0.3),
          .log_ratio_high = std::log(3.3),
          .probability = probability};
}

TEST(PortableExp, IsTheExponential) {
  for (double x = -12; x < 12; x += 0.37) EXPECT_NEAR(portable_exp(x) / std::exp(x), 1, 1e-12) << x;
  EXPECT_EQ(portable_exp(0), 1);
}

TYPED_TEST(ImageBoxTest, AreDrawnAlikeEverywhere) {
  for (const ImageBoxes& s : {crops(0, 8, 8), crops(1, 1, 1), crops(33, 40, 30),
                              crops(1025, 7, 200), erasures(1025, 32, 32, 0.5)}) {
    auto boxes = this->template unset<int64_t>(size_t(4 * s.n));
    image_boxes(this->stream, s, boxes.data());
    const auto values = boxes.to_host();
    for (int64_t i = 0; i < s.n; ++i) {
      const ImageBox box = draw_box(s, i);
      const std::vector<int64_t> expected = {box.top, box.left, box.height, box.width};
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), values.begin() + 4 * i)) << i;
    }
  }
}

/// How far the greatest difference of two distributions goes, of sorted values and of uniform ones.
double distance_from_uniform(std::vector<double> values, double low, double high) {
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i)
    distance = std::max(distance, std::abs((values[i] - low) / (high - low) -
                                           (double(i) + 0.5) / double(values.size())));
  return distance;
}

TEST(ImageBox, AreasAndRatiosAreUniform) {
  // Areas that fit whatever the ratio, so that no draw is turned down.
  ImageBoxes s = crops(10000, 2000, 2000);
  s.high = 0.5;
  std::vector<double> areas, ratios, tops;
  for (int64_t i = 0; i < s.n; ++i) {
    const ImageBox box = draw_box(s, i);
    areas.push_back(double(box.height * box.width) / 4e6);
    ratios.push_back(std::log(double(box.width) / double(box.height)));
    tops.push_back((double(box.top) + 0.5) / double(2001 - box.height));
  }
  const double limit = 2.0 / std::sqrt(1e4);  // Kolmogorov's: once in 3,000 runs, and this is one
  EXPECT_LT(distance_from_uniform(areas, 0.08, 0.5), limit);
  EXPECT_LT(distance_from_uniform(ratios, std::log(0.75), std::log(4. / 3)), limit);
  EXPECT_LT(distance_from_uniform(tops, 0, 1), limit);
}

TEST(ImageBox, WithoutAFitIsTheMiddle) {
  // Ten draws of nearly all of an image that is much too wide, or too high.
  ImageBoxes wide = crops(1, 10, 100), high = crops(1, 100, 10);
  wide.low = high.low = 0.99;
  const ImageBox in_wide = draw_box(wide, 0), in_high = draw_box(high, 0);
  EXPECT_EQ(in_wide.height, 10);
  EXPECT_EQ(in_wide.width, 13);
  EXPECT_EQ(in_wide.left, 43);
  EXPECT_EQ(in_high.width, 10);
  EXPECT_EQ(in_high.height, 13);
  EXPECT_EQ(in_high.top, 43);
}

TEST(ImageBox, ErasesAsOftenAsItShould) {
  const ImageBoxes s = erasures(10000, 32, 32, 0.3);
  int64_t erased = 0;
  for (int64_t i = 0; i < s.n; ++i) {
    const ImageBox box = draw_box(s, i);
    erased += box.height > 0;
    EXPECT_LT(box.height, 32);
    EXPECT_LE(box.top + box.height, 32);
    EXPECT_LE(box.left + box.width, 32);
  }
  EXPECT_LT(std::abs(double(erased) - 3000), 5 * std::sqrt(1e4 * 0.3 * 0.7)) << erased;
}

TYPED_TEST(ImageBoxTest, ErasesWhatIsInThem) {
  for (const int values : {0, 1, 3}) {
    constexpr int64_t kN = 5, kC = 3, kH = 7, kW = 9;
    const auto x = random_values<float>(size_t(kN * kC * kH * kW), 1, 10, 20);
    const ImageBoxes s = erasures(kN, kH, kW, 1);
    auto from = this->template upload<float>(x);
    auto boxes = this->template unset<int64_t>(size_t(4 * kN));
    auto to = this->template unset<float>(x.size());
    ImageErase erase{.n = kN,
                     .c = kC,
                     .h = kH,
                     .w = kW,
                     .strides = {kC * kH * kW, kH * kW, kW, 1},
                     .boxes = boxes.data(),
                     .values = values,
                     .value = {0.5f, 1.5f, 2.5f},
                     .draws = s.draws};
    image_boxes(this->stream, s, boxes.data());
    image_erase(this->stream, erase, from.data(), to.data());
    const auto y = to.to_host();
    std::vector<float> noise;
    for (int64_t i = 0, at = 0; i < kN; ++i) {
      const ImageBox box = draw_box(s, i);
      for (int64_t c = 0; c < kC; ++c)
        for (int64_t row = 0; row < kH; ++row)
          for (int64_t col = 0; col < kW; ++col, ++at) {
            const bool in = row >= box.top && row < box.top + box.height && col >= box.left &&
                            col < box.left + box.width;
            if (in && values == 0) noise.push_back(y[size_t(at)]);
            const float value = !in           ? x[size_t(at)]
                                : values == 0 ? erased_value(erase, i, c, row, col)
                                : values == 1 ? 0.5f
                                              : float(c) + 0.5f;
            ASSERT_EQ(y[size_t(at)], value) << at;
          }
    }
    for (const float value : noise) EXPECT_LT(std::abs(value), 7);
    std::sort(noise.begin(), noise.end());
    EXPECT_EQ(std::adjacent_find(noise.begin(), noise.end()), noise.end());  // each its own
  }
}

}  // namespace
}  // namespace cuttle::test
