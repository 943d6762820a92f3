// Softmax and log-softmax of the rows of a matrix. See kernels/softmax.h.
#include "../softmax.h"

#include "row.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, Row, … of this folder

/// y = exp(x − max) / Σ exp(x − max) of each row, or with `log` y = x − max − log Σ exp(x − max).
/// Layout: x and y (rows, cols), dense.
/// Launch: groups of `lanes` threads, a group a row, in blocks of 256; the grid covers the rows. A
/// thread keeps up to 128 bytes of its row, so that a row of 1,024 floats is a warp's and one of
/// 8,192 a block's; longer ones are not kept, and a row is a block of 1,024 threads.
/// Bound: memory, 2 · rows · cols elements, x read once, in 16-byte loads where rows are multiples
/// of that; a warp's row is all in flight at once. Rows that are not kept are read again, from the
/// second-level cache while those at work fit into it.
/// Numerics: sums in T, relative to the row's maximum; a division is a reciprocal for the row and a
/// product. Deterministic.
template <class T, int V, int kKept>
__global__ void __launch_bounds__(kRowThreads<kKept>, kRowResident<T, kKept>)
    softmax_forward_kernel(bool log, int lanes, int64_t rows, int64_t cols, const T* __restrict__ x,
                           T* __restrict__ y) {
  const ThreadGroup<kRowThreads<kKept>> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * group.groups() + group.group;
  const int64_t length = row < rows ? cols : 0;  // no early return: the block meets in reduce()
  wait_for_predecessor();
  const Row<T, V, kKept, 1> from({x + row * cols}, length, group.lane, lanes);
  const SoftmaxTerms<T> terms = softmax_terms(from, group);
  if (log) {
    const T log_sum = std::log(terms.sum);
    from.map(y + row * cols,
             [=](const T(&value)[1], auto) { return value[0] - terms.largest - log_sum; });
  } else {
    const T scale = 1 / terms.sum;
    from.map(y + row * cols,
             [=](const T(&value)[1], auto) { return std::exp(value[0] - terms.largest) * scale; });
  }
}

/// dx = y · (dy − Σ dy·y), or with `log` dx = dy − exp(y) · Σ dy, the sums along each row.
/// Layout, launch, numerics as above. Bound: memory, 3 · rows · cols elements.
template <class T, int V, int kKept>
__global__ void __launch_bounds__(kRowThreads<kKept>, kRowResident<T, kKept>)
    softmax_backward_kernel(bool log, int lanes, int64_t rows, int64_t cols,
                            const T* __restrict__ y, const T* __restrict__ dy, T* __restrict__ dx) {
  const ThreadGroup<kRowThreads<kKept>> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * group.groups() + group.group;
  const int64_t length = row < rows ? cols : 0;
  wait_for_predecessor();
  const Row<T, V, kKept, 2> from({y + row * cols, dy + row * cols}, length, group.lane, lanes);
  T sum = 0;
  from.each([&](const T(&at)[2], auto) { sum += log ? at[1] : at[1] * at[0]; });
  sum = group.reduce(sum, Plus());
  if (log)
    from.map(dx + row * cols, [=](const T(&at)[2], auto) { return at[1] - std::exp(at[0]) * sum; });
  else
    from.map(dx + row * cols, [=](const T(&at)[2], auto) { return at[0] * (at[1] - sum); });
}

}  // namespace

template <class T>
void softmax_forward(cuda::Stream stream, bool log, int64_t rows, int64_t cols, const T* x, T* y) {
  if (rows * cols == 0) return;
  for_row_shape<T>(cols, is_aligned(x) && is_aligned(y), [&]<int V, int kKept>(int lanes) {
    constexpr int kThreads = kRowThreads<kKept>;
    launch_overlapping(stream, {blocks_for(rows, kThreads / lanes), kThreads},
                       softmax_forward_kernel<T, V, kKept>, log, lanes, rows, cols, x, y);
  });
}

template <class T>
void softmax_backward(cuda::Stream stream, bool log, int64_t rows, int64_t cols, const T* y,
                      const T* dy, T* dx) {
  if (rows * cols == 0) return;
  const bool aligned = is_aligned(y) && is_aligned(dy) && is_aligned(dx);
  for_row_shape<T>(cols, aligned, [&]<int V, int kKept>(int lanes) {
    constexpr int kThreads = kRowThreads<kKept>;
    launch_overlapping(stream, {blocks_for(rows, kThreads / lanes), kThreads},
                       softmax_backward_kernel<T, V, kKept>, log, lanes, rows, cols, y, dy, dx);
  });
}

#define CUTTLE_SOFTMAX(T)                                                            \
  template void softmax_forward(cuda::Stream, bool, int64_t, int64_t, const T*, T*); \
  template void softmax_backward(cuda::Stream, bool, int64_t, int64_t, const T*, const T*, T*);
CUTTLE_SOFTMAX(float)
CUTTLE_SOFTMAX(double)

}  // namespace cuttle::kernels
