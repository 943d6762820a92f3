// One call for a reduction Op (reduce_ops.h): the plan, the scratch memory, the launch.
#pragma once

#include "reduce_columns.cuh"
#include "reduce_rows.cuh"
#include "workspace.h"

namespace cuttle::kernels::cuda {

/// Queues out = Op's reduction of x with packs of V elements: one launch.
template <class Op, int V>
void launch_reduce(Stream stream, const Op& op, const ReduceLoop& loop, const typename Op::T* x,
                   const ReduceTarget<typename Op::Out>& out) {
  using Partial = typename Op::Partial;
  const ReducePlan plan = make_plan(loop, V, kReduceInFlight<V>);
  if (plan.outputs == 0) return;
  const LaunchShape shape = {
      dim3(blocks_for(plan.outputs, kReduceThreads / plan.lanes), plan.splits), kReduceThreads};
  const WideIndex<2> outer(plan.columns ? in_packs(loop.outer, V) : loop.outer);
  const WideIndex<1> inner(plan.columns ? loop.inner : in_packs(loop.inner, V));
  const auto queue = [&](Partial* partials, unsigned* arrived) {
    launch_overlapping(stream, shape,
                       plan.columns ? reduce_columns_kernel<Op, V> : reduce_rows_kernel<Op, V>, op,
                       plan, outer, inner, x, out, partials, arrived);
  };
  if (plan.splits == 1) return queue(nullptr, nullptr);
  StreamLease lease(stream);
  const int64_t partials = plan.splits * plan.outputs * (plan.columns ? V : 1);
  queue(lease.scratch<Partial>(partials * sizeof(Partial)), lease.counters(kReduceBlocks));
}

template <class Op>
void run_reduce(Stream stream, const Op& op, const ReduceLoop& loop, const typename Op::T* x,
                const ReduceTarget<typename Op::Out>& out) {
  constexpr int V = kReducePack<typename Op::T>;
  if (pack_of(loop, x, V) == V)
    launch_reduce<Op, V>(stream, op, loop, x, out);
  else
    launch_reduce<Op, 1>(stream, op, loop, x, out);
}

}  // namespace cuttle::kernels::cuda
