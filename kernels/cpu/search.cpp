// Places in sorted sequences on the CPU. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake).
#include "../search.h"

#include "../half.h"
#include "parallel.h"

namespace cuttle::kernels {

template <class T>
void search_sorted(cpu::Stream, const SearchShape& shape, const T* sequences, const T* values,
                   int64_t* out) {
  constexpr int64_t kCost = 32;  // of a search, next to a copy
  cpu::parallel_for(
      shape.rows * shape.per_row, cpu::grain_units(kCost), [=](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t row = shape.shared ? 0 : i / shape.per_row;
          out[i] =
              place_in_sorted(sequences + row * shape.length, shape.length, values[i], shape.right);
        }
      });
}

template void search_sorted(cpu::Stream, const SearchShape&, const CUTTLE_ELEMENT*,
                            const CUTTLE_ELEMENT*, int64_t*);

}  // namespace cuttle::kernels
