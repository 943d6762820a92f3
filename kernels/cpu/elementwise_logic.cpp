// Comparisons, logic and bits of the elementwise table on the CPU. See kernels/elementwise.h; the
// loops are in elementwise_row.h. Compiled once for each type CUTTLE_ELEMENT.
#include "elementwise_row.h"

namespace cuttle::kernels::cpu {

template <class T>
ElementwiseRowCode logic_row(Elementwise op, int part) {
  using Result = ElementwiseRowCode;
  const FindRowCode<T> found;
  switch (op) {
    CUTTLE_ELEMENTWISE_LOGIC(CUTTLE_FIND_ROW)
    default:
      return {};
  }
}

template ElementwiseRowCode logic_row<CUTTLE_ELEMENT>(Elementwise, int);

}  // namespace cuttle::kernels::cpu
