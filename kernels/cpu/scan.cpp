// Sums, products, log Σ exp and linear recurrences along a dimension on the CPU. Compiled once for
// each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../scan.h"

#include "scan_loop.h"

namespace cuttle::kernels {

template <class T>
void scan(cpu::Stream, ScanOp op, const ScanShape& shape, const T* x, T* out) {
  with_scan_op<double>(op, x, out, [&](const auto& scanned) { cpu::run_scan(shape, scanned); });
}

template <class T>
void scan_linear(cpu::Stream, const ScanShape& shape, const T* factors, const T* terms, T* out) {
  cpu::run_scan(
      shape, LinearScan<T, double>{factors, terms, out, shape.length, shape.inner, shape.reverse});
}

template void scan(cpu::Stream, ScanOp, const ScanShape&, const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void scan_linear(cpu::Stream, const ScanShape&, const CUTTLE_ELEMENT*,
                          const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
