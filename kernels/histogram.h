// How many elements fall into each of a row of bins.
#pragma once

#include <cstdint>

#include "half.h"
#include "stream.h"

namespace cuttle::kernels {

/// `bins` bins of one width from `low` to `high`, of which the last one holds `high` itself; for
/// integers one bin a number from `low` on.
template <class T>
struct Bins {
  T low, high;
  int64_t bins;

  /// −1 for what lies in none, a NaN too.
  CUTTLE_HOST_DEVICE int64_t of(T x) const {
    if (!(x >= low && x <= high)) return -1;
    int64_t bin = 0;
    if constexpr (is_floating<T>)
      bin = static_cast<int64_t>((x - low) / (high - low) * static_cast<T>(bins));
    else
      bin = x - low;
    return bin < bins ? bin : bins - 1;
  }
};

/// Adds to counts[b] how many of x's n elements lie in bin b. T: float, double, Half, BFloat16,
/// whose bins are Compute<T>, and int64_t.
template <class T>
void histogram(cpu::Stream, int64_t n, const Bins<Compute<T>>& bins, const T* x, int64_t* counts);
template <class T>
void histogram(cuda::Stream, int64_t n, const Bins<Compute<T>>& bins, const T* x, int64_t* counts);

}  // namespace cuttle::kernels
