// The CPU's scan engine: threads take rows, or strips of neighbouring columns, and walk them from
// one end to the other. For kernels/cpu alone.
#pragma once

#include <algorithm>

#include "../scan_ops.h"
#include "parallel.h"

namespace cuttle::kernels::cpu {

/// Columns that are walked together, so that what is read lies side by side.
inline constexpr int64_t kScanColumns = 64;

/// Scans with an operation of scan_ops.h. A result does not depend on the number of threads.
template <class Op>
void run_scan(const ScanShape& shape, const Op& op) {
  using State = typename Op::State;
  if (shape.numel() == 0) return;
  const int64_t strips = (shape.inner + kScanColumns - 1) / kScanColumns;
  const int64_t work = shape.length * std::min(shape.inner, kScanColumns);
  parallel_for(shape.outer * strips, grain_units(work), [&](int64_t begin, int64_t end) {
    State running[kScanColumns];
    for (int64_t strip = begin; strip < end; ++strip) {
      const int64_t row = strip / strips * shape.length;
      const int64_t first = strip % strips * kScanColumns;
      const int64_t columns = std::min(kScanColumns, shape.inner - first);
      std::fill_n(running, columns, Op::none());
      for (int64_t k = 0; k < shape.length; ++k) {
        const int64_t position = shape.reverse ? shape.length - 1 - k : k;
        const int64_t at = (row + position) * shape.inner + first;
        for (int64_t c = 0; c < columns; ++c) {
          running[c] = Op::join(running[c], op.load(at + c, position));
          op.store(at + c, running[c]);
        }
      }
    }
  });
}

}  // namespace cuttle::kernels::cpu
