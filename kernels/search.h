// Where values belong in sorted sequences.
#pragma once

#include <cstdint>

#include "host_device.h"
#include "stream.h"

namespace cuttle::kernels {

/// Values (rows, per_row) that are looked for, each row in its own sequence of `length` elements,
/// or with `shared` all in one.
struct SearchShape {
  int64_t rows = 1, per_row = 0, length = 0;
  bool shared = true;
  bool right = false;
};

/// The number of elements before which the value stands: those smaller than it, with `right` those
/// smaller or equal. A NaN stands behind all.
template <class T>
CUTTLE_HOST_DEVICE int64_t place_in_sorted(const T* sequence, int64_t length, T value, bool right) {
  int64_t first = 0, last = length;
  while (first < last) {
    const int64_t middle = first + (last - first) / 2;
    const bool behind = right ? sequence[middle] > value : sequence[middle] >= value;
    if (behind)
      last = middle;
    else
      first = middle + 1;
  }
  return first;
}

/// out (rows, per_row) = place_in_sorted of each value. All arrays are dense.
/// T: float, double, Half, BFloat16, int64_t, int32_t, int16_t, int8_t, uint8_t.
template <class T>
void search_sorted(cpu::Stream, const SearchShape& shape, const T* sequences, const T* values,
                   int64_t* out);
template <class T>
void search_sorted(cuda::Stream, const SearchShape& shape, const T* sequences, const T* values,
                   int64_t* out);

}  // namespace cuttle::kernels
