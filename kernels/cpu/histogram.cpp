// Histograms on the CPU: one thread, whose counters stay in its cache. Compiled once for each type
// CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../histogram.h"

namespace cuttle::kernels {

template <class T>
void histogram(cpu::Stream, int64_t n, const Bins<Compute<T>>& bins, const T* x, int64_t* counts) {
  for (int64_t i = 0; i < n; ++i) {
    const int64_t bin = bins.of(x[i]);
    if (bin >= 0) ++counts[bin];
  }
}

template void histogram(cpu::Stream, int64_t, const Bins<Compute<CUTTLE_ELEMENT>>&,
                        const CUTTLE_ELEMENT*, int64_t*);

}  // namespace cuttle::kernels
