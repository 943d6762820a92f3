// Tiles of an attention's scores: products of rows, and sums of rows by weights, that a block
// computes together. For attention.cu.
#pragma once

#include "../attention_terms.h"
#include "gpu.h"

namespace cuttle::kernels::cuda::attention {

// A block of 16 × 16 threads has a tile of the scores, kTile × kTile, thread (ty, tx) the rows
// ty · kPer … and the columns tx, tx + 16, …
inline constexpr int kSide = 16, kThreads = kSide * kSide;
template <class T>
inline constexpr int kTile = sizeof(T) == 4 ? 64 : 32;
template <class T>
inline constexpr int kPer = kTile<T> / kSide;
inline constexpr int kDepth = 32;    // of a product of rows that is in shared memory at a time
inline constexpr int kColumns = 64;  // of a result's columns, likewise

/// Rows [first, first + kTile) of a matrix, of which `count` are there.
template <class T>
struct TileRows {
  const T* at;
  int64_t step;
  int count;

  __device__ TileRows(const HeadRows<const T>& all, int64_t b, int64_t h, int64_t first,
                      int64_t rows)
      : at(all.of(b, h) + first * all.row),
        step(all.row),
        count(static_cast<int>(rows - first < kTile<T> ? rows - first : kTile<T>)) {}
  __device__ T load(int row, int column, int width) const {
    return row < count && column < width ? at[row * step + column] : T(0);
  }
};

/// What a block keeps in shared memory: slices of operands, and a tile of weights.
template <class T>
struct SharedTiles {
  T slices[2 * kTile<T> * (kDepth + 1)];  // two (tile, depth), or one (tile, columns)
  T weights[kTile<T>][kTile<T> + 1];
};

/// sums (tile, tile) = a · bᵀ of rows of `width` elements.
template <class T>
__device__ void row_products(const TileRows<T>& a, const TileRows<T>& b, int width,
                             SharedTiles<T>& shared, T (&sums)[kPer<T>][kPer<T>]) {
  constexpr int kLine = kDepth + 1;
  T *const left = shared.slices, *const right = left + kTile<T> * kLine;
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide;
  CUTTLE_UNROLL
  for (int r = 0; r < kPer<T>; ++r) CUTTLE_UNROLL
  for (int c = 0; c < kPer<T>; ++c) sums[r][c] = 0;
  for (int first = 0; first < width; first += kDepth) {
    __syncthreads();  // what was there has been read
    for (int i = threadIdx.x; i < kTile<T> * kDepth; i += kThreads) {
      const int row = i / kDepth, k = i % kDepth;
      left[row * kLine + k] = a.load(row, first + k, width);
      right[row * kLine + k] = b.load(row, first + k, width);
    }
    __syncthreads();
    for (int k = 0; k < kDepth; ++k) {
      T from_a[kPer<T>], from_b[kPer<T>];
      CUTTLE_UNROLL
      for (int r = 0; r < kPer<T>; ++r) from_a[r] = left[(ty * kPer<T> + r) * kLine + k];
      CUTTLE_UNROLL
      for (int c = 0; c < kPer<T>; ++c) from_b[c] = right[(tx + c * kSide) * kLine + k];
      CUTTLE_UNROLL
      for (int r = 0; r < kPer<T>; ++r) CUTTLE_UNROLL
      for (int c = 0; c < kPer<T>; ++c) sums[r][c] = multiply_add(from_a[r], from_b[c], sums[r][c]);
    }
  }
}

/// acc (tile, kWidth) += weights (tile, tile) · b (tile, width); thread (ty, tx) has the columns
/// tx, tx + 16, … of its rows.
template <class T, int kWidth>
__device__ void add_weighted_rows(const TileRows<T>& b, int width, SharedTiles<T>& shared,
                                  T (&acc)[kPer<T>][kWidth / kSide]) {
  constexpr int kEach = kColumns / kSide;
  static_assert(kTile<T> * kColumns <= 2 * kTile<T> * (kDepth + 1));
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide;
  CUTTLE_UNROLL
  for (int slice = 0; slice < kWidth / kColumns; ++slice) {
    __syncthreads();  // weights are written, and the slice before was read
    for (int i = threadIdx.x; i < kTile<T> * kColumns; i += kThreads)
      shared.slices[i] = b.load(i / kColumns, slice * kColumns + i % kColumns, width);
    __syncthreads();
    for (int k = 0; k < kTile<T>; ++k) {
      T weights[kPer<T>], rows[kEach];
      CUTTLE_UNROLL
      for (int r = 0; r < kPer<T>; ++r) weights[r] = shared.weights[ty * kPer<T> + r][k];
      CUTTLE_UNROLL
      for (int c = 0; c < kEach; ++c) rows[c] = shared.slices[k * kColumns + tx + c * kSide];
      CUTTLE_UNROLL
      for (int r = 0; r < kPer<T>; ++r) CUTTLE_UNROLL
      for (int c = 0; c < kEach; ++c)
        acc[r][slice * kEach + c] = multiply_add(weights[r], rows[c], acc[r][slice * kEach + c]);
    }
  }
}

/// The block's tile of rows, of which matrix.
struct BlockPlace {
  int64_t first, matrix, b, h;

  __device__ BlockPlace(const AttentionShape& s, int64_t rows, int tile) {
    const int64_t tiles = (rows + tile - 1) / tile;
    first = blockIdx.x % tiles * tile;
    matrix = blockIdx.x / tiles;
    b = matrix / s.heads;
    h = matrix % s.heads;
  }
};

}  // namespace cuttle::kernels::cuda::attention
