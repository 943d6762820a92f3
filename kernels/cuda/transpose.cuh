// Copies whose input and output have different innermost dimensions, as between (N, C, H, W) and
// (N, H, W, C): through squares in registers where packs fit, else through tiles in shared memory.
#pragma once

#include <algorithm>

#include "index.cuh"

namespace cuttle::kernels::cuda {

inline constexpr int kTransposeThreads = 256;

/// A plane of a copy, out[b · out_b + a] = x[a · x_a + b], and the loop over such planes.
struct Transpose {
  int32_t size_a = 0, size_b = 0;  // a: neighbours in out; b: neighbours in x
  int32_t x_a = 0, out_b = 0;
  StridedLoop<2> planes;
};

/// The copy's planes, or size_a 0 where it has none that are worth it: then x's and out's innermost
/// dimensions are the same, or what they span is too small to share loads in.
inline Transpose transpose_of(const StridedLoop<2>& loop) {
  constexpr int64_t kSmallest = 256;  // elements of a plane
  const int a = loop.rank - 1;
  if (loop.rank < 2 || loop.strides[1][a] != 1 || loop.numel() > kMaxIndex ||
      reach(loop) > kMaxIndex)
    return {};
  int b = 0;
  while (b < a && (loop.strides[0][b] != 1 || loop.sizes[b] < 2)) ++b;
  if (b == a || loop.strides[0][a] == 1 || loop.sizes[a] * loop.sizes[b] < kSmallest) return {};

  Transpose t = {static_cast<int32_t>(loop.sizes[a]),
                 static_cast<int32_t>(loop.sizes[b]),
                 static_cast<int32_t>(loop.strides[0][a]),
                 static_cast<int32_t>(loop.strides[1][b]),
                 {}};
  for (int d = 0; d < a; ++d) {
    if (d == b) continue;
    const int to = t.planes.rank++;
    t.planes.sizes[to] = loop.sizes[d];
    for (int p = 0; p < 2; ++p) t.planes.strides[p][to] = loop.strides[p][d];
  }
  return t;
}

/// How a grid covers planes with tiles: block = (plane · tiles_a + tile of a) · tiles_b + tile of
/// b.
struct TransposeGrid {
  TransposeGrid(const Transpose& t, int along_a, int along_b)
      : planes(t.planes),
        tile_a(along_a),
        tile_b(along_b),
        tiles_a((t.size_a + along_a - 1) / along_a),
        tiles_b((t.size_b + along_b - 1) / along_b),
        blocks(t.planes.numel() * tiles_a.divisor * tiles_b.divisor) {}

  /// A block's first a and b, and where its plane begins in x and out.
  __device__ void locate(int& a, int& b, int32_t (&plane)[2]) const {
    uint32_t rest = blockIdx.x;
    b = static_cast<int>(tiles_b.split(rest)) * tile_b;
    a = static_cast<int>(tiles_a.split(rest)) * tile_a;
    planes.offsets(rest, plane);
  }

  StridedIndex<2> planes;
  int tile_a, tile_b;
  FastDivisor tiles_a, tiles_b;
  int64_t blocks;
};

/// Copies squares of V × V elements: a thread loads V packs that neighbour along a, each of V
/// elements along b, and stores the square's columns as packs along a.
/// Layout: strides and sizes multiples of V, x and out aligned to packs: 16 bytes for 4- and 8-byte
/// elements.
/// Launch: block 256 as 2^a_bits threads along a by the others along b, and of these a warp
/// 2^warp_a_bits along a: 4 by 8, so that it loads runs of 128 bytes and stores runs of 64; a grid
/// of tiles of V squares a thread.
/// Bound: memory, each element read and written once; 64 bytes in flight a thread. No shared
/// memory: a square turns by renaming registers. Deterministic.
template <class T, int V>
__global__ void __launch_bounds__(kTransposeThreads)
    transpose_squares_kernel(Transpose t, TransposeGrid grid, int a_bits, int warp_a_bits,
                             const T* __restrict__ x, T* __restrict__ out) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int warp_b_bits = 5 - warp_a_bits, warps_a_bits = a_bits - warp_a_bits;
  const int thread_b = (lane & ((1 << warp_b_bits) - 1)) | (warp >> warps_a_bits << warp_b_bits);
  const int thread_a = (lane >> warp_b_bits) | (warp & ((1 << warps_a_bits) - 1)) << warp_a_bits;
  int a, b;
  int32_t plane[2];
  grid.locate(a, b, plane);
  a += thread_a * V;
  b += thread_b * V;
  wait_for_predecessor();
  if (a >= t.size_a || b >= t.size_b) return;

  const T* const from = x + plane[0] + a * t.x_a + b;
  Pack<T, V> rows[V];
  CUTTLE_UNROLL
  for (int i = 0; i < V; ++i) rows[i] = load_pack<V>(from + i * t.x_a);
  T* const to = out + plane[1] + b * t.out_b + a;
  CUTTLE_UNROLL
  for (int j = 0; j < V; ++j) {
    Pack<T, V> column;
    CUTTLE_UNROLL
    for (int i = 0; i < V; ++i) column.at[i] = rows[i].at[j];
    store_pack<V>(to + j * t.out_b, column);
  }
}

/// Elements of a tile in shared memory: 17 KB, and no more than as many words.
template <class T>
inline constexpr int kTransposeTile = sizeof(T) > 4 ? 2176 : 4352;

