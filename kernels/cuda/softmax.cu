// Softmax and log-softmax of the rows of a matrix. See kernels/softmax.h.
#include "../softmax.h"

#include <cmath>

#include "group_reduce.cuh"
#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, … of this folder

constexpr int kThreads = 256;
constexpr int kKept = 8;  // elements of its row that a thread keeps in registers

/// y = exp(x − max) / Σ exp(x − max) of each row, or with `log` y = x − max − log Σ exp(x − max).
/// Layout: x and y (rows, cols), dense.
/// Launch: block 256 as groups of `lanes` threads, a group a row; the grid covers the rows.
/// Bound: memory; up to 8 · 256 columns x is read once and y written once, 2 · rows · cols
/// elements; what lies beyond is read again from the caches, for the sum and for the result.
/// Numerics: sums in T; the row's maximum is subtracted first. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads, 1)
    softmax_forward_kernel(bool log, int lanes, int64_t rows, int64_t cols, const T* __restrict__ x,
                           T* __restrict__ y) {
  const ThreadGroup<kThreads> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * (kThreads / lanes) + group.group;
  const bool present = row < rows;  // no early return: the whole block meets in reduce()
  const T* const from = x + row * cols;
  T* const to = y + row * cols;
  const int64_t beyond = group.lane + int64_t{kKept} * lanes;  // the first element not kept
  constexpr T lowest = -kInfinity<T>;

  wait_for_predecessor();
  T kept[kKept];
  T largest = lowest;
  CUTTLE_UNROLL
  for (int i = 0; i < kKept; ++i) {
    const int64_t k = group.lane + i * lanes;
    kept[i] = present && k < cols ? from[k] : lowest;
    largest = Larger()(largest, kept[i]);
  }
  for (int64_t k = beyond; present && k < cols; k += lanes) largest = Larger()(largest, from[k]);
  largest = group.reduce(largest, Larger());

  T sum = 0;
  CUTTLE_UNROLL
  for (int i = 0; i < kKept; ++i)
    if (present && group.lane + i * lanes < cols) sum += std::exp(kept[i] - largest);
  for (int64_t k = beyond; present && k < cols; k += lanes) sum += std::exp(from[k] - largest);
  sum = group.reduce(sum, Plus());

  const T log_sum = log ? std::log(sum) : T(0);
  const auto result = [=](T value) {
    return log ? value - largest - log_sum : std::exp(value - largest) / sum;
  };
  CUTTLE_UNROLL
  for (int i = 0; i < kKept; ++i) {
    const int64_t k = group.lane + i * lanes;
    if (present && k < cols) to[k] = result(kept[i]);
  }
  for (int64_t k = beyond; present && k < cols; k += lanes) to[k] = result(from[k]);
}

/// dx = y · (dy − Σ dy·y), or with `log` dx = dy − exp(y) · Σ dy, the sums along each row.
/// Layout, launch, numerics as above. Bound: memory, 3 · rows · cols elements; the second reading
/// of y and dy comes from the caches.
template <class T>
__global__ void __launch_bounds__(kThreads)
    softmax_backward_kernel(bool log, int lanes, int64_t rows, int64_t cols,
                            const T* __restrict__ y, const T* __restrict__ dy, T* __restrict__ dx) {
  const ThreadGroup<kThreads> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * (kThreads / lanes) + group.group;
  const bool present = row < rows;
  const int64_t start = row * cols;
  wait_for_predecessor();
  T sum = 0;
  for (int64_t k = group.lane; present && k < cols; k += lanes)
    sum += log ? dy[start + k] : dy[start + k] * y[start + k];
  sum = group.reduce(sum, Plus());
  for (int64_t k = group.lane; present && k < cols; k += lanes) {
    const T out = y[start + k], gradient = dy[start + k];
    dx[start + k] = log ? gradient - std::exp(out) * sum : out * (gradient - sum);
  }
}

}  // namespace

template <class T>
void softmax_forward(cuda::Stream stream, bool log, int64_t rows, int64_t cols, const T* x, T* y) {
  if (rows * cols == 0) return;
  const int lanes = lanes_for(cols, kThreads);
  launch_overlapping(stream, {blocks_for(rows, kThreads / lanes), kThreads},
                     softmax_forward_kernel<T>, log, lanes, rows, cols, x, y);
}

template <class T>
void softmax_backward(cuda::Stream stream, bool log, int64_t rows, int64_t cols, const T* y,
                      const T* dy, T* dx) {
  if (rows * cols == 0) return;
  const int lanes = lanes_for(cols, kThreads);
  launch_overlapping(stream, {blocks_for(rows, kThreads / lanes), kThreads},
                     softmax_backward_kernel<T>, log, lanes, rows, cols, y, dy, dx);
}

#define CUTTLE_SOFTMAX(T)                                                            \
  template void softmax_forward(cuda::Stream, bool, int64_t, int64_t, const T*, T*); \
  template void softmax_backward(cuda::Stream, bool, int64_t, int64_t, const T*, const T*, T*);
CUTTLE_SOFTMAX(float)
CUTTLE_SOFTMAX(double)

}  // namespace cuttle::kernels
