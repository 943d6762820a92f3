// Functions of floating types alone of the elementwise table. See kernels/elementwise.h; the
// kernels are in elementwise_loop.cuh. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake).
#include "elementwise_find.cuh"

namespace cuttle::kernels::cuda {

template <class T, int N>
ElementwiseKernels<T, N> function_kernels(Elementwise op, int part) {
  using Result = ElementwiseKernels<T, N>;
  const FindKernels<T, N> found;
  switch (op) {
    CUTTLE_ELEMENTWISE_FUNCTIONS(CUTTLE_FIND_ROW)
    default:
      return {};
  }
}

#define CUTTLE_KERNELS_OF(N) \
  template ElementwiseKernels<CUTTLE_ELEMENT, N> function_kernels(Elementwise, int);
CUTTLE_KERNELS_OF(1)
CUTTLE_KERNELS_OF(2)
CUTTLE_KERNELS_OF(3)
CUTTLE_KERNELS_OF(4)
#undef CUTTLE_KERNELS_OF

}  // namespace cuttle::kernels::cuda
