// The launch of an operation of the elementwise table. See kernels/elementwise.h; the kernels are
// in elementwise_loop.cuh. Compiled once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "elementwise_find.cuh"

namespace cuttle::kernels {

template <class T, int N>
void elementwise(cuda::Stream stream, Elementwise op, int part, const StridedLoop<N + 1>& loop,
                 const ElementwiseInputs<T, N>& in, void* out) {
  cuda::ElementwiseKernels<T, N> kernels = cuda::arithmetic_kernels<T, N>(op, part);
  if (kernels.dense == nullptr) kernels = cuda::logic_kernels<T, N>(op, part);
  if constexpr (is_floating<T>)
    if (kernels.dense == nullptr) kernels = cuda::function_kernels<T, N>(op, part);
  if (kernels.dense == nullptr)
    fail(row_of(op).name, ": no kernel for part ", part, " of ", N, " operands of this type");
  cuda::run_elementwise(stream, kernels, loop, in, out);
}

#define CUTTLE_ELEMENTWISE_OF(N)                                                       \
  template void elementwise(cuda::Stream, Elementwise, int, const StridedLoop<N + 1>&, \
                            const ElementwiseInputs<CUTTLE_ELEMENT, N>&, void*);
CUTTLE_ELEMENTWISE_OF(1)
CUTTLE_ELEMENTWISE_OF(2)
CUTTLE_ELEMENTWISE_OF(3)
CUTTLE_ELEMENTWISE_OF(4)
#undef CUTTLE_ELEMENTWISE_OF

}  // namespace cuttle::kernels
