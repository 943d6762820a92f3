// Rows that no block can hold, sorted digit by digit in device memory.
#pragma once

#include "../sort_keys.h"
#include "scan_engine.cuh"

namespace cuttle::kernels::cuda {

inline constexpr int kRadixThreads = 256, kRadixWarps = kRadixThreads / 32;
inline constexpr int kRadixDigits = 256;  // of eight bits: a digit a thread where they are summed
inline constexpr int kRadixItems = 16;    // keys of a thread
inline constexpr int64_t kRadixTile = int64_t{kRadixThreads} * kRadixItems;

/// The rows of a sort, and how they fall to blocks.
struct RadixShape {
  RadixShape(int64_t row_count, int64_t row_length)
      : rows(row_count), length(row_length), tiles((row_length + kRadixTile - 1) / kRadixTile) {}

  int64_t rows, length;
  int64_t tiles;  // blocks of a row
};

/// Keys and where in their row they came from, (rows, length) each.
template <class Key>
struct RadixRows {
  Key* keys;
  uint32_t* origins;
};

/// Launch: block 256, a thread an element; the grid covers them. Bound: memory. Deterministic.
template <class T>
__global__ void __launch_bounds__(kRadixThreads)
    radix_encode_kernel(bool descending, RadixShape shape, const T* __restrict__ x,
                        RadixRows<SortKey<T>> out) {
  const int64_t i = int64_t{blockIdx.x} * kRadixThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= shape.rows * shape.length) return;
  out.keys[i] = sort_key(x[i], descending);
  out.origins[i] = static_cast<uint32_t>(i % shape.length);
}

/// A tile of keys and the rank of each among those with its digit in its warp, whose keys are
/// neighbours: lane l of round r holds the warp's key 32 r + l.
template <class Key>
struct RadixTile {
  /// Counts the digits of each warp in counts[warp][digit], where all are 0.
  __device__ RadixTile(const RadixShape& shape, int shift, const Key* from,
                       uint32_t (&counts)[kRadixWarps][kRadixDigits])
      : warp(threadIdx.x / 32), row(blockIdx.x / shape.tiles) {
    const int lane = threadIdx.x % 32;
    first = blockIdx.x % shape.tiles * kRadixTile + warp * (32 * kRadixItems) + lane;
    CUTTLE_UNROLL
    for (int r = 0; r < kRadixItems; ++r) {
      inside[r] = first + 32 * r < shape.length;
      keys[r] = inside[r] ? from[row * shape.length + first + 32 * r] : Key(0);
    }
    CUTTLE_UNROLL
    for (int r = 0; r < kRadixItems; ++r) {
      const unsigned digit = inside[r] ? digit_of(r, shift) : kRadixDigits;
      const unsigned peers = __match_any_sync(kWholeWarp, digit);
      const int before = __popc(peers & ((1u << lane) - 1));
      const uint32_t earlier = inside[r] ? counts[warp][digit] : 0;
      __syncwarp();
      if (inside[r] && before == 0) counts[warp][digit] = earlier + __popc(peers);
      __syncwarp();
      ranks[r] = earlier + before;
    }
  }

  __device__ unsigned digit_of(int r, int shift) const {
    return static_cast<unsigned>(keys[r] >> shift) & (kRadixDigits - 1);
  }

  int warp;
  int64_t row, first;
  Key keys[kRadixItems];
  bool inside[kRadixItems];
  uint32_t ranks[kRadixItems];
};

/// The thread's digit: replaces each warp's count by what the warps before it have, and returns the
/// sum.
__device__ inline uint32_t sum_over_warps(uint32_t (&counts)[kRadixWarps][kRadixDigits],
                                          uint32_t start) {
  uint32_t sum = 0;
  for (int w = 0; w < kRadixWarps; ++w) {
    const uint32_t own = counts[w][threadIdx.x];
    counts[w][threadIdx.x] = start + sum;
    sum += own;
  }
  return sum;
}

__device__ inline void clear_counts(uint32_t (&counts)[kRadixWarps][kRadixDigits]) {
  for (int w = 0; w < kRadixWarps; ++w) counts[w][threadIdx.x] = 0;
  __syncthreads();
}

/// totals (rows, 256, tiles): how often each digit occurs in each tile.
/// Launch: a block of 256 a tile of 4,096 keys. Bound: memory, the keys once. Deterministic.
template <class Key>
__global__ void __launch_bounds__(kRadixThreads)
    radix_count_kernel(RadixShape shape, int shift, const Key* __restrict__ keys, int64_t* totals) {
  CUTTLE_SHARED(uint32_t, counts, [kRadixWarps][kRadixDigits]);
  clear_counts(counts);
  wait_for_predecessor();
  const RadixTile<Key> tile(shape, shift, keys, counts);
  __syncthreads();
  const int64_t at = (tile.row * kRadixDigits + threadIdx.x) * shape.tiles;
  totals[at + blockIdx.x % shape.tiles] = sum_over_warps(counts, 0);
}

