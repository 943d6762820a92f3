// Softmax and log-softmax on the CPU: a row is read three times from the first cache.
#include "../softmax.h"

#include <cmath>

#include "parallel.h"

namespace cuttle::kernels {
namespace {

template <class T>
void softmax_row(bool log, int64_t cols, const T* x, T* y) {
  T largest = x[0];
  for (int64_t c = 1; c < cols; ++c) largest = x[c] > largest ? x[c] : largest;
  double sum = 0;
  if (log) {
    for (int64_t c = 0; c < cols; ++c) sum += std::exp(x[c] - largest);
    const T log_sum = static_cast<T>(std::log(sum));
    for (int64_t c = 0; c < cols; ++c) y[c] = (x[c] - largest) - log_sum;
  } else {
    for (int64_t c = 0; c < cols; ++c) {
      y[c] = std::exp(x[c] - largest);
      sum += y[c];
    }
    const T inverse = static_cast<T>(1 / sum);
    for (int64_t c = 0; c < cols; ++c) y[c] *= inverse;
  }
}

template <class T>
void softmax_row_backward(bool log, int64_t cols, const T* y, const T* dy, T* dx) {
  double sum = 0;
  for (int64_t c = 0; c < cols; ++c) sum += log ? double(dy[c]) : double(dy[c]) * double(y[c]);
  const T total = static_cast<T>(sum);
  if (log) {
    for (int64_t c = 0; c < cols; ++c) dx[c] = dy[c] - std::exp(y[c]) * total;
  } else {
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
    for (int64_t r = begin; r < end; ++r) softmax_row(log, cols, x + r * cols, y + r * cols);
  });
}

template <class T>
void softmax_backward(cpu::Stream, bool log, int64_t rows, int64_t cols, const T* y, const T* dy,
                      T* dx) {
  const int64_t cost = cols * (log ? kExpCost : 1);
  cpu::parallel_for(rows, cpu::grain_units(cost), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      softmax_row_backward(log, cols, y + r * cols, dy + r * cols, dx + r * cols);
  });
}

#define CUTTLE_INSTANTIATE(T)                                                          \
  template void softmax_forward<T>(cpu::Stream, bool, int64_t, int64_t, const T*, T*); \
  template void softmax_backward<T>(cpu::Stream, bool, int64_t, int64_t, const T*, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
