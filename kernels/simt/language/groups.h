// Cooperative groups, as far as kernels use them: the block, and tiles of 1 to 32 lanes of a warp.
#pragma once

#include "barriers.h"
#include "warp.h"

namespace cooperative_groups {

using Site = cuttle::simt::Site;

/// All threads of the block.
class thread_block {
 public:
  void sync(Site site = Site()) const { cuttle::simt::block_barrier(false, site); }
  static unsigned thread_rank() { return cuttle::simt::thread_rank(); }
  static unsigned size() { return blockDim.x * blockDim.y * blockDim.z; }
  static unsigned num_threads() { return size(); }
  static dim3 group_index() { return {blockIdx.x, blockIdx.y, blockIdx.z}; }
  static dim3 thread_index() { return {threadIdx.x, threadIdx.y, threadIdx.z}; }
  static dim3 dim_threads() { return blockDim; }
};
inline thread_block this_thread_block() {
  return {};
}

template <unsigned Size, class Parent>
class thread_block_tile;

/// How many threads a group has; the block where a tile does not say what it is a part of.
template <class Group>
struct size_of_group {
  static unsigned get() { return thread_block::size(); }
};
template <unsigned Size, class Parent>
struct size_of_group<thread_block_tile<Size, Parent>> {
  static unsigned get() { return Size; }
};

/// `Size` neighbouring lanes of one warp; Size is a power of two up to 32.
template <unsigned Size, class Parent = void>
class thread_block_tile {
  static_assert(Size >= 1 && Size <= 32 && (Size & (Size - 1)) == 0,
                "a tile is a power of two of at most 32 lanes here");

 public:
  thread_block_tile() = default;
  /// A tile forgets what it is a part of: thread_block_tile<32> t = tiled_partition<32>(block).
  template <class Other>
  requires std::is_void_v<Parent> thread_block_tile(const thread_block_tile<Size, Other>&) {}

  static unsigned thread_rank() { return cuttle::simt::lane_id() % Size; }
  static constexpr unsigned size() { return Size; }
  static constexpr unsigned num_threads() { return Size; }
  static unsigned meta_group_rank() {
    return cuttle::simt::thread_rank() % size_of_group<Parent>::get() / Size;
  }
  static unsigned meta_group_size() { return (size_of_group<Parent>::get() + Size - 1) / Size; }

  void sync(Site site = Site()) const { __syncwarp(mask(), site); }
  template <class T>
  T shfl(T value, int rank, Site site = Site()) const {
    return __shfl_sync(mask(), value, rank, Size, site);
  }
  template <class T>
  T shfl_up(T value, unsigned distance, Site site = Site()) const {
    return __shfl_up_sync(mask(), value, distance, Size, site);
  }
  template <class T>
  T shfl_down(T value, unsigned distance, Site site = Site()) const {
    return __shfl_down_sync(mask(), value, distance, Size, site);
  }
  template <class T>
  T shfl_xor(T value, unsigned lane_mask, Site site = Site()) const {
    return __shfl_xor_sync(mask(), value, static_cast<int>(lane_mask), Size, site);
  }
  unsigned ballot(int predicate, Site site = Site()) const {
    return __ballot_sync(mask(), predicate, site) >> first_lane();
  }
  bool any(int predicate, Site site = Site()) const { return ballot(predicate, site) != 0; }
  bool all(int predicate, Site site = Site()) const { return ballot(!predicate, site) == 0; }

 private:
  static unsigned first_lane() { return cuttle::simt::lane_id() / Size * Size; }
  static unsigned mask() { return (Size == 32 ? ~0u : (1u << Size % 32) - 1) << first_lane(); }
};

template <unsigned Size, class Parent>
thread_block_tile<Size, Parent> tiled_partition(const Parent&) {
  return {};
}

template <class Group>
void sync(const Group& group, Site site = Site()) {
  group.sync(site);
}

/// The sum, or another combination, over the tile, in every thread.
template <class T>
struct plus {
  T operator()(T a, T b) const { return a + b; }
};
template <class T>
struct greater {
  T operator()(T a, T b) const { return b < a ? a : b; }
};
template <class T>
struct less {
  T operator()(T a, T b) const { return a < b ? a : b; }
};
template <unsigned Size, class Parent, class T, class Combine>
T reduce(const thread_block_tile<Size, Parent>& tile, T value, Combine combine,
         Site site = Site()) {
  for (unsigned distance = Size / 2; distance > 0; distance /= 2) {
    value = combine(value, tile.shfl_xor(value, distance, site));
  }
  return value;
}

}  // namespace cooperative_groups
