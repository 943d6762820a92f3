// Resampling and adaptive max pooling against loops over every pair of an output and an input.
#include <cuttle/kernels/adaptive_max_pool2d.h>
#include <cuttle/kernels/resample.h>

#include <functional>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ResampleTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ResampleTest, Backends, BackendName);

/// What input i counts in output o, in double.
using Weight = std::function<double(int64_t o, int64_t i)>;

double cubic(double x) {
  const double a = -0.75;
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

Weight window_weight(const ResampleAxis& a) {
  return [a](int64_t o, int64_t i) {
    const int64_t begin = o * a.stride - a.padding, end = begin + a.kernel;
    int64_t count = std::min(end, a.in) - std::max<int64_t>(begin, 0);
    if (a.counts_padding) count = std::min(end, a.in + a.padding) - begin;
    if (a.divisor != 0) count = a.divisor;
    return i >= begin && i < end ? 1 / double(count) : 0;
  };
}

Weight weight_of(ResampleMode mode, const ResampleAxis& a) {
  const auto place = [a](int64_t o) {
    return a.align_corners ? double(o) * a.scale : (double(o) + 0.5) * a.scale - 0.5;
  };
  const auto inside = [a](int64_t i) { return std::clamp<int64_t>(i, 0, a.in - 1); };
  switch (mode) {
    case ResampleMode::average:
      return window_weight(a);
    case ResampleMode::adaptive:
      return [a](int64_t o, int64_t i) {
        const int64_t begin = o * a.in / a.out, end = ((o + 1) * a.in + a.out - 1) / a.out;
        return i >= begin && i < end ? 1 / double(end - begin) : 0;
      };
    case ResampleMode::nearest:
      return [=](int64_t o, int64_t i) { return inside(int64_t(double(o) * a.scale)) == i; };
    case ResampleMode::nearest_exact:
      return
          [=](int64_t o, int64_t i) { return inside(int64_t((double(o) + 0.5) * a.scale)) == i; };
    case ResampleMode::linear:
      return [=](int64_t o, int64_t i) {
        const double at = std::max(0.0, place(o));
        const auto first = int64_t(at);
        return (inside(first) == i ? 1 - (at - double(first)) : 0) +
               (inside(first + 1) == i ? at - double(first) : 0);
      };
    case ResampleMode::cubic:
      break;
  }
  return [=](int64_t o, int64_t i) {
    const auto whole = int64_t(std::floor(place(o)));
    double sum = 0;
    for (int64_t k = whole - 1; k <= whole + 2; ++k)
      if (inside(k) == i) sum += cubic(place(o) - double(k));
    return sum;
  };
}

/// The adjoint where `backward`.
template <class T>
std::vector<double> resampled(const ResampleShape& s, bool backward, const std::vector<T>& from) {
  const Weight rows = weight_of(s.mode, s.height), cols = weight_of(s.mode, s.width);
  const ResampleAxis &h = s.height, &w = s.width;
  const int64_t outer = h.out * w.out, inner = h.in * w.in;
  std::vector<double> to(size_t(s.n * s.c * (backward ? inner : outer)));
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        const double weight = rows(o / w.out, i / w.in) * cols(o % w.out, i % w.in);
        if (weight == 0) continue;
        for (int64_t c = 0; c < s.c; ++c) {
          const int64_t x = (n * inner + i) * s.c + c, y = (n * outer + o) * s.c + c;
          to[size_t(backward ? x : y)] += weight * double(from[size_t(backward ? y : x)]);
        }
      }
  return to;
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const ResampleShape& s) {
  const size_t in = size_t(s.n * s.c * s.height.in * s.width.in);
  const size_t out = size_t(s.n * s.c * s.height.out * s.width.out);
  const auto x_values = random_values<T>(in, 1), dy_values = random_values<T>(out, 2);
  auto x = test.template upload<T>(x_values);
  auto dy = test.template upload<T>(dy_values);
  auto y = test.template unset<T>(out);
  auto dx = test.template unset<T>(in);
  const std::string what = "mode " + std::to_string(int(s.mode)) + " of " + std::to_string(s.c) +
                           " channels, " + std::to_string(s.width.in) + " to " +
                           std::to_string(s.width.out);
  // Positions of some tens carry their own rounding into the weights.
  const double tolerance = 128 * kEpsilon<T>;
  resample_forward<T>(test.stream, s, x.data(), y.data());
  expect_close(y.to_host(), resampled(s, false, x_values), tolerance, tolerance, what);
  resample_backward<T>(test.stream, s, dy.data(), dx.data());
  expect_close(dx.to_host(), resampled(s, true, dy_values), tolerance, tolerance, what + " back");
}

ResampleAxis window(int64_t in, int64_t kernel, int64_t stride, int64_t padding, bool counts) {
  return {.in = in,
          .out = (in + 2 * padding - kernel) / stride + 1,
          .kernel = kernel,
          .stride = stride,
          .padding = padding,
          .counts_padding = counts};
}

