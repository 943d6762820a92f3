// The walk over the elements of an operation on the CPU, the same for all rows of the elementwise
// table. See kernels/elementwise.h. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake).
#include "../elementwise.h"

#include "../error.h"
#include "elementwise_row.h"
#include "strided_walk.h"

namespace cuttle::kernels {

template <class T, int N>
void elementwise(cpu::Stream, Elementwise op, int part, const StridedLoop<N + 1>& loop,
                 const ElementwiseInputs<T, N>& in, void* out) {
  cpu::ElementwiseRowCode code = cpu::arithmetic_row<T>(op, part);
  if (code.run == nullptr) code = cpu::logic_row<T>(op, part);
  if constexpr (is_floating<T>)
    if (code.run == nullptr) code = cpu::function_row<T>(op, part);
  if (code.run == nullptr || code.inputs != N)
    fail(row_of(op).name, ": no kernel for part ", part, " of ", N, " operands of this type");
  cpu::for_each_row(loop, [&](const auto& at, int64_t n, const auto& stride) {
    const void* from[N];
    for (int k = 0; k < N; ++k) {
      const int64_t size = k == 0 ? code.first_size : static_cast<int64_t>(sizeof(T));
      from[k] = in.at[k] != nullptr ? static_cast<const char*>(in.at[k]) + at[k] * size
                                    : static_cast<const void*>(&in.number[k]);
    }
    code.run(n, from, static_cast<char*>(out) + at[N] * code.out_size, stride.data(), in.parameter);
  });
}

#define CUTTLE_ELEMENTWISE_OF(N)                                                      \
  template void elementwise(cpu::Stream, Elementwise, int, const StridedLoop<N + 1>&, \
                            const ElementwiseInputs<CUTTLE_ELEMENT, N>&, void*);
CUTTLE_ELEMENTWISE_OF(1)
CUTTLE_ELEMENTWISE_OF(2)
CUTTLE_ELEMENTWISE_OF(3)
CUTTLE_ELEMENTWISE_OF(4)
#undef CUTTLE_ELEMENTWISE_OF

}  // namespace cuttle::kernels
