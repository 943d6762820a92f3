// Reductions over some dimensions. See kernels/reduce.h.
#include "../reduce.h"

#include "reduce.cuh"

namespace cuttle::kernels {

template <class T>
void reduce(cuda::Stream stream, ReduceOp op, double parameter, const ReduceLoop& loop, const T* x,
            const ReduceResults& out) {
  visit_reduction<T, Accumulate<Compute<T>, true>>(op, parameter, [&]<class Op>(const Op& row) {
    cuda::run_reduce(stream, row, loop, x, ReduceTarget<typename Op::Out>(out));
  });
}

template void reduce(cuda::Stream, ReduceOp, double, const ReduceLoop&, const CUTTLE_ELEMENT*,
                     const ReduceResults&);

}  // namespace cuttle::kernels
