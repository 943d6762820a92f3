// Softmax and log-softmax on the CPU: a row is read three times from the first cache.
#include "../softmax.h"

#include <cmath>

#include "lane_sums.h"
#include "parallel.h"
#include "vector_level.h"
#include "vector_math.h"

namespace cuttle::kernels {
namespace {

template <bool log, class T>
void softmax_row(int64_t cols, const T* x, T* y) {
  T largest = x[0];
#pragma omp simd reduction(max : largest)
  for (int64_t c = 1; c < cols; ++c) largest = x[c] > largest ? x[c] : largest;
  const double sum = cpu::lane_sums(cols, [=](int64_t c) {
    const T e = cpu::exp_lane(x[c] - largest);
    if (!log) y[c] = e;
    return std::array{static_cast<double>(e)};
  })[0];
  if (log) {
    const T log_sum = static_cast<T>(std::log(sum));
#pragma omp simd
    for (int64_t c = 0; c < cols; ++c) y[c] = (x[c] - largest) - log_sum;
  } else {
    const T inverse = static_cast<T>(1 / sum);
#pragma omp simd
    for (int64_t c = 0; c < cols; ++c) y[c] *= inverse;
  }
}

template <bool log, class T>
void softmax_row_backward(int64_t cols, const T* y, const T* dy, T* dx) {
  const T total = static_cast<T>(cpu::lane_sums(cols, [=](int64_t c) {
    return std::array{log ? double(dy[c]) : double(dy[c]) * double(y[c])};
  })[0]);
  if (log) {
#pragma omp simd
    for (int64_t c = 0; c < cols; ++c) dx[c] = dy[c] - cpu::exp_lane(y[c]) * total;
  } else {
#pragma omp simd
    for (int64_t c = 0; c < cols; ++c) dx[c] = y[c] * (dy[c] - total);
  }
}

/// An exponential costs about as much as copying this many elements.
constexpr int64_t kExpCost = 8;

}  // namespace

template <class T>
void softmax_forward(cpu::Stream, bool log, int64_t rows, int64_t cols, const T* x, T* y) {
  if (cols == 0) return;
  cpu::parallel_for(rows, cpu::grain_units(cols * kExpCost), [=](int64_t begin, int64_t end) {
    cpu::vectorised([=] {
      for (int64_t r = begin; r < end; ++r) {
        if (log)
          softmax_row<true>(cols, x + r * cols, y + r * cols);
        else
          softmax_row<false>(cols, x + r * cols, y + r * cols);
      }
    });
  });
}

template <class T>
void softmax_backward(cpu::Stream, bool log, int64_t rows, int64_t cols, const T* y, const T* dy,
                      T* dx) {
  const int64_t cost = cols * (log ? kExpCost : 1);
  cpu::parallel_for(rows, cpu::grain_units(cost), [=](int64_t begin, int64_t end) {
    cpu::vectorised([=] {
      for (int64_t r = begin; r < end; ++r) {
        const int64_t at = r * cols;
        if (log)
          softmax_row_backward<true>(cols, y + at, dy + at, dx + at);
        else
          softmax_row_backward<false>(cols, y + at, dy + at, dx + at);
      }
    });
  });
}

#define CUTTLE_INSTANTIATE(T)                                                          \
  template void softmax_forward<T>(cpu::Stream, bool, int64_t, int64_t, const T*, T*); \
  template void softmax_backward<T>(cpu::Stream, bool, int64_t, int64_t, const T*, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