/// Copies tiles of any shape: narrow ones too, such as 3 channels by 1,344 pixels.
/// Launch: block 256, a tile of grid.tile_a × grid.tile_b elements in shared memory, element (a, b)
/// at b · pitch + a. Threads run along b to load and along a to store, eight loads in flight; over
/// the whole of a short dimension that is one run of memory, too.
/// Bound: memory, each element read and written once. The pitch keeps the threads of a warp in
/// different banks: see pitch_of. Deterministic.
template <class T>
__global__ void __launch_bounds__(kTransposeThreads)
    transpose_tiles_kernel(Transpose t, TransposeGrid grid, FastDivisor tile_a, FastDivisor tile_b,
                           int pitch, const T* __restrict__ x, T* __restrict__ out) {
  CUTTLE_SHARED(T, tile, [kTransposeTile<T>]);
  constexpr int kInFlight = 8;
  int first_a, first_b;
  int32_t plane[2];
  grid.locate(first_a, first_b, plane);
  const uint32_t elements = tile_a.divisor * tile_b.divisor;

  wait_for_predecessor();
  const T* const from = x + plane[0];
  for (uint32_t i = threadIdx.x; i < elements; i += kInFlight * kTransposeThreads) {
    T values[kInFlight] = {};
    int at[kInFlight];  // in the tile; -1 beyond it or the plane
    CUTTLE_UNROLL
    for (int k = 0; k < kInFlight; ++k) {
      uint32_t rest = i + k * kTransposeThreads;
      const int b = static_cast<int>(tile_b.split(rest)), a = static_cast<int>(rest);
      const bool inside =
          a < static_cast<int>(tile_a.divisor) && first_a + a < t.size_a && first_b + b < t.size_b;
      at[k] = inside ? b * pitch + a : -1;
      if (inside) values[k] = from[(first_a + a) * t.x_a + first_b + b];
    }
    CUTTLE_UNROLL
    for (int k = 0; k < kInFlight; ++k)
      if (at[k] >= 0) tile[at[k]] = values[k];
  }
  __syncthreads();

  T* const to = out + plane[1];
  for (uint32_t i = threadIdx.x; i < elements; i += kTransposeThreads) {
    uint32_t rest = i;
    const int a = static_cast<int>(tile_a.split(rest)), b = static_cast<int>(rest);
    if (first_a + a < t.size_a && first_b + b < t.size_b)
      to[(first_b + b) * t.out_b + first_a + a] = tile[b * pitch + a];
  }
}

/// The smallest distance between a tile's b and b + 1 with which neighbouring threads that load
/// meet no bank twice: odd where they all run along b, else the part of a warp that one a leaves
/// for others.
inline int pitch_of(int tile_a, int tile_b) {
  constexpr int kBanks = 32;
  if (tile_b >= kBanks) return tile_a | 1;
  const int step = (kBanks + tile_b - 1) / tile_b;
  return tile_a + (kBanks + step - tile_a % kBanks) % kBanks;
}

/// With fewer tiles than this a large GPU idles, and smaller ones serve.
inline constexpr int64_t kFewTiles = 512;

template <class T, int V>
bool moves_in_squares(const Transpose& t, const T* x, const T* out) {
  bool multiples = t.size_a % V == 0 && t.size_b % V == 0 && t.x_a % V == 0 && t.out_b % V == 0;
  for (int d = 0; d < t.planes.rank; ++d)
    for (int p = 0; p < 2; ++p) multiples = multiples && t.planes.strides[p][d] % V == 0;
  return multiples && is_aligned(x, V * sizeof(T)) && is_aligned(out, V * sizeof(T));
}

/// Queues the copy of the loop if it has planes to transpose; false if not.
template <class T>
bool run_transpose(Stream stream, const StridedLoop<2>& loop, const T* x, T* out) {
  const Transpose t = transpose_of(loop);
  if (t.size_a == 0) return false;
  constexpr int V = std::min<int>(4, 16 / sizeof(T));
  if (moves_in_squares<T, V>(t, x, out)) {
    int a_bits = 0;  // 16 by 16 threads, unless one side is shorter than that
    while (a_bits < 4 && (V << a_bits) < t.size_a) ++a_bits;
    while (a_bits < 8 && (V << (8 - a_bits - 1)) >= t.size_b && (V << a_bits) < t.size_a) ++a_bits;
    const int warp_a_bits = std::max(std::min(a_bits, 2), a_bits - 3);
    const TransposeGrid grid(t, V << a_bits, V << (8 - a_bits));
    launch_overlapping(stream, {blocks_for(grid.blocks, 1), kTransposeThreads},
                       transpose_squares_kernel<T, V>, t, grid, a_bits, warp_a_bits, x, out);
    return true;
  }
  constexpr int kMost = kTransposeTile<T> / 17 * 16;  // the rest is for the pitch
  const int elements = loop.numel() < kFewTiles * kMost ? kMost / 4 : kMost;
  const auto fits = [](int size, int most) {  // whole warps where it is cut
    return std::min(size, most < 32 ? most : most / 32 * 32);
  };
  int tile_a = std::min(t.size_a, elements == kMost ? 64 : 32);
  const int tile_b = fits(t.size_b, elements / (tile_a | 1));
  tile_a = std::max(tile_a, fits(t.size_a, elements / tile_b));
  const TransposeGrid grid(t, tile_a, tile_b);
  launch_overlapping(stream, {blocks_for(grid.blocks, 1), kTransposeThreads},
                     transpose_tiles_kernel<T>, t, grid, FastDivisor(tile_a), FastDivisor(tile_b),
                     pitch_of(tile_a, tile_b), x, out);
  return true;
}

}  // namespace cuttle::kernels::cuda
