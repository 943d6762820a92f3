// What reductions along rows and columns share: the pieces' results, and how they become one. For
// kernels/cpu/reduce.cpp alone.
#pragma once

#include "../reduce_values.h"
#include "strided_walk.h"
#include "vector_level.h"

namespace cuttle::kernels::cpu {

/// The type of what a reduction computes, which says whether its loops are compiled for newer
/// processors too (vectorised_of). Counts, truth values and places are not worth it.
template <class Out>
struct Computed {
  using Type = Out;
};
template <class T>
struct Computed<VarianceAndMean<T>> {
  using Type = T;
};
template <class Op>
using ComputedBy = typename Computed<typename Op::Out>::Type;

/// One memory for all operations and types, since a thread runs one reduction at a time.
inline Scratch& reduce_scratch() {
  thread_local Scratch scratch;
  return scratch;
}

/// The parts first[0], first[step], … joined in order.
template <class Op>
typename Op::Partial join_pieces(const Op& op, const typename Op::Partial* first, int64_t pieces,
                                 int64_t step) {
  typename Op::Partial all = first[0];
  for (int64_t p = 1; p < pieces; ++p) all = op.combine(all, first[p * step]);
  return all;
}

}  // namespace cuttle::kernels::cpu
