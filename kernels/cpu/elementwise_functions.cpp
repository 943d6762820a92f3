// Functions of floating types alone of the elementwise table on the CPU. See kernels/elementwise.h;
// the loops are in elementwise_row.h, what of it is vectorised in elementwise_lanes.h. Compiled
// once for each type CUTTLE_ELEMENT.
#include "elementwise_lanes.h"

namespace cuttle::kernels::cpu {

template <class T>
ElementwiseRowCode function_row(Elementwise op, int part) {
  using Result = ElementwiseRowCode;
  const FindRowCodeInLanes<T> found;
  switch (op) {
    CUTTLE_ELEMENTWISE_FUNCTIONS(CUTTLE_FIND_ROW)
    default:
      return {};
  }
}

template ElementwiseRowCode function_row<CUTTLE_ELEMENT>(Elementwise, int);

}  // namespace cuttle::kernels::cpu
