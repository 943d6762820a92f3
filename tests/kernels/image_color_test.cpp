// Colour changes: every device gives the bits that the changes give one after the other.
// (What each change is: tests/data/color_transforms_test.cpp, against torchvision.)
#include <cuttle/kernels/image_color.h>

#include <algorithm>
#include <map>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ImageColorTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ImageColorTest, Backends, BackendName);

ImageColor all_changes(int64_t n, int64_t c, int64_t h, int64_t w) {
  ImageColor s;
  s.n = n, s.c = c, s.h = h, s.w = w;
  const int64_t channels_last[4] = {h * w * c, 1, w * c, c};
  std::copy_n(channels_last, 4, s.strides);
  s.draws.at = {.seed = 77, .offset = 1};
  for (int i = 0; i < kColorChanges; ++i) {
    s.has[i] = true;
    s.low[i] = i == 3 ? -0.3 : 0.4;
    s.high[i] = i == 3 ? 0.3 : 1.6;
  }
  return s;
}

/// The whole image through one change after the other, the mean by itself.
template <class T>
std::vector<T> changed_image(const ImageColor& s, int64_t image, const T* x) {
  const ColorDraw draw(s, image);
  std::vector<Color<T>> pixels;
  for (int64_t p = 0; p < s.h * s.w; ++p) pixels.push_back(load_color(s, x + p * s.c));
  for (int i = 0; i < kColorChanges; ++i) {
    const int which = static_cast<int>(draw.order[i]);
    if (!s.has[which]) continue;
    int64_t units = 0;
    for (const Color<T>& pixel : pixels) units += gray_units(s, pixel);
    for (Color<T>& pixel : pixels)
      pixel = changed(draw.order[i], draw.factor[which], s.c == 1, mean_gray<T>(s, units), pixel);
  }
  std::vector<T> out;
  for (const Color<T>& pixel : pixels) out.insert(out.end(), pixel.at, pixel.at + s.c);
  return out;
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const ImageColor& s) {
  const double most = sizeof(T) == 1 ? 255.9 : 1;
  const auto x = random_values<T>(size_t(s.n * s.c * s.h * s.w), 4, 0, most);
  auto from = test.template upload<T>(x);
  auto to = test.template unset<T>(x.size());
  image_color(test.stream, s, from.data(), to.data());
  std::vector<T> expected;
  for (int64_t i = 0; i < s.n; ++i)
    for (const T value : changed_image(s, i, x.data() + i * s.c * s.h * s.w))
      expected.push_back(value);
  EXPECT_EQ(to.to_host(), expected) << s.n << " of " << s.c << " x " << s.h << " x " << s.w;
}

TYPED_TEST(ImageColorTest, ChangesOneAfterTheOther) {
  for (ImageColor s : {all_changes(0, 3, 4, 4), all_changes(1, 3, 1, 1), all_changes(31, 3, 5, 7),
                       all_changes(5, 1, 9, 3), all_changes(2, 3, 33, 31)})
    for (const bool contrast : {true, false}) {
      s.has[1] = contrast;
      check<uint8_t>(*this, s);
      check<float>(*this, s);
    }
}

TEST(ColorDraw, TakesEveryOrderAsOften) {
  const ImageColor s = all_changes(24000, 3, 1, 1);
  std::map<std::vector<int>, int> orders;
  for (int64_t i = 0; i < s.n; ++i) {
    const ColorDraw draw(s, i);
    std::vector<int> order;
    for (const ColorChange change : draw.order) order.push_back(static_cast<int>(change));
    ++orders[order];
    for (int k = 0; k < kColorChanges; ++k) {
      EXPECT_GE(draw.factor[k], float(s.low[k]));
      EXPECT_LE(draw.factor[k], float(s.high[k]));
    }
  }
  EXPECT_EQ(orders.size(), 24u);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000.)) << count;
}

}  // namespace
}  // namespace cuttle::test
