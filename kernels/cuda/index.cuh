// Index arithmetic of kernels: division by a constant known on the host, 16-byte packs, and the
// walk of a strided loop.
#pragma once

#include <cstdint>
#include <type_traits>

#include "../half.h"
#include "../strided.h"
#include "gpu.h"

namespace cuttle::kernels::cuda {

/// Division of n < 2³¹ by a divisor d in [1, 2³¹) that the host knows: a multiplication, an
/// addition and a shift in place of some twenty instructions. (Granlund and Montgomery, "Division
/// by invariant integers using multiplication", 1994: with s = ⌈log₂ d⌉ and m = ⌊2³²(2ˢ − d)/d⌋ +
/// 1, n / d = (⌊m·n / 2³²⌋ + n) >> s.)
struct FastDivisor {
  FastDivisor() = default;
  /// d < 1 (a dimension of an empty tensor, never divided by) counts as 1.
  explicit FastDivisor(int64_t d) : divisor(d < 1 ? 1 : static_cast<uint32_t>(d)) {
    while ((uint64_t{1} << shift) < divisor) ++shift;
    multiplier = static_cast<uint32_t>(
        (uint64_t{1} << 32) * ((uint64_t{1} << shift) - divisor) / divisor + 1);
  }

  __device__ uint32_t quotient(uint32_t n) const {
    const uint32_t high = static_cast<uint32_t>((uint64_t{n} * multiplier) >> 32);
    return (high + n) >> shift;
  }
  /// Replaces n by n / d and returns n % d.
  __device__ uint32_t split(uint32_t& n) const {
    const uint32_t whole = quotient(n);
    const uint32_t rest = n - whole * divisor;
    n = whole;
    return rest;
  }

  uint32_t divisor = 1;
  uint32_t multiplier = 1;
  uint32_t shift = 0;
};

/// The type to do T's arithmetic in: integers wrap around, so they go unsigned and not narrower
/// than int; floating types stay.
template <class T>
using Wrapping =
    std::conditional_t<is_floating<T>, T, std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>>;

/// V neighbouring elements that move in one access; V · sizeof(T) ≤ 16.
template <class T, int V>
struct alignas(sizeof(T) * V) Pack {
  T at[V];
};

template <int V, class T>
__device__ inline Pack<T, V> load_pack(const T* from) {
  return *reinterpret_cast<const Pack<T, V>*>(from);
}

template <int V, class T>
__device__ inline void store_pack(T* to, const Pack<T, V>& pack) {
  *reinterpret_cast<Pack<T, V>*>(to) = pack;
}

inline bool is_aligned(const void* pointer, size_t bytes = 16) {
  return reinterpret_cast<uintptr_t>(pointer) % bytes == 0;
}

/// The largest count and offset that 32-bit index arithmetic serves.
inline constexpr int64_t kMaxIndex = 0x7fffffff;

/// From a position in loop order to each operand's offset, for loops of at most kMaxIndex elements
/// whose offsets stay within ±kMaxIndex.
template <int Operands>
struct StridedIndex {
  explicit StridedIndex(const StridedLoop<Operands>& loop) : rank(loop.rank) {
    for (int d = 0; d < rank; ++d) {
      sizes[d] = FastDivisor(loop.sizes[d]);
      for (int p = 0; p < Operands; ++p) strides[p][d] = static_cast<int32_t>(loop.strides[p][d]);
    }
  }

  __device__ void offsets(uint32_t position, int32_t (&offset)[Operands]) const {
    CUTTLE_UNROLL
    for (int p = 0; p < Operands; ++p) offset[p] = 0;
    CUTTLE_UNROLL
    for (int d = kMaxRank - 1; d >= 0; --d) {
      if (d >= rank) continue;
      const int32_t i = static_cast<int32_t>(d > 0 ? sizes[d].split(position) : position);
      CUTTLE_UNROLL
      for (int p = 0; p < Operands; ++p) offset[p] += i * strides[p][d];
    }
  }

  int rank = 0;
  FastDivisor sizes[kMaxRank];
  int32_t strides[Operands][kMaxRank] = {};
};

/// From a position in loop order to an operand's offset, for loops of any size: those of less than
/// 2³¹ elements divide fast, longer ones by 64-bit division.
template <int Operands>
struct WideIndex {
  explicit WideIndex(const StridedLoop<Operands>& strided)
      : loop(strided), small(strided.numel() <= kMaxIndex) {
    for (int d = 0; small && d < loop.rank; ++d) sizes[d] = FastDivisor(loop.sizes[d]);
  }

  __device__ int64_t offset(int operand, int64_t position) const {
    if (loop.rank <= 1) return position * line_stride(operand);
    return small ? small_offset(operand, static_cast<uint32_t>(position))
                 : large_offset(operand, position);
  }
  /// All operands' offsets at once: the position is divided once for all.
  __device__ void offsets(int64_t position, int64_t (&at)[Operands]) const {
    for (int p = 0; p < Operands; ++p) at[p] = 0;
    uint32_t rest = static_cast<uint32_t>(position);  // of a small loop
    for (int d = loop.rank - 1; d >= 0; --d) {
      int64_t i = small ? rest : position;
      if (d > 0 && small) i = sizes[d].split(rest);
      if (d > 0 && !small) {
        i = position % loop.sizes[d];
        position /= loop.sizes[d];
      }
      for (int p = 0; p < Operands; ++p) at[p] += i * loop.strides[p][d];
    }
  }
  /// Between neighbours of a loop of rank 1; with rank 0 the one position is 0.
  __device__ int64_t line_stride(int operand) const {
    return loop.rank == 1 ? loop.strides[operand][0] : 0;
  }
  /// For `small` loops of rank 1 and more.
  __device__ int64_t small_offset(int operand, uint32_t position) const {
    int64_t sum = 0;
    for (int d = loop.rank - 1; d > 0; --d)
      sum += sizes[d].split(position) * loop.strides[operand][d];
    return sum + position * loop.strides[operand][0];
  }
  /// For loops of rank 1 and more.
  __device__ int64_t large_offset(int operand, int64_t position) const {
    int64_t sum = 0;
    for (int d = loop.rank - 1; d > 0; --d) {
      sum += position % loop.sizes[d] * loop.strides[operand][d];
      position /= loop.sizes[d];
    }
    return sum + position * loop.strides[operand][0];
  }

  StridedLoop<Operands> loop;
  FastDivisor sizes[kMaxRank];
  bool small;
};

/// The furthest that any operand of the loop reaches from its pointer, in elements.
template <int Operands>
int64_t reach(const StridedLoop<Operands>& loop) {
  int64_t furthest = 0;
  for (int p = 0; p < Operands; ++p) {
    int64_t sum = 0;
    for (int d = 0; d < loop.rank; ++d) {
      const int64_t stride = loop.strides[p][d];
      sum += (loop.sizes[d] - 1) * (stride < 0 ? -stride : stride);
    }
    furthest = sum > furthest ? sum : furthest;
  }
  return furthest;
}

}  // namespace cuttle::kernels::cuda
