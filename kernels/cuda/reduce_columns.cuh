// Reductions in which neighbouring threads read inputs of neighbouring outputs: sums over the rows
// of a matrix, over a middle dimension, over all but the channels of a channels-last image.
#pragma once

#include "group_reduce.cuh"
#include "reduce_thread.cuh"

namespace cuttle::kernels::cuda {

/// Joins, among a block's `lanes` × `width` threads (thread = lane · width + column), the partials
/// of each column, in place; lane 0 has the results. Each thread has written its own before.
template <class Op, int V>
__device__ void combine_lanes(const Op& op, typename Op::Partial (&partials)[V][kReduceThreads],
                              int lanes, int width) {
  const int thread = threadIdx.x;
  for (int step = lanes / 2; step > 0; step /= 2) {
    __syncthreads();
    if (thread >= step * width) continue;
    for (int v = 0; v < V; ++v)
      partials[v][thread] = op.combine(partials[v][thread], partials[v][thread + step * width]);
  }
}

/// out[o] = reduction of the inputs of output o.
/// Layout: outer's outputs in packs of V, plan.outputs of them. With V > 1 a pack's outputs have
/// neighbouring inputs, aligned to the pack, 16 bytes as a rule (reduce_plan.cuh).
/// Launch: block 256 as plan.lanes threads along the inputs by 256 / lanes packs of outputs; grid.x
/// covers the packs. With plan.splits > 1, grid.y blocks share their outputs, each takes plan.chunk
/// of the inputs and leaves partials[split][o], and the last to arrive combines those.
/// Bound: memory, each input read once, in rows of up to 512 bytes; a thread keeps 4 loads of 16
/// bytes (or 8 of one element) in flight. Partials add less than a thirtieth to that.
/// Numerics: a thread adds every lanes-th row, then threads and blocks meet in a tree, as in
/// reduce_rows_kernel. Deterministic, too.
template <class Op, int V>
__global__ void __launch_bounds__(kReduceThreads, kReduceResident<typename Op::T>)
    reduce_columns_kernel(Op op, ReducePlan plan, WideIndex<2> outer, WideIndex<1> inner,
                          const typename Op::T* __restrict__ x, ReduceTarget<typename Op::Out> out,
                          typename Op::Partial* partials, unsigned* arrived) {
  using Partial = typename Op::Partial;
  const int lanes = plan.lanes;
  const int width_bits = log2_of(kReduceThreads) - log2_of(lanes);
  const int width = 1 << width_bits;
  const int thread = threadIdx.x, lane = thread >> width_bits;
  const int64_t pack = int64_t{blockIdx.x} * width + (thread & (width - 1));
  const bool present = pack < plan.outputs;  // the whole block meets in combine_lanes()
  const int64_t first = blockIdx.y * plan.chunk + lane;
  const int64_t chunk_end = (blockIdx.y + 1) * plan.chunk;
  const int64_t end = chunk_end < plan.inputs ? chunk_end : plan.inputs;

  CUTTLE_SHARED(Partial, partial, [V][kReduceThreads]);
  wait_for_predecessor();
  if (present && first < end) {
    typename Op::Running running[V];
    run_through<Op, V>(op, inner, x + outer.offset(0, pack), first, end, lanes, running);
    CUTTLE_UNROLL
    for (int v = 0; v < V; ++v) partial[v][thread] = op.partial(running[v], first, lanes);
  } else {
    for (int v = 0; v < V; ++v) partial[v][thread] = op.none();
  }
  combine_lanes<Op, V>(op, partial, lanes, width);

  if (plan.splits > 1) {
    if (present && lane == 0)
      for (int v = 0; v < V; ++v)
        partials[(blockIdx.y * plan.outputs + pack) * V + v] = partial[v][thread];
    if (!arrives_last(arrived + blockIdx.x, plan.splits)) return;
    constexpr int kTogether = kJoinPack<Partial, V>;
    const int rounds = present ? (plan.splits - lane + lanes - 1) / lanes : 0;
    for (int v = 0; v < V; v += kTogether) {
      Partial joined[kTogether];
      join_partials<Op, kTogether>(op, partials + (lane * plan.outputs + pack) * V + v,
                                   lanes * plan.outputs * V, rounds, joined);
      CUTTLE_UNROLL
      for (int j = 0; j < kTogether; ++j) partial[v + j][thread] = joined[j];
    }
    combine_lanes<Op, V>(op, partial, lanes, width);
  }
  if (!present || lane != 0) return;
  const int64_t to = outer.offset(1, pack);
  for (int v = 0; v < V; ++v) out.put(to + v * plan.out_stride, op.finish(partial[v][thread]));
}

}  // namespace cuttle::kernels::cuda
