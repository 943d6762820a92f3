// Reductions among the threads of a block: within groups by shuffles, across warps in shared
// memory; and how the last block of several finds out that it is the last.
#pragma once

#include <cstring>
#include <limits>
#include <type_traits>

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

/// The exponent of a power of two: what is divided by it is shifted, not divided.
template <class Int>
__device__ inline int log2_of(Int power) {
  return __ffs(power) - 1;
}

/// The value that the lane whose number differs in the bit `step` holds. T: a number, or any
/// trivially copyable type, which then travels as words of 32 bits.
template <class T>
__device__ inline T shuffle_xor(T value, int step) {
  if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<T>(__shfl_xor_sync(kWholeWarp, value, step));
  } else {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(uint32_t) == 0);
    uint32_t words[sizeof(T) / sizeof(uint32_t)];
    std::memcpy(words, &value, sizeof value);
    CUTTLE_UNROLL
    for (size_t w = 0; w < sizeof(T) / sizeof(uint32_t); ++w)
      words[w] = __shfl_xor_sync(kWholeWarp, words[w], step);
    std::memcpy(&value, words, sizeof value);
    return value;
  }
}

/// Threads of a block in groups of `lanes` neighbours, a power of two up to the block's kThreads.
/// Every thread of the block calls reduce() and gets its group's result, in an order fixed by
/// `lanes` alone. Groups up to a warp shuffle; larger ones also meet in shared memory.
/// op(a, b) and op(b, a) must be the same to the bit.
template <int kThreads>
struct ThreadGroup {
  __device__ explicit ThreadGroup(int lane_count)
      : lanes(lane_count),
        lane(static_cast<int>(threadIdx.x) & (lane_count - 1)),
        group(static_cast<int>(threadIdx.x) >> log2_of(lane_count)) {}

  /// Groups in the block.
  __device__ int groups() const { return kThreads >> log2_of(lanes); }

  template <class T, class Op>
  __device__ T reduce(T value, Op op) const {
    for (int step = (lanes < 32 ? lanes : 32) / 2; step > 0; step /= 2)
      value = op(value, shuffle_xor(value, step));
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

/// True in every thread of the block that comes last of `blocks` blocks which call this with one
/// counter (0 before, and 0 again behind the last); that block sees what the others wrote to global
/// memory before. A block calls it once.
__device__ inline bool arrives_last(unsigned* counter, unsigned blocks) {
  CUTTLE_SHARED(bool, is_last, [1]);
  __threadfence();  // each thread's writes come before the block's arrival
  __syncthreads();
  if (threadIdx.x == 0) is_last[0] = atomicInc(counter, blocks - 1) == blocks - 1;
  __syncthreads();
  if (is_last[0]) __threadfence();  // the last block reads nothing from before its arrival
  return is_last[0];
}

/// The smallest power of two ≥ n, from 1 to `most` (itself a power of two): a group's lanes for
/// rows of n elements.
inline int lanes_for(int64_t n, int most) {
  int lanes = 1;
  while (lanes < n && lanes < most) lanes *= 2;
  return lanes;
}

}  // namespace cuttle::kernels::cuda
