// The engine of gemm_tile.cuh on tensor cores: the same operands, fetched in the same way, in tiles
// that mma.sync multiplies as TF32.
#pragma once

#include "../gemm_grid.cuh"
#include "mma.cuh"

namespace cuttle::kernels::cuda {

/// A block of 2 × 2 warps computes (kM, kN) elements of C, in steps of kK along the sum; each warp
/// kRuns × kColumns products of 16 × 8.
template <int M, int N>
struct TensorCoreTile {
  using T = float;
  static constexpr int kM = M, kN = N, kK = 32, kThreads = 128;
  static constexpr int kRuns = M / 2 / 16, kColumns = N / 2 / 8;
};

/// An operand's part of a step in shared memory, in the order in which the operand runs: (row,
/// depth) where that is along depth, else (depth, row). The lanes of a fragment read rows g = 0 to
/// 7 at depths t = 0 to 3. Lines of 4 modulo 32 words (4g + t) and of 8 modulo 32 (8t + g) spread
/// them over all banks.
template <int kExtent, int kDepth, bool kAlongDepth>
struct FragmentTile {
  static_assert(kExtent % 32 == 0 && kDepth % 32 == 0, "the padding counts on it");
  static constexpr int kLine = kAlongDepth ? kDepth + 4 : kExtent + 8;
  static constexpr int kSize = kLine * (kAlongDepth ? kExtent : kDepth);

  __device__ static int at(int row, int depth) {
    return kAlongDepth ? row * kLine + depth : depth * kLine + row;
  }
  /// Writes what `fetch` brought, rounded to TF32.
  template <class Fetch>
  __device__ static void store(const Fetch& fetch, float* tile) {
    fetch.visit([&]<int kPack>(int row, int depth, Pack<float, kPack> pack) {
      CUTTLE_UNROLL
      for (int v = 0; v < kPack; ++v) pack.at[v] = round_to_tf32(pack.at[v]);
      store_pack<kPack>(&tile[at(row, depth)], pack);
    });
  }
};

/// Where this thread's sums lie in the tile: sum [m][j][i] at row m · 16 + i / 2 · 8 and column j ·
/// 8 + i % 2 from here.
struct MmaPlace {
  int row, column;
};
template <class Tile>
__device__ MmaPlace mma_place() {
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  return {warp / 2 * (Tile::kM / 2) + lane / 4, warp % 2 * (Tile::kN / 2) + lane % 4 * 2};
}

template <class Tile>
using MmaSums = float[Tile::kRuns][Tile::kColumns][4];

/// sums += the products of one step.
template <class Tile, class TileA, class TileB>
__device__ __forceinline__ void multiply_step(const float* tile_a, const float* tile_b,
                                              MmaSums<Tile>& sums) {
  const MmaPlace place = mma_place<Tile>();
  const int row = place.row, t = static_cast<int>(threadIdx.x) % 4;
  const int column = place.column - 2 * t + static_cast<int>(threadIdx.x) % 32 / 4;
  CUTTLE_UNROLL
  for (int k = 0; k < Tile::kK; k += 8) {
    float a[Tile::kRuns][4], b[Tile::kColumns][2];
    CUTTLE_UNROLL
    for (int m = 0; m < Tile::kRuns; ++m) CUTTLE_UNROLL
    for (int i = 0; i < 4; ++i)
      a[m][i] = tile_a[TileA::at(row + 16 * m + i % 2 * 8, k + t + i / 2 * 4)];
    CUTTLE_UNROLL
    for (int j = 0; j < Tile::kColumns; ++j) CUTTLE_UNROLL
    for (int i = 0; i < 2; ++i) b[j][i] = tile_b[TileB::at(column + 8 * j, k + t + 4 * i)];
    CUTTLE_UNROLL
    for (int m = 0; m < Tile::kRuns; ++m) CUTTLE_UNROLL
    for (int j = 0; j < Tile::kColumns; ++j) mma_m16n8k8(sums[m][j], a[m], b[j]);
  }
}

/// As multiply_tile: the next step's loads are in flight while the present one is multiplied.
template <class Tile, class A, class B>
__device__ __forceinline__ void multiply_tile_mma(const A& a, const B& b, const BlockPlace& at,
                                                  MmaSums<Tile>& sums) {
  using TileA = FragmentTile<Tile::kM, Tile::kK, A::kAlongDepth>;
  using TileB = FragmentTile<Tile::kN, Tile::kK, B::kAlongDepth>;
  CUTTLE_SHARED(float, tile_a, [TileA::kSize]);
  CUTTLE_SHARED(float, tile_b, [TileB::kSize]);
  TileFetch<float, A, Tile::kM, Tile::kK, Tile::kThreads> fetch_a(a, at.first_row);
  TileFetch<float, B, Tile::kN, Tile::kK, Tile::kThreads> fetch_b(b, at.first_column);
  fetch_a.load(a, at.first_depth);
  fetch_b.load(b, at.first_depth);
  for (int depth = at.first_depth; depth < at.last_depth; depth += Tile::kK) {
    TileA::store(fetch_a, tile_a);
    TileB::store(fetch_b, tile_b);
    __syncthreads();
    if (depth + Tile::kK < at.last_depth) {
      fetch_a.load(a, depth + Tile::kK);
      fetch_b.load(b, depth + Tile::kK);
    }
    multiply_step<Tile, TileA, TileB>(tile_a, tile_b, sums);
    __syncthreads();
  }
}

/// As gemm_block, for a TensorCoreTile. Numerics: operands rounded to TF32, to nearest; exact
/// products, float32 sums.
template <class Tile, class A, class B>
__device__ void gemm_block_mma(const A& a, const B& b, const GemmJob<float>& job) {
  const BlockPlace at = block_place<Tile>(job);
  wait_for_predecessor();
  MmaSums<Tile> sums = {};
  multiply_tile_mma<Tile>(a.select(at.batch), b.select(at.batch), at, sums);
  const MmaPlace place = mma_place<Tile>();
  CUTTLE_UNROLL
  for (int m = 0; m < Tile::kRuns; ++m) CUTTLE_UNROLL
  for (int j = 0; j < Tile::kColumns; ++j) CUTTLE_UNROLL
  for (int i = 0; i < 4; ++i) {
    const int row = at.first_row + place.row + 16 * m + i / 2 * 8;
    const int column = at.first_column + place.column + 8 * j + i % 2;
    if (row >= job.m || column >= job.n) continue;
    if (job.splits == 1)
      finish_element(job, at.batch, row, column, sums[m][j][i]);
    else
      store_partial(job, at, row, column, sums[m][j][i]);
  }
}

}  // namespace cuttle::kernels::cuda
