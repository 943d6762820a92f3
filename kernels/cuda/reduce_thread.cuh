// What one thread of a reduction does: the walk over its inputs, several loads in flight.
#pragma once

#include "../reduce_table.h"
#include "group_reduce.cuh"
#include "reduce_plan.cuh"

namespace cuttle::kernels::cuda {

/// Op's partials joined to one: a reduction of them, so that the second pass reads as the first.
template <class Op>
struct Join {
  using T = typename Op::Partial;
  using Running = T;
  __device__ Running start() const { return op.none(); }
  __device__ void add(Running& all, const T& other, uint32_t) const {
    all = op.combine(all, other);
  }
  Op op;
};

/// The running results, one for each element of a pack, of a thread's `rounds` packs; kInFlight of
/// them are loaded before the first is used. offset(r): where the pack of round r begins.
template <class Op, int V, int kInFlight, class Offset>
__device__ void run_through(const Op& op, const typename Op::T* from, uint32_t rounds,
                            Offset offset, typename Op::Running (&running)[V]) {
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v) running[v] = op.start();
  for (uint32_t r = 0; r < rounds; r += kInFlight) {
    Pack<typename Op::T, V> packs[kInFlight] = {};
    CUTTLE_UNROLL
    for (int i = 0; i < kInFlight; ++i)
      if (r + i < rounds) packs[i] = load_pack<V>(from + offset(r + i));
    CUTTLE_UNROLL
    for (int i = 0; i < kInFlight; ++i) {
      if (r + i >= rounds) continue;
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) op.add(running[v], packs[i].at[v], r + i);
    }
  }
}

/// The same of the packs first, first + lanes, … below `end` of an output's inputs, `from` the
/// output's own place, first < end. Where an offset takes divisions, less is in flight: those need
/// the registers. (2³² rounds of a thread are 2⁵¹ inputs, some hours of any GPU.)
template <class Op, int V>
__device__ void run_through(const Op& op, const WideIndex<1>& inner, const typename Op::T* from,
                            int64_t first, int64_t end, int lanes,
                            typename Op::Running (&running)[V]) {
  const auto rounds = static_cast<uint32_t>((end - first + lanes - 1) >> log2_of(lanes));
  if (inner.loop.rank <= 1) {
    const int64_t step = lanes * inner.line_stride(0);
    run_through<Op, V, kReduceInFlight<V>>(
        op, from + first * inner.line_stride(0), rounds, [=](uint32_t r) { return r * step; },
        running);
  } else if (inner.small) {
    const auto begin = static_cast<uint32_t>(first);
    run_through<Op, V, 2>(
        op, from, rounds, [&](uint32_t r) { return inner.small_offset(0, begin + r * lanes); },
        running);
  } else {
    run_through<Op, V, 1>(
        op, from, rounds,
        [&](uint32_t r) { return inner.large_offset(0, first + int64_t{r} * lanes); }, running);
  }
}

/// Joins, for the last of `splits` blocks, the partials at from[r · step], r < rounds.
template <class Op, int V>
__device__ void join_partials(const Op& op, const typename Op::Partial* from, int64_t step,
                              int rounds, typename Op::Partial (&joined)[V]) {
  run_through<Join<Op>, V, kJoinInFlight<typename Op::Partial, V>>(
      {op}, from, static_cast<uint32_t>(rounds), [=](uint32_t r) { return r * step; }, joined);
}

}  // namespace cuttle::kernels::cuda
