// Softmax and log-softmax on the CPU: a few rows at a time, read three times from the first caches.
#include "../softmax.h"

#include <algorithm>
#include <limits>

#include "parallel.h"
#include "row_lanes.h"
#include "vector_level.h"
#include "vector_math.h"

namespace cuttle::kernels {
namespace {

/// Rows that go through one step together before the next: what a step waits for in one row, the
/// others hide. Their elements stay in the first caches.
constexpr int64_t kBlockRows = 32;

template <class T>
T largest_of(int64_t cols, const T* x) {
  constexpr T kLeast = -std::numeric_limits<T>::infinity();
  T lanes[cpu::kRowLanes];
  std::fill_n(lanes, cpu::kRowLanes, kLeast);
  cpu::for_row_lanes(cols, x, kLeast, [&lanes](int64_t, int lane, T value, bool) {
    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
  });
  return cpu::joined_halves(lanes, [](T a, T b) { return b > a ? b : a; });
}

double joined_sum(double* lanes) {
  return cpu::joined_halves(lanes, [](double a, double b) { return a + b; });
}

/// Σ exp(x − largest), and unless `log` its terms in y.
template <bool log, class T>
double sum_of_exponentials(int64_t cols, T largest, const T* x, T* y) {
  double lanes[cpu::kRowLanes] = {};
  cpu::for_row_lanes(cols, x, -std::numeric_limits<T>::infinity(),
                     [&lanes, largest, y](int64_t c, int lane, T value, bool is_inside) {
                       const T e = cpu::exp_lane(value - largest);
                       if (!log && is_inside) y[c] = e;
                       lanes[lane] += static_cast<double>(e);
                     });
  return joined_sum(lanes);
}

template <bool log, class T>
void softmax_rows(int64_t rows, int64_t cols, const T* x, T* y) {
  T largest[kBlockRows], last[kBlockRows];
  double sums[kBlockRows];
  for (int64_t r = 0; r < rows; ++r) largest[r] = largest_of(cols, x + r * cols);
  for (int64_t r = 0; r < rows; ++r)
    sums[r] = sum_of_exponentials<log>(cols, largest[r], x + r * cols, y + r * cols);
  cpu::each_lane(rows, [&last, &sums](int64_t r) {
    last[r] = static_cast<T>(log ? cpu::log_lane(sums[r]) : 1 / sums[r]);
  });
  for (int64_t r = 0; r < rows; ++r) {
    const T* const from = x + r * cols;
    T* const to = y + r * cols;
    const T above = largest[r], own = last[r];
    if (log)
      cpu::each_lane(cols, [=](int64_t c) { to[c] = (from[c] - above) - own; });
    else
      cpu::each_lane(cols, [=](int64_t c) { to[c] *= own; });
  }
}

/// Σ dy · y, or with `log` Σ dy.
template <bool log, class T>
T slope_of(int64_t cols, const T* y, const T* dy) {
  double lanes[cpu::kRowLanes] = {};
  cpu::for_row_lanes(cols, dy, T(0), [&lanes, y](int64_t c, int lane, T value, bool is_inside) {
    double scale = 1;
    if (!log) scale = 0;
    if (!log && is_inside) scale = static_cast<double>(y[c]);
    lanes[lane] += static_cast<double>(value) * scale;
  });
  return static_cast<T>(joined_sum(lanes));
}

template <bool log, class T>
void softmax_rows_backward(int64_t rows, int64_t cols, const T* y, const T* dy, T* dx) {
  T slopes[kBlockRows];
  for (int64_t r = 0; r < rows; ++r) slopes[r] = slope_of<log>(cols, y + r * cols, dy + r * cols);
  for (int64_t r = 0; r < rows; ++r) {
    const T *const out = y + r * cols, *const from = dy + r * cols;
    T* const to = dx + r * cols;
    const T slope = slopes[r];
    if (log)
      cpu::each_lane(cols, [=](int64_t c) { to[c] = from[c] - cpu::exp_lane(out[c]) * slope; });
    else
      cpu::each_lane(cols, [=](int64_t c) { to[c] = out[c] * (from[c] - slope); });
  }
}

/// Calls f(first row, rows) for blocks of [begin, end).
template <class F>
void for_each_block(int64_t begin, int64_t end, const F& f) {
  for (int64_t r = begin; r < end; r += kBlockRows) f(r, std::min(kBlockRows, end - r));
}

/// An exponential costs about as much as copying this many elements.
constexpr int64_t kExpCost = 8;

}  // namespace

template <class T>
void softmax_forward(cpu::Stream, bool log, int64_t rows, int64_t cols, const T* x, T* y) {
  if (cols == 0) return;
  cpu::parallel_for(rows, cpu::grain_units(cols * kExpCost), [=](int64_t begin, int64_t end) {
    cpu::vectorised([=] {
      for_each_block(begin, end, [=](int64_t row, int64_t count) {
        if (log)
          softmax_rows<true>(count, cols, x + row * cols, y + row * cols);
        else
          softmax_rows<false>(count, cols, x + row * cols, y + row * cols);
      });
    });
  });
}

template <class T>
void softmax_backward(cpu::Stream, bool log, int64_t rows, int64_t cols, const T* y, const T* dy,
                      T* dx) {
  const int64_t cost = cols * (log ? kExpCost : 1);
  cpu::parallel_for(rows, cpu::grain_units(cost), [=](int64_t begin, int64_t end) {
    cpu::vectorised([=] {
      for_each_block(begin, end, [=](int64_t row, int64_t count) {
        const int64_t at = row * cols;
        if (log)
          softmax_rows_backward<true>(count, cols, y + at, dy + at, dx + at);
        else
          softmax_rows_backward<false>(count, cols, y + at, dy + at, dx + at);
      });
    });
  });
}

#define CUTTLE_INSTANTIATE(T)                                                          \
  template void softmax_forward<T>(cpu::Stream, bool, int64_t, int64_t, const T*, T*); \
  template void softmax_backward<T>(cpu::Stream, bool, int64_t, int64_t, const T*, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
