// Resizing against sums over every pair of an output and an input, in double.
#include <cuttle/kernels/image_resize.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ImageResizeTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ImageResizeTest, Backends, BackendName);

double kernel_value(ResizeFilter filter, double x) {
  x = std::abs(x);
  if (filter == ResizeFilter::linear) return std::max(0.0, 1 - x);
  if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
  return x < 2 ? -0.5 * (x * x * x - 5 * x * x + 8 * x - 4) : 0;
}

/// What input i counts in output o of a part of `size` inputs.
std::vector<double> shares(ResizeFilter filter, int64_t o, int64_t size, int64_t out) {
  std::vector<double> all(static_cast<size_t>(size));
  const double scale = double(size) / double(out), wide = std::max(1.0, scale);
  if (filter == ResizeFilter::nearest || filter == ResizeFilter::nearest_exact) {
    const double half = filter == ResizeFilter::nearest ? 0 : 0.5;
    all[size_t((double(o) + half) * scale)] = 1;
    return all;
  }
  double sum = 0;
  for (int64_t i = 0; i < size; ++i)
    sum += all[size_t(i)] =
        kernel_value(filter, (double(i) + 0.5 - (double(o) + 0.5) * scale) / wide);
  for (double& share : all) share /= sum;
  return all;
}

struct Case {
  ResizeFilter filter;
  bool vertical;
  int64_t n, c, rows, cols, out;
  std::vector<int64_t> boxes;  // (n, 4), or none
};

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const Case& it) {
  const auto x =
      random_values<T>(size_t(it.n * it.rows * it.cols * it.c), 3, 0, sizeof(T) == 1 ? 256 : 1);
  auto from = test.template upload<T>(x);
  auto boxes = test.template upload<int64_t>(it.boxes);
  ResizeAxis axis{.filter = it.filter,
                  .sets = it.boxes.empty() ? 1 : it.n,
                  .in = it.vertical ? it.rows : it.cols,
                  .out = it.out,
                  .boxes = it.boxes.empty() ? nullptr : boxes.data(),
                  .vertical = it.vertical};
  ResizePass pass{.vertical = it.vertical,
                  .n = it.n,
                  .c = it.c,
                  .rows = it.vertical ? it.out : it.rows,
                  .cols = it.vertical ? it.cols : it.out,
                  .sets = axis.sets,
                  .taps = axis.taps(),
                  .boxes = axis.boxes};
  const int64_t in[4] = {it.rows * it.cols * it.c, 1, it.cols * it.c, it.c};
  const int64_t out[4] = {pass.rows * pass.cols * it.c, 1, pass.cols * it.c, it.c};
  std::copy_n(in, 4, pass.from);
  std::copy_n(out, 4, pass.to);
  auto ranges = test.template unset<int32_t>(size_t(axis.sets * it.out * 2));
  auto weights = test.template unset<ResizeWeight<T>>(size_t(axis.sets * it.out * pass.taps));
  auto y = test.template unset<T>(size_t(it.n * out[0]));
  resize_weights(test.stream, axis, ranges.data(), weights.data());
  resize_pass(test.stream, pass, ranges.data(), weights.data(), from.data(), y.data());
  const auto actual = y.to_host();
  for (int64_t n = 0; n < it.n; ++n) {
    const int64_t whole[4] = {0, 0, it.rows, it.cols};
    const int64_t* const box = it.boxes.empty() ? whole : it.boxes.data() + 4 * n;
    for (int64_t o = 0; o < it.out; ++o) {
      const auto share = shares(it.filter, o, box[it.vertical ? 2 : 3], it.out);
      for (int64_t line = 0; line < (it.vertical ? it.cols : it.rows); ++line) {
        const bool outside = !it.vertical && (line < box[0] || line >= box[0] + box[2]);
        for (int64_t c = 0; c < it.c; ++c) {
          double sum = 0;
          for (size_t k = 0; k < share.size(); ++k) {
            const int64_t at = box[it.vertical ? 0 : 1] + int64_t(k);
            const int64_t row = it.vertical ? at : line, col = it.vertical ? line : at;
            sum += share[k] * double(x[size_t(n * in[0] + row * in[2] + col * in[3] + c)]);
          }
          const int64_t row = it.vertical ? o : line, col = it.vertical ? line : o;
          const T value = actual[size_t(n * out[0] + row * out[2] + col * out[3] + c)];
          if (outside) continue;
          // Bytes are rounded, from weights that were: half a level and a little.
          const double limit = sizeof(T) == 1 ? 0.51 : 4e-6;
          const double right = sizeof(T) == 1 ? std::clamp(sum, 0.0, 255.0) : sum;
          ASSERT_NEAR(double(value), right, limit) << int(it.filter) << ' ' << it.out << ' ' << o;
        }
      }
    }
  }
}

TYPED_TEST(ImageResizeTest, WeighsAllInputs) {
  for (const ResizeFilter filter : {ResizeFilter::nearest, ResizeFilter::nearest_exact,
                                    ResizeFilter::linear, ResizeFilter::cubic})
    for (const bool vertical : {false, true})
      for (const int64_t out : {1, 4, 7, 19, 33}) {
        for (const Case& it : {Case{filter, vertical, 2, 3, 7, 9, out, {}},
                               Case{filter, vertical, 1, 1, 1, 1, out, {}},
                               Case{filter, vertical, 0, 1, 5, 5, out, {}},
                               Case{filter, vertical, 2, 3, 8, 9, out, {1, 2, 5, 3, 0, 8, 8, 1}}}) {
          check<uint8_t>(*this, it);
          check<float>(*this, it);
        }
      }
}

}  // namespace
}  // namespace cuttle::test
