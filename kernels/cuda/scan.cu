// Sums, products, log Σ exp and linear recurrences along a dimension. See kernels/scan.h. Compiled
// once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../scan.h"

#include "scan_engine.cuh"

namespace cuttle::kernels {

template <class T>
void scan(cuda::Stream stream, ScanOp op, const ScanShape& shape, const T* x, T* out) {
  with_scan_op<Compute<T>>(op, x, out,
                           [&](const auto& scanned) { cuda::run_scan(stream, shape, scanned); });
}

template <class T>
void scan_linear(cuda::Stream stream, const ScanShape& shape, const T* factors, const T* terms,
                 T* out) {
  cuda::run_scan(
      stream, shape,
      LinearScan<T, Compute<T>>{factors, terms, out, shape.length, shape.inner, shape.reverse});
}

template void scan(cuda::Stream, ScanOp, const ScanShape&, const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void scan_linear(cuda::Stream, const ScanShape&, const CUTTLE_ELEMENT*,
                          const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
