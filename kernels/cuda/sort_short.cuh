// Rows that fit into a block's shared memory, sorted there.
#pragma once

#include "../sort_keys.h"
#include "gpu.h"
#include "group_reduce.cuh"

namespace cuttle::kernels::cuda {

/// Elements that a block sorts: one row, or several.
inline constexpr int kSortTile = 2048;
inline constexpr int kSortThreads = 256;

/// Batcher's bitonic network (Batcher, "Sorting networks and their applications", 1968): rows of
/// `width`, a power of two ≥ length, are merged from runs of 2, 4, …; every other run falls. Keys
/// are compared together with places, so that no two are equal and the order of equals is kept;
/// what fills a row up comes behind its last.
/// Layout: x, values and places (rows, length), dense.
/// Launch: a block of 256 for 2,048 / width rows; the grid covers the rows. Bound: shared memory,
/// log²(width) / 2 exchanges an element; beside that memory, x once (and from the cache again).
/// Deterministic.
template <class T>
__global__ void __launch_bounds__(kSortThreads)
    sort_short_kernel(bool descending, int64_t rows, int length, int width, const T* __restrict__ x,
                      T* __restrict__ values, int64_t* __restrict__ places) {
  using Key = SortKey<T>;
  CUTTLE_SHARED(Key, keys, [kSortTile]);
  CUTTLE_SHARED(int, origins, [kSortTile]);
  const int log_width = log2_of(width);
  const int64_t first_row = int64_t{blockIdx.x} * (kSortTile >> log_width);
  wait_for_predecessor();
  for (int i = threadIdx.x; i < kSortTile; i += kSortThreads) {
    const int64_t row = first_row + (i >> log_width);
    const int column = i & (width - 1);
    const bool inside = row < rows && column < length;
    keys[i] = inside ? sort_key(x[row * length + column], descending) : Key(~Key(0));
    origins[i] = column;
  }
  __syncthreads();
  for (int run = 2; run <= width; run *= 2)
    for (int step = run / 2; step > 0; step /= 2) {
      for (int pair = threadIdx.x; pair < kSortTile / 2; pair += kSortThreads) {
        const int low = 2 * pair - (pair & (step - 1)), high = low + step;
        const bool rises = (low & (width - 1) & run) == 0;
        const Key a = keys[low], b = keys[high];
        const int from_a = origins[low], from_b = origins[high];
        const bool inverted = b < a || (a == b && from_b < from_a);
        if (inverted == rises) {
          keys[low] = b;
          keys[high] = a;
          origins[low] = from_b;
          origins[high] = from_a;
        }
      }
      __syncthreads();
    }
  for (int i = threadIdx.x; i < kSortTile; i += kSortThreads) {
    const int64_t row = first_row + (i >> log_width);
    const int column = i & (width - 1);
    if (row >= rows || column >= length) continue;
    values[row * length + column] = x[row * length + origins[i]];
    places[row * length + column] = origins[i];
  }
}

}  // namespace cuttle::kernels::cuda
