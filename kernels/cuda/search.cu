// Places in sorted sequences. See kernels/search.h. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake).
#include "../search.h"

#include "../half.h"
#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, … of this folder

/// out[i] = place_in_sorted(its sequence, values[i]).
/// Launch: block 256, a thread a value; the grid covers them. Bound: the latency of log₂(length)
/// loads one after the other, the first ones from the cache. Deterministic.
template <class T>
__global__ void __launch_bounds__(256)
    search_kernel(SearchShape shape, const T* __restrict__ sequences, const T* __restrict__ values,
                  int64_t* __restrict__ out) {
  const int64_t i = int64_t{blockIdx.x} * 256 + threadIdx.x;
  wait_for_predecessor();
  if (i >= shape.rows * shape.per_row) return;
  const int64_t row = shape.shared ? 0 : i / shape.per_row;
  out[i] = place_in_sorted(sequences + row * shape.length, shape.length, values[i], shape.right);
}

}  // namespace

template <class T>
void search_sorted(cuda::Stream stream, const SearchShape& shape, const T* sequences,
                   const T* values, int64_t* out) {
  const int64_t count = shape.rows * shape.per_row;
  if (count == 0) return;
  launch_overlapping(stream, {blocks_for(count, 256), 256}, search_kernel<T>, shape, sequences,
                     values, out);
}

template void search_sorted(cuda::Stream, const SearchShape&, const CUTTLE_ELEMENT*,
                            const CUTTLE_ELEMENT*, int64_t*);

}  // namespace cuttle::kernels
