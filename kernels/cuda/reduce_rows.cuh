// Reductions in which neighbouring threads read neighbouring inputs of one output: rows of a
// matrix, all of a tensor, and whatever has no better order.
#pragma once

#include "group_reduce.cuh"
#include "reduce_thread.cuh"

namespace cuttle::kernels::cuda {

/// out[o] = reduction of the inputs of output o.
/// Layout: inner's inputs in packs of V; with V > 1 they lie one behind the other, each output's
/// first aligned to the pack, 16 bytes as a rule (reduce_plan.cuh).
/// Launch: block 256 as groups of plan.lanes threads, a group an output; grid.x covers the outputs.
/// With plan.splits > 1 a block is one group, grid.y blocks share an output, each takes plan.chunk
/// packs and leaves partials[o · splits + split], and the last to arrive combines those.
/// Bound: memory, each input read once; a thread keeps 4 loads of 16 bytes (or 8 of one element) in
/// flight, which at 1,000 and more threads a multiprocessor is what the memory's latency asks for.
/// Few inputs are bound by latency, so that each thread has all its loads in flight at once.
/// Numerics: a thread adds every lanes-th pack to V running results, which then meet in a tree, as
/// do threads and blocks: at most some 30 roundings deep, beside the error of a running result
/// (reduce_ops.h). Deterministic: the order follows from shape, strides and alignment.
template <class Op, int V>
__global__ void __launch_bounds__(kReduceThreads, kReduceResident<typename Op::T>)
    reduce_rows_kernel(Op op, ReducePlan plan, WideIndex<2> outer, WideIndex<1> inner,
                       const typename Op::T* __restrict__ x, ReduceTarget<typename Op::Out> out,
                       typename Op::Partial* partials, unsigned* arrived) {
  using Partial = typename Op::Partial;
  const ThreadGroup<kReduceThreads> group(plan.lanes);
  const int64_t output = int64_t{blockIdx.x} * group.groups() + group.group;
  const bool present = output < plan.outputs;  // the whole block meets in reduce()

  Partial mine = op.none();
  const int64_t first = blockIdx.y * plan.chunk + group.lane;
  const int64_t chunk_end = (blockIdx.y + 1) * plan.chunk;
  const int64_t end = chunk_end < plan.inputs ? chunk_end : plan.inputs;
  wait_for_predecessor();
  const auto combine = [&op](const Partial& a, const Partial& b) { return op.combine(a, b); };
  if (present && first < end) {
    typename Op::Running running[V];
    run_through<Op, V>(op, inner, x + outer.offset(0, output), first, end, plan.lanes, running);
    CUTTLE_UNROLL
    for (int v = 0; v < V; ++v)
      mine = combine(mine, op.partial(running[v], first * V + v, int64_t{V} * plan.lanes));
  }
  mine = group.reduce(mine, combine);

  if (plan.splits > 1) {
    Partial* const of_output = partials + output * plan.splits;
    if (group.lane == 0) of_output[blockIdx.y] = mine;
    if (!arrives_last(arrived + blockIdx.x, plan.splits)) return;
    const int rounds = (plan.splits - group.lane + kReduceThreads - 1) / kReduceThreads;
    Partial joined[1];
    join_partials<Op, 1>(op, of_output + group.lane, kReduceThreads, rounds, joined);
    mine = group.reduce(joined[0], combine);
  }
  if (present && group.lane == 0) out.put(outer.offset(1, output), op.finish(mine));
}

}  // namespace cuttle::kernels::cuda
