// Reductions on the CPU. Work is cut into pieces whose sizes follow from the shape alone, and
// pieces are joined in order, so that results do not depend on the number of threads.
#include "../reduce.h"

#include "../reduce_table.h"
#include "reduce_columns.h"
#include "reduce_rows.h"

namespace cuttle::kernels {

template <class T>
void reduce(cpu::Stream, ReduceOp op, double parameter, const ReduceLoop& loop, const T* x,
            const ReduceResults& out) {
  if (loop.outer.numel() == 0) return;
  visit_reduction<T, Accumulate<double, false>>(op, parameter, [&]<class Op>(const Op& row) {
    const ReduceTarget<typename Op::Out> target(out);
    if (cpu::reduces_columns(loop))
      cpu::reduce_columns(row, loop, x, target);
    else
      cpu::reduce_rows(row, loop, x, target);
  });
}

template void reduce(cpu::Stream, ReduceOp, double, const ReduceLoop&, const CUTTLE_ELEMENT*,
                     const ReduceResults&);

}  // namespace cuttle::kernels
