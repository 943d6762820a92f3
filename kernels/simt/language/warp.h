// Shuffles, votes, matches and reductions among the 32 lanes of a warp, under CUDA's names. Each
// takes the mask of the lanes that take part; only __syncwarp orders their memory accesses.
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

/// The lanes whose value has the same bits, as the operation reports them.
template <class T>
unsigned match(WarpOp op, unsigned mask, T value, Site site) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return static_cast<unsigned>(warp_collective({op, mask, bits, 0, 32, false}, site));
}

/// Combines the values of the lanes, signed or unsigned numbers of 32 bits.
template <class T>
T warp_reduce(WarpOp op, unsigned mask, T value, Site site) {
  const auto wide = static_cast<int64_t>(value);
  return static_cast<T>(
      warp_collective({op, mask, static_cast<uint64_t>(wide), 0, 32, false}, site));
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
  return cuttle::simt::match(cuttle::simt::WarpOp::match_any, mask, value, site);
}

/// The lanes of the mask that still run if all of them hold the same value, else 0; *same tells
/// which.
template <class T>
unsigned __match_all_sync(unsigned mask, T value, int* same,
                          cuttle::simt::Site site = cuttle::simt::Site()) {
  const unsigned lanes = cuttle::simt::match(cuttle::simt::WarpOp::match_all, mask, value, site);
  *same = lanes != 0;
  return lanes;
}

#define CUTTLE_SIMT_WARP_REDUCE(operation, T)                                                      \
  inline T __reduce_##operation##_sync(unsigned mask, T value,                                     \
                                       cuttle::simt::Site site = cuttle::simt::Site()) {           \
    return cuttle::simt::warp_reduce(cuttle::simt::WarpOp::reduce_##operation, mask, value, site); \
  }
CUTTLE_SIMT_WARP_REDUCE(add, unsigned)
CUTTLE_SIMT_WARP_REDUCE(add, int)
CUTTLE_SIMT_WARP_REDUCE(min, unsigned)
CUTTLE_SIMT_WARP_REDUCE(min, int)
CUTTLE_SIMT_WARP_REDUCE(max, unsigned)
CUTTLE_SIMT_WARP_REDUCE(max, int)
CUTTLE_SIMT_WARP_REDUCE(and, unsigned)
CUTTLE_SIMT_WARP_REDUCE(or, unsigned)
CUTTLE_SIMT_WARP_REDUCE(xor, unsigned)
#undef CUTTLE_SIMT_WARP_REDUCE

/// Which lanes run together is a matter of the hardware's schedule; a kernel that asks is refused.
unsigned __activemask() __attribute__((unavailable("pass an explicit mask of lanes")));
