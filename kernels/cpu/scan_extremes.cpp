// Largest and smallest elements so far on the CPU. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake).
#include "../scan.h"

#include "scan_loop.h"

namespace cuttle::kernels {

template <class T>
void scan_extremes(cpu::Stream, bool largest, const ScanShape& shape, const T* x, T* out,
                   int64_t* places) {
  with_extreme_scan(largest, x, out, places,
                    [&](const auto& scanned) { cpu::run_scan(shape, scanned); });
}

template void scan_extremes(cpu::Stream, bool, const ScanShape&, const CUTTLE_ELEMENT*,
                            CUTTLE_ELEMENT*, int64_t*);

}  // namespace cuttle::kernels
