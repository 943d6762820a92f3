// Normalisation of rows on the CPU: a row is read three times from the first caches.
#include "../row_norm.h"

#include <cmath>

#include "lane_sums.h"
#include "norm_runs.h"

namespace cuttle::kernels {
namespace {

using cpu::Same;

/// Calls f(first element, elements, weights, biases) for the runs of a row in which those are
/// arrays that go along with the elements (inner 1), or one number each.
template <class T, class F>
void for_each_run(const NormShape& s, int64_t row, const T* weight, const T* bias, const F& f) {
  const int64_t first = row % s.groups * s.per_group();
  if (s.inner == 1 && weight != nullptr && bias != nullptr)
    return f(int64_t{0}, s.per_group(), weight + first, bias + first);
  if (s.inner == 1 && weight != nullptr)
    return f(int64_t{0}, s.per_group(), weight + first, Same<T>{0});
  if (s.inner == 1 && bias != nullptr)
    return f(int64_t{0}, s.per_group(), Same<T>{1}, bias + first);
  if (weight == nullptr && bias == nullptr)
    return f(int64_t{0}, s.per_group() * s.inner, Same<T>{1}, Same<T>{0});
  for (int64_t c = 0; c < s.per_group(); ++c)
    f(c * s.inner, s.inner, Same<T>{weight != nullptr ? weight[first + c] : T(1)},
      Same<T>{bias != nullptr ? bias[first + c] : T(0)});
}

template <class T>
double sum_of(int64_t n, const T* x) {
  return cpu::lane_sums(n, [=](int64_t i) { return std::array{static_cast<double>(x[i])}; })[0];
}

template <class T>
double squares_around(int64_t n, const T* x, double mean) {
  return cpu::lane_sums(n, [=](int64_t i) { return std::array{(x[i] - mean) * (x[i] - mean)}; })[0];
}

/// Of one row: x and y its own, (cols).
template <class T>
void normalise_row(const NormShape& s, int64_t row, double eps, const T* x, const T* weight,
                   const T* bias, T* y, T* mean, T* rstd) {
  const int64_t cols = s.per_group() * s.inner;
  const double of_row = mean != nullptr ? sum_of(cols, x) / static_cast<double>(cols) : 0;
  const double variance = squares_around(cols, x, of_row) / static_cast<double>(cols);
  const T center = static_cast<T>(of_row), scale = static_cast<T>(1 / std::sqrt(variance + eps));
  if (mean != nullptr) mean[row] = center;
  rstd[row] = scale;
  for_each_run(s, row, weight, bias, [=](int64_t at, int64_t n, const auto& w, const auto& b) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[at + i] = (x[at + i] - center) * scale * w[i] + b[i];
  });
}

template <class T>
void backward_row(const NormShape& s, int64_t row, const NormTerms<T>& terms, const T* x,
                  const T* dy, T* dx) {
  const auto cols = static_cast<double>(s.per_group() * s.inner);
  const T mean = terms.mean != nullptr ? terms.mean[row] : T(0), rstd = terms.spread[row];
  double sum = 0, slope = 0;
  const T* const no_bias = nullptr;
  for_each_run(s, row, terms.weight, no_bias,
               [&](int64_t at, int64_t n, const auto& w, const auto&) {
                 const auto sums = cpu::lane_sums(n, [&](int64_t i) {
                   const double g = dy[at + i] * w[i];
                   return std::array{g, g * static_cast<double>((x[at + i] - mean) * rstd)};
                 });
                 sum += sums[0], slope += sums[1];
               });
  const T shared = terms.mean != nullptr ? static_cast<T>(sum / cols) : T(0);
  const T along = static_cast<T>(slope / cols);
  for_each_run(
      s, row, terms.weight, no_bias, [=](int64_t at, int64_t n, const auto& w, const auto&) {
#pragma omp simd
        for (int64_t i = 0; i < n; ++i)
          dx[at + i] = rstd * (dy[at + i] * w[i] - shared - (x[at + i] - mean) * rstd * along);
      });
}

}  // namespace

template <class T>
void row_norm_forward(cpu::Stream, const NormShape& s, double eps, const T* x, const T* weight,
                      const T* bias, T* y, T* mean, T* rstd) {
  const int64_t rows = s.outer * s.groups, cols = s.per_group() * s.inner;
  if (cols == 0) return;
  cpu::parallel_for(rows, cpu::grain_units(cols), [=](int64_t begin, int64_t end) {
    cpu::vectorised([&] {
      for (int64_t r = begin; r < end; ++r)
        normalise_row(s, r, eps, x + r * cols, weight, bias, y + r * cols, mean, rstd);
    });
  });
}

template <class T>
void row_norm_backward(cpu::Stream, const NormShape& s, const NormTerms<T>& terms, const T* x,
                       const T* dy, T* dx) {
  const int64_t rows = s.outer * s.groups, cols = s.per_group() * s.inner;
  if (cols == 0) return;
  cpu::parallel_for(rows, cpu::grain_units(cols), [=](int64_t begin, int64_t end) {
    cpu::vectorised([&] {
      for (int64_t r = begin; r < end; ++r)
        backward_row(s, r, terms, x + r * cols, dy + r * cols, dx + r * cols);
    });
  });
}

#define CUTTLE_INSTANTIATE(T)                                                                   \
  template void row_norm_forward(cpu::Stream, const NormShape&, double, const T*, const T*,     \
                                 const T*, T*, T*, T*);                                         \
  template void row_norm_backward(cpu::Stream, const NormShape&, const NormTerms<T>&, const T*, \
                                  const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
