// Largest and smallest elements so far. See kernels/scan.h. Compiled once for each type
// CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../scan.h"

#include "scan_engine.cuh"

namespace cuttle::kernels {

template <class T>
void scan_extremes(cuda::Stream stream, bool largest, const ScanShape& shape, const T* x, T* out,
                   int64_t* places) {
  with_extreme_scan(largest, x, out, places,
                    [&](const auto& scanned) { cuda::run_scan(stream, shape, scanned); });
}

template void scan_extremes(cuda::Stream, bool, const ScanShape&, const CUTTLE_ELEMENT*,
                            CUTTLE_ELEMENT*, int64_t*);

}  // namespace cuttle::kernels
