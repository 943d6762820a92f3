// Reductions among the threads of a block: within groups by shuffles, across the block by a tree.
#pragma once

#include <limits>

#include "gpu.h"

namespace cuttle::kernels::cuda {

inline constexpr unsigned kWholeWarp = 0xffffffffu;

// Constants, because device code may not call the functions of numeric_limits.
template <class T>
inline constexpr T kInfinity = std::numeric_limits<T>::infinity();
template <class T>
inline constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();

struct Plus {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

/// The larger; a NaN in `b` is lost, one in `a` stays.
struct Larger {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return b > a ? b : a;
  }
};

/// Threads of a block in groups of `lanes` neighbours, a power of two up to the block's kThreads.
/// Every thread of the block calls reduce() and gets its group's result, in an order fixed by
/// `lanes` alone. Groups up to a warp shuffle; larger ones also meet in shared memory.
template <int kThreads>
struct ThreadGroup {
  __device__ explicit ThreadGroup(int lane_count)
      : lanes(lane_count), lane(threadIdx.x % lane_count), group(threadIdx.x / lane_count) {}

  template <class T, class Op>
  __device__ T reduce(T value, Op op) const {
    for (int step = (lanes < 32 ? lanes : 32) / 2; step > 0; step /= 2)
      value = op(value, __shfl_xor_sync(kWholeWarp, value, step));
    if (lanes <= 32) return value;

    CUTTLE_SHARED(T, warp_values, [kThreads / 32]);
    const int warp = threadIdx.x / 32;
    const int warps = lanes / 32;
    __syncthreads();  // an earlier reduction may still be read
    if (threadIdx.x % 32 == 0) warp_values[warp] = value;
    __syncthreads();
    const int first = warp / warps * warps;
    value = warp_values[first];
    for (int w = 1; w < warps; ++w) value = op(value, warp_values[first + w]);
    return value;
  }

  int lanes;
  int lane;
  int group;
};

/// The smallest power of two ≥ n, from 1 to `most` (itself a power of two): a group's lanes for
/// rows of n elements.
inline int lanes_for(int64_t n, int most) {
  int lanes = 1;
  while (lanes < n && lanes < most) lanes *= 2;
  return lanes;
}

}  // namespace cuttle::kernels::cuda
