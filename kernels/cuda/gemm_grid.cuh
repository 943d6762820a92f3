// From tiles to a whole product: which block computes what, where results go, and split-K, in which
// several blocks share a tile's sum and a second kernel adds their parts.
#pragma once

#include <algorithm>

#include "gemm_tile.cuh"
#include "workspace.h"

namespace cuttle::kernels::cuda {

/// The product's measures, its cut into tiles and its result:
/// c[batch · batch_stride + row · ld + column] = Σ + bias[batch · bias_stride + column] (+ c).
template <class T>
struct GemmJob {
  int m = 0, n = 0, k = 0;
  int batch = 1;  // matrices, or groups of a convolution

  T* c = nullptr;
  int64_t ld = 0, batch_stride = 0;
  const T* bias = nullptr;  // (batch, n) or nullptr
  int64_t bias_stride = 0;
  bool accumulate = false;
  T* last_column = nullptr;  // (batch, m): where the last of the n columns goes instead, or nullptr

  // set by cut_into_tiles, partials by run_gemm
  int tiles_m = 0, tiles_n = 0, splits = 1;
  int split_depth = 0;    // of the sum, for each split; a multiple of the tile's kK
  T* partials = nullptr;  // (splits, batch, m, n), in scratch memory, where splits > 1
};

/// Adds what the epilogue adds and writes one element.
template <class T>
__device__ void finish_element(const GemmJob<T>& job, int batch, int row, int column, T value) {
  if (job.last_column != nullptr && column == job.n - 1) {
    job.last_column[int64_t{batch} * job.m + row] = value;
    return;
  }
  if (job.bias != nullptr) value += job.bias[batch * job.bias_stride + column];
  T* const to = job.c + batch * job.batch_stride + row * job.ld + column;
  *to = job.accumulate ? *to + value : value;
}

/// What a block computes: its tile's first element, and which part of which sum.
struct BlockPlace {
  int first_row, first_column, split, batch;
  int first_depth, last_depth;
};

/// Launch: block Tile::kThreads, grid one-dimensional: tile row fastest (blocks that run together
/// share columns of B in L2), then tile column, split, batch.
template <class Tile>
__device__ BlockPlace block_place(const GemmJob<typename Tile::T>& job) {
  BlockPlace at;
  unsigned block = blockIdx.x;
  at.first_row = block % job.tiles_m * Tile::kM;
  block /= job.tiles_m;
  at.first_column = block % job.tiles_n * Tile::kN;
  block /= job.tiles_n;
  at.split = block % job.splits;
  at.batch = block / job.splits;
  at.first_depth = at.split * job.split_depth;
  at.last_depth =
      at.first_depth + job.split_depth < job.k ? at.first_depth + job.split_depth : job.k;
  return at;
}

/// Keeps a part of an element's sum for the kernel that adds the splits.
template <class T>
__device__ void store_partial(const GemmJob<T>& job, const BlockPlace& at, int row, int column,
                              T value) {
  job.partials[((int64_t{at.split} * job.batch + at.batch) * job.m + row) * job.n + column] = value;
}

/// What every kernel of this family does: its block's tile. Operands come for batch 0;
/// operand.select(batch) gives the others.
template <class Tile, class A, class B>
__device__ void gemm_block(const A& a, const B& b, const GemmJob<typename Tile::T>& job) {
  const BlockPlace at = block_place<Tile>(job);
  wait_for_predecessor();
  typename Tile::T acc[Tile::kPerM][Tile::kPerN] = {};
  multiply_tile<Tile>(a.select(at.batch), b.select(at.batch), at.first_row, at.first_column,
                      at.first_depth, at.last_depth, acc);
  CUTTLE_UNROLL
  for (int i = 0; i < Tile::kPerM; ++i) {
    const int row = at.first_row + tile_row<Tile>(i);
    CUTTLE_UNROLL
    for (int j = 0; j < Tile::kPerN; ++j) {
      const int column = at.first_column + tile_column<Tile>(j);
      if (row >= job.m || column >= job.n) continue;
      if (job.splits == 1)
        finish_element(job, at.batch, row, column, acc[i][j]);
      else
        store_partial(job, at, row, column, acc[i][j]);
    }
  }
}

/// Adds the splits of each element of C, in their order, then bias and, with accumulate, C itself.
/// Launch: block 256, a thread an element of (batch, m, n), the grid covers them.
/// Bound: memory, (splits + 1) · batch · m · n elements. Deterministic.
template <class T>
__global__ void __launch_bounds__(256)
    split_k_reduce_kernel(GemmJob<T> job, FastDivisor columns, FastDivisor rows) {
  const uint32_t elements = static_cast<uint32_t>(job.batch) * job.m * job.n;
  const uint32_t i = blockIdx.x * 256 + threadIdx.x;
  wait_for_predecessor();
  if (i >= elements) return;
  T sum = 0;
  for (int split = 0; split < job.splits; ++split)
    sum += job.partials[int64_t{split} * elements + i];
  uint32_t rest = i;
  const int column = columns.split(rest);
  const int row = rows.split(rest);
  finish_element(job, static_cast<int>(rest), row, column, sum);
}

/// Splits that fill a GPU where the tiles alone do not. From the shape alone, whatever the GPU, so
/// that results agree between GPUs.
inline int choose_splits(int64_t tiles, int64_t k, int tile_k) {
  constexpr int64_t kEnoughBlocks = 256;
  constexpr int64_t kMostSplits = 128;
  constexpr int64_t kLeastSteps = 4;  // of the tile's depth, for each split
  const int64_t wanted = kEnoughBlocks / tiles;
  return static_cast<int>(
      std::max<int64_t>(1, std::min({wanted, kMostSplits, k / (kLeastSteps * tile_k)})));
}

/// Cuts the job into tiles and splits, and returns the launch that computes them.
template <class Tile>
LaunchShape cut_into_tiles(GemmJob<typename Tile::T>& job) {
  job.tiles_m = (job.m + Tile::kM - 1) / Tile::kM;
  job.tiles_n = (job.n + Tile::kN - 1) / Tile::kN;
  const int64_t tiles = int64_t{job.tiles_m} * job.tiles_n * job.batch;
  const int steps = (job.k + Tile::kK - 1) / Tile::kK;
  const int wanted = choose_splits(tiles, job.k, Tile::kK);
  const int steps_each = std::max(1, (steps + wanted - 1) / wanted);
  job.split_depth = steps_each * Tile::kK;
  job.splits = std::max(1, (steps + steps_each - 1) / steps_each);
  return LaunchShape(blocks_for(tiles * job.splits, 1), Tile::kThreads);
}

/// Queues `kernel`, whose body is gemm_block<Tile>(a, b, job), and the reduction of split-K.
template <class Tile, class A, class B, class T>
void run_gemm(Stream stream, void (*kernel)(A, B, GemmJob<T>), const A& a, const B& b,
              GemmJob<T> job) {
  const LaunchShape shape = cut_into_tiles<Tile>(job);
  if (job.splits == 1) {
    launch_overlapping(stream, shape, kernel, a, b, job);
    return;
  }
  const int64_t elements = int64_t{job.batch} * job.m * job.n;  // < 256 tiles: far below 2³¹
  StreamLease lease(stream);
  job.partials = lease.scratch<T>(job.splits * elements * sizeof(T));
  launch_overlapping(stream, shape, kernel, a, b, job);
  launch_overlapping(stream, {blocks_for(elements, 256), 256}, split_k_reduce_kernel<T>, job,
                     FastDivisor(job.n), FastDivisor(job.m));
}

}  // namespace cuttle::kernels::cuda
