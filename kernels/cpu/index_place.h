// Where an index points, and the sentence for one that points nowhere. For kernels/cpu alone.
#pragma once

#include "../error.h"
#include "../index.h"

namespace cuttle::kernels::cpu {

/// Σ_k stride_k · index_k, the index arrays read `at` elements from their start. Throws Error for
/// an index out of range.
inline int64_t indexed_place(const IndexedDims& dims, int64_t at) {
  int64_t place = 0;
  for (int k = 0; k < dims.count; ++k) {
    const int64_t i = dims.index[k][at], size = dims.size[k];
    const int64_t wrapped = i < 0 && dims.from_back ? i + size : i;
    if (wrapped < 0 || wrapped >= size)
      fail(dims.op, ": index ", i, " is out of range for dimension ", dims.dim[k], " of size ",
           size);
    place += wrapped * dims.stride[k];
  }
  return place;
}

/// The offset of the position-th element of a loop in row-major order.
template <int P>
int64_t place_in(const StridedLoop<P>& loop, int operand, int64_t position) {
  if (loop.rank == 0) return 0;
  int64_t sum = 0;
  for (int d = loop.rank - 1; d > 0; --d) {
    sum += position % loop.sizes[d] * loop.strides[operand][d];
    position /= loop.sizes[d];
  }
  return sum + position * loop.strides[operand][0];
}

}  // namespace cuttle::kernels::cpu
