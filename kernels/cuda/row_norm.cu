// Normalisation of rows: layers, groups, instances, root mean squares. See kernels/row_norm.h.
#include "../row_norm.h"

#include <algorithm>

#include "row.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, Row, … of this folder

/// The channel that an element of a row belongs to.
struct RowChannels {
  explicit RowChannels(const NormShape& s)
      : groups(s.groups), per_group(s.per_group()), inner(s.inner), plain(s.inner == 1) {}

  /// Of a row's first element.
  __device__ int64_t first(int64_t row) const { return row % groups * per_group; }
  /// How far behind that the channel of a column lies.
  __device__ uint32_t behind(uint32_t column) const {
    return plain ? column : inner.quotient(column);
  }
  /// Where the row's own numbers begin in an array of all channels.
  template <class T>
  __device__ const T* of_row(const T* numbers, int64_t row) const {
    return numbers != nullptr ? numbers + first(row) : nullptr;
  }

  int64_t groups, per_group;
  FastDivisor inner;
  bool plain;
};

/// What a row's normalisation is made of, see row_norm.h.
template <class T>
struct RowNormOutputs {
  T *y, *mean, *rstd;
};

/// y = (x − mean) · rstd · weight + bias, the mean and the variance those of the row.
/// Layout: x and y (rows, cols), dense; weight and bias by RowChannels.
/// Launch: groups of `lanes` threads, a group a row, as for softmax. Bound: memory, x and y once
/// where a block keeps its row in registers; longer rows are read three times, from the
/// second-level cache. Numerics: the mean first, then the sum of the squares around it, in T and as
/// a tree. Deterministic.
template <class T, int V, int kKept>
__global__ void __launch_bounds__(kRowThreads<kKept>, kRowResident<T, kKept>)
    row_norm_forward_kernel(RowChannels channels, int lanes, int64_t rows, int64_t cols, T eps,
                            const T* __restrict__ x, const T* __restrict__ weight,
                            const T* __restrict__ bias, RowNormOutputs<T> out) {
  const ThreadGroup<kRowThreads<kKept>> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * group.groups() + group.group;
  const int64_t length = row < rows ? cols : 0;  // no early return: the block meets in reduce()
  const T *const weights = channels.of_row(weight, row), *const biases = channels.of_row(bias, row);
  const T share = 1 / static_cast<T>(cols);
  wait_for_predecessor();
  const Row<T, V, kKept, 1> from({x + row * cols}, length, group.lane, lanes);
  T mean = 0, squares = 0;
  if (out.mean != nullptr) {
    from.each([&](const T(&value)[1], auto) { mean += value[0]; });
    mean = group.reduce(mean, Plus()) * share;
  }
  from.each([&](const T(&value)[1], auto) { squares += (value[0] - mean) * (value[0] - mean); });
  const T rstd = 1 / std::sqrt(group.reduce(squares, Plus()) * share + eps);
  if (length > 0 && group.lane == 0) {
    if (out.mean != nullptr) out.mean[row] = mean;
    out.rstd[row] = rstd;
  }
  from.map(out.y + row * cols, [=](const T(&value)[1], auto column) {
    const uint32_t c = channels.behind(static_cast<uint32_t>(column));
    T y = (value[0] - mean) * rstd;
    if (weights != nullptr) y *= weights[c];
    if (biases != nullptr) y += biases[c];
    return y;
  });
}

/// Blocks of the backward that a multiprocessor should hold: with four, short rows of floats would
/// not fit their registers.
template <class T, int kKept>
inline constexpr int kBackwardResident = std::min(3, kRowResident<T, kKept>);

/// dx = rstd · (g − mean of g − x̂ · mean of g · x̂), g = dy · weight, the means those of the row.
/// Layout, launch, numerics as above. Bound: memory, x, dy and dx once where a block keeps its row.
template <class T, int V, int kKept>
__global__ void __launch_bounds__(kRowThreads<kKept>, kBackwardResident<T, kKept>)
    row_norm_backward_kernel(RowChannels channels, int lanes, int64_t rows, int64_t cols,
                             NormTerms<T> terms, const T* __restrict__ x, const T* __restrict__ dy,
                             T* __restrict__ dx) {
  const ThreadGroup<kRowThreads<kKept>> group(lanes);
  const int64_t row = int64_t{blockIdx.x} * group.groups() + group.group;
  const int64_t length = row < rows ? cols : 0;
  const T* const weights = channels.of_row(terms.weight, row);
  const T share = 1 / static_cast<T>(cols);
  wait_for_predecessor();
  const Row<T, V, kKept, 2> from({x + row * cols, dy + row * cols}, length, group.lane, lanes);
  const bool centred = terms.mean != nullptr;
  const T mean = centred && length > 0 ? terms.mean[row] : T(0);
  const T rstd = length > 0 ? terms.spread[row] : T(0);
  const auto gradient = [=](T at, auto column) {
    return weights != nullptr ? at * weights[channels.behind(static_cast<uint32_t>(column))] : at;
  };
  T sum = 0, slope = 0;
  from.each([&](const T(&at)[2], auto column) {
    const T g = gradient(at[1], column);
    sum += g;
    slope += g * ((at[0] - mean) * rstd);
  });
  sum = centred ? group.reduce(sum, Plus()) * share : T(0);
  slope = group.reduce(slope, Plus()) * share;
  from.map(dx + row * cols, [=](const T(&at)[2], auto column) {
    return rstd * (gradient(at[1], column) - sum - (at[0] - mean) * rstd * slope);
  });
}

}  // namespace

template <class T>
void row_norm_forward(cuda::Stream stream, const NormShape& s, double eps, const T* x,
                      const T* weight, const T* bias, T* y, T* mean, T* rstd) {
  const int64_t rows = s.outer * s.groups, cols = s.per_group() * s.inner;
  if (rows * cols == 0) return;
  for_row_shape<T>(cols, is_aligned(x) && is_aligned(y), [&]<int V, int kKept>(int lanes) {
    constexpr int kThreads = kRowThreads<kKept>;
    launch_overlapping(stream, {blocks_for(rows, kThreads / lanes), kThreads},
                       row_norm_forward_kernel<T, V, kKept>, RowChannels(s), lanes, rows, cols, eps,
                       x, weight, bias, RowNormOutputs<T>{y, mean, rstd});
  });
}

template <class T>
void row_norm_backward(cuda::Stream stream, const NormShape& s, const NormTerms<T>& terms,
                       const T* x, const T* dy, T* dx) {
  const int64_t rows = s.outer * s.groups, cols = s.per_group() * s.inner;
  if (rows * cols == 0) return;
  const bool aligned = is_aligned(x) && is_aligned(dy) && is_aligned(dx);
  for_row_shape<T>(cols, aligned, [&]<int V, int kKept>(int lanes) {
    constexpr int kThreads = kRowThreads<kKept>;
    launch_overlapping(stream, {blocks_for(rows, kThreads / lanes), kThreads},
                       row_norm_backward_kernel<T, V, kKept>, RowChannels(s), lanes, rows, cols,
                       terms, x, dy, dx);
  });
}

#define CUTTLE_ROW_NORM(T)                                                                       \
  template void row_norm_forward(cuda::Stream, const NormShape&, double, const T*, const T*,     \
                                 const T*, T*, T*, T*);                                          \
  template void row_norm_backward(cuda::Stream, const NormShape&, const NormTerms<T>&, const T*, \
                                  const T*, T*);
CUTTLE_ROW_NORM(float)
CUTTLE_ROW_NORM(double)

}  // namespace cuttle::kernels
