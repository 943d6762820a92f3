// The engine of matrix product and convolution: one block computes one tile of C = A · Bᵀ with
// operands that know how to fetch their own elements. A plain matrix reads them; a convolution's
// operand works out which pixel an element of the unfolded matrix is (implicit GEMM).
#pragma once

#include "index.cuh"

namespace cuttle::kernels::cuda {

/// The measures of a tile: a block computes (kM, kN) elements of C, in steps of kK along the sum,
/// each thread kPerM × kPerN of them in registers.
template <class Element, int M, int N, int K, int PerM, int PerN>
struct Tile {
  using T = Element;
  static constexpr int kM = M, kN = N, kK = K, kPerM = PerM, kPerN = PerN;
  static constexpr int kThreadsM = M / PerM, kThreadsN = N / PerN;
  static constexpr int kThreads = kThreadsM * kThreadsN;
  static constexpr int kWide = 16 / sizeof(T);  // elements of a 16-byte access to shared memory
};

/// An operand is a matrix (rows, depth), rows being rows of A or columns of B, depth the summed
/// dimension. It has
///   kPack          elements that load() gives at once
///   kAlongDepth    whether those lie along depth (else along rows); both its sizes along that
///                  dimension and its addresses are multiples of the pack
///   row(r), depth(k)   what of an address depends on r or k alone (may lie outside the matrix)
///   load(row, depth)   the pack there, zeros outside
/// TileFetch moves an operand's (kExtent, kDepth) tile from global memory through registers to
/// shared memory, transposed to [depth][row]. Neighbouring threads take neighbouring packs along
/// the direction in which memory runs.
template <class T, class Operand, int kExtent, int kDepth, int kThreads>
class TileFetch {
  static constexpr int kPack = Operand::kPack;
  static constexpr bool kAlongDepth = Operand::kAlongDepth;
  static constexpr int kPacks = kExtent * kDepth / kPack;
  static constexpr int kEach = (kPacks + kThreads - 1) / kThreads;
  static constexpr int kLine = (kAlongDepth ? kDepth : kExtent) / kPack;  // packs in a line
  static constexpr int kRows = kAlongDepth ? kEach : 1;
  static_assert(kThreads % kLine == 0, "a thread keeps its place in the line");

 public:
  __device__ TileFetch(const Operand& operand, int first_row)
      : line_(threadIdx.x % kLine * kPack), across_(threadIdx.x / kLine) {
    CUTTLE_UNROLL
    for (int i = 0; i < kRows; ++i)
      rows_[i] = operand.row(first_row + (kAlongDepth ? across(i) : line_));
  }

  /// Starts the loads of the tile that begins at `first_depth`.
  __device__ void load(const Operand& operand, int first_depth) {
    if constexpr (kAlongDepth) {
      const auto depth = operand.depth(first_depth + line_);
      CUTTLE_UNROLL
      for (int i = 0; i < kEach; ++i)
        if (is_mine(i)) packs_[i] = operand.load(rows_[i], depth);
    } else {
      CUTTLE_UNROLL
      for (int i = 0; i < kEach; ++i)
        if (is_mine(i)) packs_[i] = operand.load(rows_[0], operand.depth(first_depth + across(i)));
    }
  }

  /// Calls write(row, depth, pack) for each pack that load() brought; where in the tile it begins.
  template <class Write>
  __device__ void visit(Write write) const {
    CUTTLE_UNROLL
    for (int i = 0; i < kEach; ++i) {
      if (!is_mine(i)) continue;
      if constexpr (kAlongDepth)
        write(across(i), line_, packs_[i]);
      else
        write(line_, across(i), packs_[i]);
    }
  }

  /// Writes what load() brought. tile (kDepth, kExtent + padding).
  template <int kStride>
  __device__ void store(T (&tile)[kDepth][kStride]) const {
    visit([&](int row, int depth, const Pack<T, kPack>& pack) {
      if constexpr (kAlongDepth) {
        CUTTLE_UNROLL
        for (int v = 0; v < kPack; ++v) tile[depth + v][row] = pack.at[v];
      } else {
        store_pack<kPack>(&tile[depth][row], pack);
      }
    });
  }

