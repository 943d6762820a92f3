// Where an index points, on the device. For kernels/cuda's .cu files.
#pragma once

#include "../index.h"
#include "device_report.cuh"
#include "index.cuh"

namespace cuttle::kernels::cuda {

/// Adds Σ_k stride_k · index_k to `place`, the index arrays read `at` elements from their start.
/// False for an index out of range, which is reported.
__device__ inline bool add_indexed_place(const IndexedDims& dims, const DeviceReporter& reporter,
                                         int64_t at, int64_t& place) {
  for (int k = 0; k < dims.count; ++k) {
    const int64_t i = dims.index[k][at], size = dims.size[k];
    const int64_t wrapped = i < 0 && dims.from_back ? i + size : i;
    if (wrapped < 0 || wrapped >= size) {
      report(reporter, ReportKind::index_out_of_range, i, dims.dim[k], size,
             reinterpret_cast<intptr_t>(dims.op));
      return false;
    }
    place += wrapped * dims.stride[k];
  }
  return true;
}

}  // namespace cuttle::kernels::cuda