/// Moves each key behind those with a smaller digit, and those with its own that came before.
/// ends (rows, 256, tiles): the running sums of totals along a row.
/// Launch: as above. Bound: memory, keys and origins once in and out; neighbours with one digit
/// stay neighbours, so writes are whole sectors where digits are few. Deterministic.
template <class Key>
__global__ void __launch_bounds__(kRadixThreads)
    radix_move_kernel(RadixShape shape, int shift, RadixRows<Key> from,
                      const int64_t* __restrict__ ends, RadixRows<Key> to) {
  CUTTLE_SHARED(uint32_t, counts, [kRadixWarps][kRadixDigits]);
  clear_counts(counts);
  wait_for_predecessor();
  const RadixTile<Key> tile(shape, shift, from.keys, counts);
  __syncthreads();
  uint32_t own = 0;
  for (int w = 0; w < kRadixWarps; ++w) own += counts[w][threadIdx.x];
  const int64_t at = (tile.row * kRadixDigits + threadIdx.x) * shape.tiles;
  const int64_t end = ends[at + blockIdx.x % shape.tiles];
  sum_over_warps(counts, static_cast<uint32_t>(end) - own);
  __syncthreads();
  const int64_t row = tile.row * shape.length;
  CUTTLE_UNROLL
  for (int r = 0; r < kRadixItems; ++r) {
    if (!tile.inside[r]) continue;
    const int64_t place = row + counts[tile.warp][tile.digit_of(r, shift)] + tile.ranks[r];
    to.keys[place] = tile.keys[r];
    to.origins[place] = from.origins[row + tile.first + 32 * r];
  }
}

/// values and places of the sorted origins.
/// Launch: block 256, a thread an element. Bound: memory, a sector of x for each. Deterministic.
template <class T>
__global__ void __launch_bounds__(kRadixThreads)
    radix_finish_kernel(RadixShape shape, const T* __restrict__ x,
                        const uint32_t* __restrict__ origins, T* __restrict__ values,
                        int64_t* __restrict__ places) {
  const int64_t i = int64_t{blockIdx.x} * kRadixThreads + threadIdx.x;
  const int64_t row = i / shape.length;
  wait_for_predecessor();
  if (row >= shape.rows) return;
  const int64_t origin = origins[i];
  values[i] = x[row * shape.length + origin];
  places[i] = origin;
}

/// Parts of one piece of scratch memory, each aligned to 256 bytes.
class ScratchParts {
 public:
  size_t add(size_t bytes) {
    const size_t at = bytes_;
    bytes_ += (bytes + 255) / 256 * 256;
    return at;
  }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_ = 0;
};

/// Sorts rows of any length below 2³¹ by their keys' digits from the lowest on, keeping the order
/// of equals each time.
template <class T>
void sort_long(Stream stream, bool descending, int64_t rows, int64_t length, const T* x, T* values,
               int64_t* places) {
  using Key = SortKey<T>;
  using Sum = SumScan<int64_t, double>;
  const RadixShape shape(rows, length);
  const ScanShape totals_shape{.outer = rows, .length = kRadixDigits * shape.tiles};
  const auto n = static_cast<size_t>(rows * length);

  ScratchParts parts;
  const size_t keys[2] = {parts.add(n * sizeof(Key)), parts.add(n * sizeof(Key))};
  const size_t origins[2] = {parts.add(n * sizeof(uint32_t)), parts.add(n * sizeof(uint32_t))};
  const size_t totals_at = parts.add(static_cast<size_t>(totals_shape.numel()) * sizeof(int64_t));
  const size_t carries = parts.add(scan_scratch<Sum>(totals_shape));
  StreamLease lease(stream);
  auto* const memory = lease.scratch<unsigned char>(parts.bytes());
  RadixRows<Key> from{reinterpret_cast<Key*>(memory + keys[0]),
                      reinterpret_cast<uint32_t*>(memory + origins[0])};
  RadixRows<Key> to{reinterpret_cast<Key*>(memory + keys[1]),
                    reinterpret_cast<uint32_t*>(memory + origins[1])};
  auto* const totals = reinterpret_cast<int64_t*>(memory + totals_at);

  const LaunchShape elements(blocks_for(rows * length, kRadixThreads), kRadixThreads);
  const LaunchShape tiles(blocks_for(rows * shape.tiles, 1), kRadixThreads);
  launch_overlapping(stream, elements, radix_encode_kernel<T>, descending, shape, x, from);
  for (int shift = 0; shift < static_cast<int>(8 * sizeof(Key)); shift += 8) {
    launch_overlapping(stream, tiles, radix_count_kernel<Key>, shape, shift, from.keys, totals);
    run_scan(stream, totals_shape, Sum{{totals, totals}}, memory + carries);
    launch_overlapping(stream, tiles, radix_move_kernel<Key>, shape, shift, from, totals, to);
    std::swap(from, to);
  }
  launch_overlapping(stream, elements, radix_finish_kernel<T>, shape, x, from.origins, values,
                     places);
}

}  // namespace cuttle::kernels::cuda
