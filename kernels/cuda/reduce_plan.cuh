// How the outputs and inputs of a reduction fall to blocks and threads. Made from shape, strides
// and alignment alone, so that the order of additions is too.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "../reduce.h"
#include "index.cuh"

namespace cuttle::kernels::cuda {

inline constexpr int kReduceThreads = 256;

/// Elements of a pack: 16 bytes, and at most 4, since each has a running result in registers.
template <class T>
inline constexpr int kReducePack = std::min<int>(4, 16 / sizeof(T));
/// Loads that a thread has in flight.
template <int V>
inline constexpr int kReduceInFlight = V > 1 ? 4 : 8;

/// The same while partials are joined, of up to V outputs together: packs of 16 bytes, 64 in
/// flight.
template <class Partial, int V>
inline constexpr int kJoinPack = std::clamp<int>(16 / sizeof(Partial), 1, V);
template <class Partial, int V>
inline constexpr int kJoinInFlight = std::clamp<int>(64 / (V * sizeof(Partial)), 1, 8);

/// Blocks a multiprocessor should hold: 1,024 threads, and so 64 registers for each; half as many
/// in double, whose powers and variances take more.
template <class Element>
inline constexpr int kReduceResident = std::is_same_v<Element, double> ? 2 : 4;

/// Beyond so many blocks a large GPU is busy to the end, and more partials would cost.
inline constexpr int64_t kReduceBlocks = 2048;
/// An output is shared among blocks from so many rounds of loads on; below, one block is done
/// before the last of several would know that it is the last.
inline constexpr int64_t kLeastRoundsToShare = 4;

struct ReducePlan {
  bool columns = false;    // neighbouring threads: inputs of neighbouring outputs, else of one
  int64_t outputs = 0;     // in packs where `columns`
  int64_t inputs = 0;      // of each output, in packs where not `columns`
  int64_t chunk = 0;       // of the inputs: what a block takes
  int lanes = 1;           // threads of a block that share an output
  int splits = 1;          // blocks that share an output: ⌈inputs / chunk⌉
  int64_t out_stride = 0;  // between the outputs of a pack
};

/// The stride of x between neighbours in the innermost dimension; the largest number where there
/// are none.
template <int Operands>
int64_t inner_stride(const StridedLoop<Operands>& loop) {
  if (loop.rank == 0 || loop.numel() <= 1) return INT64_MAX;
  return std::abs(loop.strides[0][loop.rank - 1]);
}

inline bool reduces_columns(const ReduceLoop& loop) {
  return inner_stride(loop.outer) < inner_stride(loop.inner);
}

/// True where every stride of operand 0 but the innermost, if `packed` is this loop, keeps packs of
/// v elements aligned.
template <int Operands>
bool keeps_packs(const StridedLoop<Operands>& loop, int v, bool packed) {
  for (int d = 0; d < loop.rank - (packed ? 1 : 0); ++d)
    if (loop.strides[0][d] % v != 0) return false;
  return !packed || (loop.rank > 0 && loop.strides[0][loop.rank - 1] == 1 &&
                     loop.sizes[loop.rank - 1] % v == 0);
}

/// The elements that a thread can take in one load: v, or 1 where the loop is not made for packs.
template <class T>
int pack_of(const ReduceLoop& loop, const T* x, int v) {
  const bool columns = reduces_columns(loop);
  const bool packs = is_aligned(x, v * sizeof(T)) && keeps_packs(loop.outer, v, columns) &&
                     keeps_packs(loop.inner, v, !columns) && (columns || loop.inner.rank == 1);
  return packs ? v : 1;
}

/// Blocks for outputs that `blocks` blocks would serve in `rounds` rounds of loads.
inline int64_t splits_for(int64_t blocks, int64_t rounds) {
  if (rounds < kLeastRoundsToShare) return 1;
  return std::max<int64_t>(1, std::min(kReduceBlocks / blocks, rounds));
}

inline int power_of_two_up_to(int64_t n, int most) {  // the smallest one ≥ n, or `most`
  int power = 1;
  while (power < n && power < most) power *= 2;
  return power;
}

/// The plan with packs of v elements, and `in_flight` loads of a thread.
inline ReducePlan make_plan(const ReduceLoop& loop, int v, int in_flight) {
  constexpr int kColumnWidth = 32;  // of the packs a warp reads: whole lines of memory
  ReducePlan plan;
  plan.columns = reduces_columns(loop);
  plan.outputs = loop.outer.numel() / (plan.columns ? v : 1);
  plan.inputs = loop.inner.numel() / (plan.columns ? 1 : v);
  if (plan.columns) plan.out_stride = loop.outer.strides[1][loop.outer.rank - 1];

  const int most = plan.columns ? kReduceThreads / power_of_two_up_to(plan.outputs, kColumnWidth)
                                : kReduceThreads;
  plan.lanes = power_of_two_up_to((plan.inputs + in_flight - 1) / in_flight, most);
  plan.chunk = plan.inputs;
  if (plan.lanes < most) return plan;  // one round does

  const int64_t width = kReduceThreads / plan.lanes;
  const int64_t blocks = (plan.outputs + width - 1) / width;
  const int64_t splits =
      splits_for(std::max<int64_t>(1, blocks), plan.inputs / (int64_t{plan.lanes} * in_flight));
  if (splits > 1) {
    plan.chunk = (plan.inputs + splits - 1) / splits;
    plan.splits = static_cast<int>((plan.inputs + plan.chunk - 1) / plan.chunk);
  }
  return plan;
}

/// The loop with its innermost dimension counted in packs of v.
template <int Operands>
StridedLoop<Operands> in_packs(StridedLoop<Operands> loop, int v) {
  if (v == 1) return loop;
  const int last = loop.rank - 1;
  loop.sizes[last] /= v;
  for (auto& strides : loop.strides) strides[last] *= v;
  return loop;
}

}  // namespace cuttle::kernels::cuda
