// Scans among the threads of a block: within warps by shuffles, across them in shared memory.
#pragma once

#include <cstring>

#include "group_reduce.cuh"

namespace cuttle::kernels::cuda {

/// The value of the lane `distance` before this one, among `width` neighbours; those at their
/// beginning get their own. T: any trivially copyable type of whole words.
template <class T>
__device__ inline T shuffle_up(T value, unsigned distance, int width) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(uint32_t) == 0);
  uint32_t words[sizeof(T) / sizeof(uint32_t)];
  std::memcpy(words, &value, sizeof value);
  CUTTLE_UNROLL
  for (size_t w = 0; w < sizeof(T) / sizeof(uint32_t); ++w)
    words[w] = __shfl_up_sync(kWholeWarp, words[w], distance, width);
  std::memcpy(&value, words, sizeof value);
  return value;
}

/// What the threads before this one in its group come to, joined from the first to the last; Op as
/// in scan_ops.h. Every thread of the block calls it. The order is fixed by the group's size.
template <class Op, int kThreads>
__device__ typename Op::State exclusive_scan(typename Op::State value,
                                             const ThreadGroup<kThreads>& group) {
  using State = typename Op::State;
  const int width = group.lanes < 32 ? group.lanes : 32;
  const int lane = group.lane % 32;
  for (int step = 1; step < width; step *= 2) {
    const State before = shuffle_up(value, step, width);
    if (lane >= step) value = Op::join(before, value);
  }
  State exclusive = shuffle_up(value, 1, width);
  if (lane == 0) exclusive = Op::none();
  if (group.lanes <= 32) return exclusive;

  CUTTLE_SHARED(State, warp_totals, [kThreads / 32]);
  const int warp = threadIdx.x / 32;
  const int warps = group.lanes / 32;
  __syncthreads();  // an earlier scan may still be read
  if (lane == 31) warp_totals[warp] = value;
  __syncthreads();
  State before = Op::none();
  for (int w = warp / warps * warps; w < warp; ++w) before = Op::join(before, warp_totals[w]);
  return Op::join(before, exclusive);
}

}  // namespace cuttle::kernels::cuda
