// Elements as unsigned integers of their size that have the same order: what both backends sort.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "half.h"

namespace cuttle::kernels {

namespace detail {
template <size_t kBytes>
using UnsignedOf = std::conditional_t<
    kBytes == 1, uint8_t,
    std::conditional_t<kBytes == 2, uint16_t, std::conditional_t<kBytes == 4, uint32_t, uint64_t>>>;
}  // namespace detail

template <class T>
using SortKey = detail::UnsignedOf<sizeof(T)>;

/// The key of an element; with `descending` those of larger elements are smaller. Floating numbers
/// are ordered by their bits, the negative ones backwards, once −0 is 0 and every NaN the last.
template <class T>
CUTTLE_HOST_DEVICE SortKey<T> sort_key(T x, bool descending) {
  using Key = SortKey<T>;
  constexpr Key kTop = Key(Key(1) << (8 * sizeof(Key) - 1));
  Key key = 0;
  if constexpr (is_floating<T>) {
    std::memcpy(&key, &x, sizeof key);
    if (x == 0) key = 0;
    key = (key & kTop) != 0 ? Key(~key) : Key(key | kTop);
    if (x != x) key = Key(~Key(0));
  } else if constexpr (std::is_signed_v<T>) {
    key = Key(static_cast<Key>(x) ^ kTop);
  } else {
    key = static_cast<Key>(x);
  }
  return descending ? Key(~key) : key;
}

}  // namespace cuttle::kernels
