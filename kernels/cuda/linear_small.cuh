// What the kernels of small linear layers share: runs of neighbouring elements, and the sum of many
// registers over the lanes of a warp. See linear.cu.
#pragma once

#include "group_reduce.cuh"
#include "index.cuh"

namespace cuttle::kernels::cuda {

inline constexpr int kRun = 4;  // neighbouring elements that a thread takes at once

/// Reads from[0 … 3], zeros from `count` on. With kPacked the address is a multiple of 16 bytes and
/// a count between 0 and 4 does not occur.
template <bool kPacked, class T>
__device__ inline void load_run(const T* from, int count, T (&to)[kRun]) {
  if constexpr (kPacked) {
    constexpr int kWide = 16 / sizeof(T);
    CUTTLE_UNROLL
    for (int i = 0; i < kRun; i += kWide) {
      const Pack<T, kWide> pack = count > 0 ? load_pack<kWide>(from + i) : Pack<T, kWide>{};
      CUTTLE_UNROLL
      for (int v = 0; v < kWide; ++v) to[i + v] = pack.at[v];
    }
  } else {
    CUTTLE_UNROLL
    for (int i = 0; i < kRun; ++i) to[i] = i < count ? from[i] : T(0);
  }
}

/// Writes the first `count` of a run, under the same conditions.
template <bool kPacked, class T>
__device__ inline void store_run(T* to, int count, const T (&from)[kRun]) {
  if constexpr (kPacked) {
    constexpr int kWide = 16 / sizeof(T);
    if (count <= 0) return;
    CUTTLE_UNROLL
    for (int i = 0; i < kRun; i += kWide) {
      Pack<T, kWide> pack;
      CUTTLE_UNROLL
      for (int v = 0; v < kWide; ++v) pack.at[v] = from[i + v];
      store_pack<kWide>(to + i, pack);
    }
  } else {
    CUTTLE_UNROLL
    for (int i = 0; i < kRun; ++i)
      if (i < count) to[i] = from[i];
  }
}

/// Σ over the warp's lanes of 32 registers each, lane l getting the sum of values[l]. The lanes
/// exchange halves: 16, 8, 4, 2 and 1 registers, 31 shuffles where 32 sums by themselves need 160.
/// Spoils `values`. The order of the additions is fixed.
template <int kHalf = 16, class T>
__device__ inline T sum_to_lanes(T (&values)[32]) {
  const bool upper = (threadIdx.x & kHalf) != 0;
  CUTTLE_UNROLL
  for (int i = 0; i < kHalf; ++i) {
    const T low = values[i], high = values[i + kHalf];
    values[i] = (upper ? high : low) + __shfl_xor_sync(kWholeWarp, upper ? low : high, kHalf);
  }
  if constexpr (kHalf > 1)
    return sum_to_lanes<kHalf / 2>(values);
  else
    return values[0];
}

}  // namespace cuttle::kernels::cuda
