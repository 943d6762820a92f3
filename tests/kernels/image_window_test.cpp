// Batches from stored images against loops that place one pixel at a time.
#include <cuttle/kernels/half.h>
#include <cuttle/kernels/image_window.h>

#include <numeric>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ImageWindowTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ImageWindowTest, Backends, BackendName);

/// Strides of (n, c, h, w) stored as (n, h, w, c).
void channels_last(int64_t (&strides)[4], int64_t c, int64_t h, int64_t w) {
  const int64_t all[4] = {h * w * c, 1, w * c, c};
  std::copy_n(all, 4, strides);
}

ImageWindow shape_of(int64_t n, int64_t c, int64_t stored, int64_t h, int64_t w, int64_t oh,
                     int64_t ow) {
  ImageWindow s;
  s.n = n, s.c = c, s.stored = stored, s.h = h, s.w = w, s.oh = oh, s.ow = ow;
  channels_last(s.from, c, h, w);
  channels_last(s.to, c, oh, ow);
  return s;
}

/// The border by walking: each step past an edge turns round or stays.
int64_t walked(ImageBorder border, int64_t i, int64_t size) {
  if (border == ImageBorder::constant) return i < 0 || i >= size ? -1 : i;
  if (border == ImageBorder::edge) return std::clamp<int64_t>(i, 0, size - 1);
  const bool repeats = border == ImageBorder::symmetric;
  int64_t at = 0, step = i < 0 ? -1 : 1;
  for (int64_t k = 0; k < std::abs(i); ++k) {
    if (at + step < 0 || at + step >= size) {
      step = -step;
      if (repeats || size == 1) continue;
    }
    at += step;
  }
  return at;
}

TEST(ImageBorder, GoesOnBeyondTheEdges) {
  for (const ImageBorder border :
       {ImageBorder::constant, ImageBorder::edge, ImageBorder::reflect, ImageBorder::symmetric})
    for (const int64_t size : {1, 2, 3, 7})
      for (int64_t i = -20; i < 20; ++i)
        EXPECT_EQ(border_place(border, i, size), walked(border, i, size))
            << int(border) << ", " << i << " of " << size;
}

template <class From, class T>
std::vector<T> expected(const ImageWindow& s, const std::vector<From>& x,
                        const std::vector<int64_t>& order, const std::vector<float>& levels) {
  std::vector<T> y(size_t(s.n * s.oh * s.ow * s.c));
  for (int64_t i = 0; i < s.n; ++i) {
    ImageWindow host = s;
    std::vector<int64_t> numbers;
    if (s.draws.number != nullptr) numbers = order;
    host.draws.number = numbers.empty() ? nullptr : numbers.data();
    const ImagePlacement place(host, i);
    for (int64_t row = 0; row < s.oh; ++row)
      for (int64_t col = 0; col < s.ow; ++col)
        for (int64_t c = 0; c < s.c; ++c) {
          const int64_t across = place.flips ? s.ow - 1 - col : col;
          const int64_t h = walked(s.border, place.top + row, s.h);
          const int64_t w = walked(s.border, place.left + across, s.w);
          const int64_t image = order.empty() ? i : order[size_t(i)];
          const From value =
              h < 0 || w < 0 ? From(s.fill) : x[size_t(((image * s.h + h) * s.w + w) * s.c + c)];
          const bool cut = s.cutout > 0 && row >= place.hole_top &&
                           row < place.hole_top + s.cutout && col >= place.hole_left &&
                           col < place.hole_left + s.cutout;
          T& to = y[size_t(((i * s.oh + row) * s.ow + col) * s.c + c)];
          if constexpr (sizeof(From) == 1 && sizeof(T) > 1)
            to = cut ? T(0.f) : T(levels[size_t(c * 256 + int64_t(value))]);
          else
            to = cut ? T(0) : value;
        }
  }
  return y;
}

