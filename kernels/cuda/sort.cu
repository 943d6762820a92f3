// Rows in order. See kernels/sort.h. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake).
#include "../sort.h"

#include "sort_long.cuh"
#include "sort_short.cuh"

namespace cuttle::kernels {

template <class T>
void sort_rows(cuda::Stream stream, bool descending, int64_t rows, int64_t length, const T* x,
               T* values, int64_t* places) {
  if (rows * length == 0) return;
  if (length > cuda::kSortTile)
    return cuda::sort_long(stream, descending, rows, length, x, values, places);
  const int width = cuda::lanes_for(length, cuda::kSortTile);
  cuda::launch_overlapping(stream,
                           {cuda::blocks_for(rows, cuda::kSortTile / width), cuda::kSortThreads},
                           cuda::sort_short_kernel<T>, descending, rows, static_cast<int>(length),
                           width, x, values, places);
}

template void sort_rows(cuda::Stream, bool, int64_t, int64_t, const CUTTLE_ELEMENT*,
                        CUTTLE_ELEMENT*, int64_t*);

}  // namespace cuttle::kernels
