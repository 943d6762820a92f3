// Where an index points, on the device. For kernels/cuda's .cu files.
#pragma once

#include "../index.h"
#include "device_report.cuh"
#include "index.cuh"

namespace cuttle::kernels::cuda {

/// All operands' offsets of a position: it is divided once for all.
template <int Operands>
__device__ inline void find_offsets(const WideIndex<Operands>& walk, int64_t position,
                                    int64_t (&at)[Operands]) {
  for (int p = 0; p < Operands; ++p) at[p] = 0;
  uint32_t rest = static_cast<uint32_t>(position);  // of a small loop
  for (int d = walk.loop.rank - 1; d >= 0; --d) {
    int64_t i = walk.small ? rest : position;
    if (d > 0 && walk.small) i = walk.sizes[d].split(rest);
    if (d > 0 && !walk.small) {
      i = position % walk.loop.sizes[d];
      position /= walk.loop.sizes[d];
    }
    for (int p = 0; p < Operands; ++p) at[p] += i * walk.loop.strides[p][d];
  }
}

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