template <class From, class T, class Backend>
void check(const KernelTest<Backend>& test, ImageWindow s, bool ordered) {
  const auto x = random_values<From>(size_t(s.stored * s.h * s.w * s.c), 1, 0, 255);
  const auto levels = random_values<float>(size_t(s.c * 256), 2);
  std::vector<int64_t> order, targets(static_cast<size_t>(s.stored));
  std::iota(targets.begin(), targets.end(), 100);
  if (ordered)
    for (int64_t i = 0; i < s.n; ++i) order.push_back((i * 7 + 3) % s.stored);
  auto from = test.template upload<From>(x);
  auto table = test.template upload<float>(levels);
  auto index = test.template upload<int64_t>(order);
  auto stored_target = test.template upload<int64_t>(targets);
  auto to = test.template unset<T>(size_t(s.n * s.oh * s.ow * s.c));
  auto target = test.template unset<int64_t>(size_t(s.n));
  s.levels = table.data();
  if (ordered) s.order = s.draws.number = index.data();
  image_window(test.stream, s, from.data(), stored_target.data(), to.data(), target.data());
  const auto actual = to.to_host(), right = expected<From, T>(s, x, order, levels);
  ASSERT_EQ(actual.size(), right.size());
  for (size_t i = 0; i < right.size(); ++i)
    ASSERT_EQ(float(actual[i]), float(right[i])) << i << " of " << s.n << " images";
  for (int64_t i = 0; i < s.n; ++i)
    EXPECT_EQ(target.to_host()[size_t(i)], 100 + (ordered ? order[size_t(i)] : i));
}

std::vector<ImageWindow> windows() {
  std::vector<ImageWindow> all = {shape_of(0, 3, 4, 5, 5, 5, 5), shape_of(1, 1, 1, 1, 1, 1, 1),
                                  shape_of(5, 3, 5, 6, 7, 6, 7), shape_of(33, 3, 33, 8, 8, 8, 8)};
  for (const ImageBorder border :
       {ImageBorder::constant, ImageBorder::edge, ImageBorder::reflect, ImageBorder::symmetric}) {
    ImageWindow s = shape_of(31, 2, 31, 5, 6, 7, 4);
    s.draws.at = {.seed = 0x123456789abcdef, .offset = 7};
    s.border = border;
    s.top = -3, s.tops = 5, s.left = -2, s.lefts = 7;
    s.fill = 9;
    s.flip_probability = 0.5;
    s.cutout = 3;
    all.push_back(s);
    s.flip = ImageFlip::alternating;
    all.push_back(s);
  }
  return all;
}

TYPED_TEST(ImageWindowTest, PlacesEveryPixel) {
  for (const ImageWindow& s : windows())
    for (const bool ordered : {false, true}) {
      check<uint8_t, float>(*this, s, ordered);
      check<uint8_t, Half>(*this, s, ordered);
      check<uint8_t, BFloat16>(*this, s, ordered);
      check<uint8_t, uint8_t>(*this, s, ordered);
      check<float, float>(*this, s, ordered);
    }
}

TEST(ImagePlacement, DrawsEveryPlaceAsOften) {
  ImageWindow s = shape_of(10000, 1, 1, 4, 4, 4, 4);
  s.tops = 5, s.lefts = 9, s.flip_probability = 0.3, s.cutout = 2;
  int64_t top[5] = {}, left[9] = {}, hole[4] = {}, flips = 0;
  for (int64_t i = 0; i < s.n; ++i) {
    const ImagePlacement place(s, i);
    ++top[place.top], ++left[place.left], ++hole[place.hole_top + 1], flips += place.flips;
  }
  // Five deviations of a binomial count.
  const auto near = [&](int64_t count, double p) {
    return std::abs(double(count) - 1e4 * p) < 5 * std::sqrt(1e4 * p * (1 - p));
  };
  for (const int64_t count : top) EXPECT_TRUE(near(count, 1. / 5)) << count;
  for (const int64_t count : left) EXPECT_TRUE(near(count, 1. / 9)) << count;
  for (const int64_t count : hole) EXPECT_TRUE(near(count, 1. / 4)) << count;
  EXPECT_TRUE(near(flips, 0.3)) << flips;
}

TEST(ImagePlacement, AlternatesFlips) {
  ImageWindow s = shape_of(1000, 1, 1, 1, 1, 1, 1);
  s.flip = ImageFlip::alternating;
  int64_t flips = 0;
  for (int64_t i = 0; i < s.n; ++i) {
    s.draws.at.offset = 4;
    const bool first = ImagePlacement(s, i).flips;
    s.draws.at.offset = 5;
    EXPECT_EQ(ImagePlacement(s, i).flips, !first);
    s.draws.at.offset = 6;
    EXPECT_EQ(ImagePlacement(s, i).flips, first);
    flips += first;
  }
  EXPECT_NEAR(double(flips), 500, 80);
}

}  // namespace
}  // namespace cuttle::test
