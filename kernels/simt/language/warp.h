// Shuffles, votes and matches among the 32 lanes of a warp, under CUDA's names. Each takes the mask
// of the lanes that take part; only __syncwarp orders their memory accesses.
#pragma once

#include <cstring>
#include <type_traits>

#include "interpreter.h"

namespace cuttle::simt {

/// A shuffle of any value of up to 8 bytes.
template <class T>
T shuffle(WarpOp op, unsigned mask, T value, int argument, int width, Site site) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8,
                "a shuffle moves at most 8 bytes");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = warp_collective({op, mask, bits, argument, width, false}, site);
  std::memcpy(static_cast<void*>(&value), &bits, sizeof value);
  return value;
}

/// Combines the lanes' values with `combine`, every lane getting the same result.
template <class T, class Combine>
T warp_reduce(unsigned mask, T value, Combine combine, Site site) {
  const T mine = value;
  bool first = true;
  for (int lane = 0; lane < 32; ++lane) {
    if (!(mask >> lane & 1)) continue;
    const T other = shuffle(WarpOp::shuffle, mask, mine, lane, 32, site);
    value = first ? other : combine(value, other);
    first = false;
  }
  return value;
}

}  // namespace cuttle::simt

inline void __syncwarp(unsigned mask = 0xffffffffu,
                       cuttle::simt::Site site = cuttle::simt::Site()) {
  cuttle::simt::warp_collective({cuttle::simt::WarpOp::sync, mask, 0, 0, 32, true}, site);
}

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32,
              cuttle::simt::Site site = cuttle::simt::Site()) {
  return cuttle::simt::shuffle(cuttle::simt::WarpOp::shuffle, mask, value, lane, width, site);
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32,
                 cuttle::simt::Site site = cuttle::simt::Site()) {
  return cuttle::simt::shuffle(cuttle::simt::WarpOp::shuffle_up, mask, value,
                               static_cast<int>(distance), width, site);
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32,
                   cuttle::simt::Site site = cuttle::simt::Site()) {
  return cuttle::simt::shuffle(cuttle::simt::WarpOp::shuffle_down, mask, value,
                               static_cast<int>(distance), width, site);
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32,
                  cuttle::simt::Site site = cuttle::simt::Site()) {
  return cuttle::simt::shuffle(cuttle::simt::WarpOp::shuffle_xor, mask, value, lane_mask, width,
                               site);
}

inline unsigned __ballot_sync(unsigned mask, int predicate,
                              cuttle::simt::Site site = cuttle::simt::Site()) {
  return static_cast<unsigned>(cuttle::simt::warp_collective(
      {cuttle::simt::WarpOp::ballot, mask, predicate != 0, 0, 32, false}, site));
}

inline int __any_sync(unsigned mask, int predicate,
                      cuttle::simt::Site site = cuttle::simt::Site()) {
  return __ballot_sync(mask, predicate, site) != 0;
}

inline int __all_sync(unsigned mask, int predicate,
                      cuttle::simt::Site site = cuttle::simt::Site()) {
  return __ballot_sync(mask, !predicate, site) == 0;
}

/// The lanes of the mask whose value has the same bits.
template <class T>
unsigned __match_any_sync(unsigned mask, T value, cuttle::simt::Site site = cuttle::simt::Site()) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return static_cast<unsigned>(
      cuttle::simt::warp_collective({cuttle::simt::WarpOp::match, mask, bits, 0, 32, false}, site));
}

/// The mask if all its lanes hold the same value, else 0; *same tells which.
template <class T>
unsigned __match_all_sync(unsigned mask, T value, int* same,
                          cuttle::simt::Site site = cuttle::simt::Site()) {
  const unsigned equal = __match_any_sync(mask, value, site);
  *same = equal == mask;
  return *same ? mask : 0;
}

#define CUTTLE_SIMT_WARP_REDUCE(name, T, expression)                                      \
  inline T name(unsigned mask, T value, cuttle::simt::Site site = cuttle::simt::Site()) { \
    return cuttle::simt::warp_reduce(                                                     \
        mask, value, [](T a, T b) { return expression; }, site);                          \
  }
CUTTLE_SIMT_WARP_REDUCE(__reduce_add_sync, unsigned, a + b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_add_sync, int, a + b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_min_sync, unsigned, a < b ? a : b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_min_sync, int, a < b ? a : b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_max_sync, unsigned, a > b ? a : b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_max_sync, int, a > b ? a : b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_and_sync, unsigned, a& b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_or_sync, unsigned, a | b)
CUTTLE_SIMT_WARP_REDUCE(__reduce_xor_sync, unsigned, a ^ b)
#undef CUTTLE_SIMT_WARP_REDUCE

/// Which lanes run together is a matter of the hardware's schedule; a kernel that asks is refused.
unsigned __activemask() __attribute__((unavailable("pass an explicit mask of lanes")));