ResampleAxis between(int64_t in, int64_t out, bool aligned = false) {
  const double scale = !aligned  ? double(in) / double(out)
                       : out > 1 ? double(in - 1) / double(out - 1)
                                 : 0;
  return {.in = in, .out = out, .scale = scale, .align_corners = aligned};
}

std::vector<ResampleShape> shapes() {
  using M = ResampleMode;
  ResampleAxis by_three = window(6, 2, 2, 0, true), by_one = by_three;
  by_three.divisor = 3, by_one.divisor = 1;
  std::vector<ResampleShape> all = {
      {M::average, 2, 33, window(8, 2, 2, 0, true), window(8, 2, 2, 0, true)},
      {M::average, 2, 3, window(9, 3, 2, 1, true), window(7, 3, 1, 1, true)},
      {M::average, 1, 5, window(9, 3, 2, 1, false), window(6, 2, 3, 1, false)},
      {M::average, 1, 5, by_three, by_one},
      {M::average, 0, 5, window(4, 2, 2, 0, true), window(4, 2, 2, 0, true)},
      {M::adaptive, 2, 31, between(7, 3), between(5, 8)},
      {M::adaptive, 1, 1, between(1, 1), between(33, 4)},
  };
  // Even ratios and such that no position is a boundary's neighbour: the oracle rounds otherwise.
  for (const M mode : {M::nearest, M::nearest_exact, M::linear, M::cubic})
    for (const auto& [h, w] : {std::pair{between(4, 8), between(8, 4)},
                               {between(5, 7), between(7, 5)},
                               {between(1, 3), between(3, 1)},
                               {between(2, 33), between(33, 2)}})
      all.push_back({mode, 2, 3, h, w});
  for (const M mode : {M::linear, M::cubic}) {
    all.push_back({mode, 1, 65, between(4, 7, true), between(7, 4, true)});
    all.push_back({mode, 1, 2, between(3, 1, true), between(1, 3, true)});
  }
  return all;
}

TYPED_TEST(ResampleTest, FollowsTheWeights) {
  for (const ResampleShape& shape : shapes()) {
    check<float>(*this, shape);
    check<double>(*this, shape);
  }
}

template <class T, class Backend>
void check_adaptive_max(const KernelTest<Backend>& test, const MaxPool2dShape& s) {
  const auto x_values = random_values<T>(size_t(s.n * s.h * s.w * s.c), 1);
  const auto dy_values = random_values<T>(size_t(s.n * s.oh * s.ow * s.c), 2);
  std::vector<double> y, dx(x_values.size());
  std::vector<int32_t> places;
  for (int64_t o = 0; o < s.n * s.oh * s.ow * s.c; ++o) {
    const int64_t c = o % s.c, ow = o / s.c % s.ow, oh = o / (s.c * s.ow) % s.oh;
    const int64_t image = o / (s.c * s.ow * s.oh) * s.h * s.w;
    int64_t best = -1;
    for (int64_t h = oh * s.h / s.oh; h < ((oh + 1) * s.h + s.oh - 1) / s.oh; ++h)
      for (int64_t w = ow * s.w / s.ow; w < ((ow + 1) * s.w + s.ow - 1) / s.ow; ++w) {
        const int64_t at = (image + h * s.w + w) * s.c + c;
        if (best < 0 || x_values[size_t(at)] > x_values[size_t(best)]) best = at;
      }
    y.push_back(double(x_values[size_t(best)]));
    places.push_back(int32_t(best / s.c - image));
    dx[size_t(best)] += double(dy_values[size_t(o)]);
  }
  auto device_x = test.template upload<T>(x_values);
  auto device_dy = test.template upload<T>(dy_values);
  auto device_y = test.template unset<T>(y.size());
  auto device_dx = test.template unset<T>(dx.size());
  auto index = test.template unset<int32_t>(y.size());
  adaptive_max_pool2d_forward<T>(test.stream, s, device_x.data(), device_y.data(), index.data());
  expect_close(device_y.to_host(), y, 0, 0, "largest");
  EXPECT_EQ(index.to_host(), places);
  adaptive_max_pool2d_backward<T>(test.stream, s, device_dy.data(), index.data(), device_dx.data());
  expect_close(device_dx.to_host(), dx, 4 * kEpsilon<T>, 4 * kEpsilon<T>, "gradient");
}

TYPED_TEST(ResampleTest, AdaptiveMaxPooling) {
  for (const MaxPool2dShape& s :
       {MaxPool2dShape{.n = 2, .c = 33, .h = 7, .w = 5, .oh = 3, .ow = 4},
        MaxPool2dShape{.n = 1, .c = 3, .h = 4, .w = 6, .oh = 2, .ow = 9},
        MaxPool2dShape{.n = 1, .c = 1, .h = 1, .w = 1, .oh = 1, .ow = 1}}) {
    check_adaptive_max<float>(*this, s);
    check_adaptive_max<double>(*this, s);
  }
}

}  // namespace
}  // namespace cuttle::test