 private:
  __device__ int across(int i) const { return across_ + i * (kThreads / kLine); }
  __device__ bool is_mine(int i) const {
    return kPacks % kThreads == 0 || static_cast<int>(threadIdx.x) + i * kThreads < kPacks;
  }

  int line_, across_;  // where in the tile this thread's first pack lies
  decltype(std::declval<Operand>().row(0)) rows_[kRows];
  Pack<T, kPack> packs_[kEach] = {};
};

/// The sum of one tile: acc[i][j] += Σ A(row, k) · B(column, k) for k in [first_depth, last_depth).
/// Thread t's rows come in runs of kWide: run c begins at c · kThreadsM · kWide + t / kThreadsN ·
/// kWide; its columns likewise with t % kThreadsN. So the threads of a warp read shared memory in
/// neighbouring 16-byte words, without bank conflicts.
/// The next tile's loads are in flight while the present one is multiplied.
template <class Tile, class A, class B>
__device__ void multiply_tile(const A& a, const B& b, int first_row, int first_column,
                              int first_depth, int last_depth,
                              typename Tile::T (&acc)[Tile::kPerM][Tile::kPerN]) {
  using T = typename Tile::T;
  constexpr int kWide = Tile::kWide;
  // One 16-byte word of padding: rows stay aligned, transposed stores meet fewer bank conflicts.
  CUTTLE_SHARED(T, tile_a, [Tile::kK][Tile::kM + kWide]);
  CUTTLE_SHARED(T, tile_b, [Tile::kK][Tile::kN + kWide]);
  const int thread_m = threadIdx.x / Tile::kThreadsN * kWide;
  const int thread_n = threadIdx.x % Tile::kThreadsN * kWide;

  TileFetch<T, A, Tile::kM, Tile::kK, Tile::kThreads> fetch_a(a, first_row);
  TileFetch<T, B, Tile::kN, Tile::kK, Tile::kThreads> fetch_b(b, first_column);
  fetch_a.load(a, first_depth);
  fetch_b.load(b, first_depth);
  for (int depth = first_depth; depth < last_depth; depth += Tile::kK) {
    fetch_a.store(tile_a);
    fetch_b.store(tile_b);
    __syncthreads();
    if (depth + Tile::kK < last_depth) {
      fetch_a.load(a, depth + Tile::kK);
      fetch_b.load(b, depth + Tile::kK);
    }
    CUTTLE_UNROLL
    for (int k = 0; k < Tile::kK; ++k) {
      Pack<T, kWide> from_a[Tile::kPerM / kWide], from_b[Tile::kPerN / kWide];
      CUTTLE_UNROLL
      for (int c = 0; c < Tile::kPerM / kWide; ++c)
        from_a[c] = load_pack<kWide>(&tile_a[k][c * Tile::kThreadsM * kWide + thread_m]);
      CUTTLE_UNROLL
      for (int c = 0; c < Tile::kPerN / kWide; ++c)
        from_b[c] = load_pack<kWide>(&tile_b[k][c * Tile::kThreadsN * kWide + thread_n]);
      CUTTLE_UNROLL
      for (int i = 0; i < Tile::kPerM; ++i) CUTTLE_UNROLL
      for (int j = 0; j < Tile::kPerN; ++j)
        acc[i][j] = multiply_add(from_a[i / kWide].at[i % kWide], from_b[j / kWide].at[j % kWide],
                                 acc[i][j]);
    }
    __syncthreads();
  }
}

/// Row (or, with kThreadsN, column) of a thread's i-th accumulator within the tile.
template <class Tile>
__device__ inline int tile_row(int i) {
  return (i / Tile::kWide * Tile::kThreadsM + threadIdx.x / Tile::kThreadsN) * Tile::kWide +
         i % Tile::kWide;
}
template <class Tile>
__device__ inline int tile_column(int j) {
  return (j / Tile::kWide * Tile::kThreadsN + threadIdx.x % Tile::kThreadsN) * Tile::kWide +
         j % Tile::kWide;
}

}  // namespace cuttle::kernels::cuda
