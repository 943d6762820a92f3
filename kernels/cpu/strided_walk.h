// Walks a StridedLoop row by row on several threads, for operations whose elements are independent.
// For kernels/cpu alone.
#pragma once

#include <array>

#include "../strided.h"
#include "parallel.h"

namespace cuttle::kernels::cpu {

template <int P>
using Offsets = std::array<int64_t, P>;

/// How a loop is cut: rows along one dimension (in segments, so that long rows spread over
/// threads), a short innermost dimension beside it, and the remaining dimensions around both.
template <int P>
struct RowPlan {
  int64_t length = 1;          // of the row dimension
  int64_t segment = 1;         // elements of a row handled at once
  int64_t minor = 1;           // size of the short dimension
  Offsets<P> row_stride = {};  // of each operand
  Offsets<P> minor_stride = {};
  StridedLoop<P> outer;  // the other dimensions, then the segments as its last one
};

/// A last dimension shorter than this is not worth a vector loop of its own where a longer one
/// exists: then rows run along that one, in segments that stay in the first cache.
inline constexpr int64_t kShortRow = 32;

/// The dimension whose rows are cheapest to walk: the last, unless it is short; then, of those that
/// are long enough, the one with the smallest steps through memory.
template <int P>
int row_dimension(const StridedLoop<P>& loop) {
  int best = loop.rank - 1;
  if (loop.rank < 2 || loop.sizes[best] >= kShortRow) return best;
  const auto step = [&](int d) {
    int64_t sum = 0;
    for (int p = 0; p < P; ++p) sum += std::abs(loop.strides[p][d]);
    return sum;
  };
  for (int d = loop.rank - 2; d >= 0; --d) {
    if (loop.sizes[d] < kShortRow) continue;
    if (loop.sizes[best] < kShortRow || step(d) < step(best)) best = d;
  }
  return best;
}

template <int P>
RowPlan<P> plan_rows(const StridedLoop<P>& loop) {
  RowPlan<P> plan;
  const int row = row_dimension(loop);
  const int minor = row < loop.rank - 1 ? loop.rank - 1 : -1;
  if (row >= 0) {
    plan.length = loop.sizes[row];
    for (int p = 0; p < P; ++p) plan.row_stride[p] = loop.strides[p][row];
  }
  if (minor >= 0) {
    plan.minor = loop.sizes[minor];
    for (int p = 0; p < P; ++p) plan.minor_stride[p] = loop.strides[p][minor];
  }
  for (int d = 0; d < loop.rank; ++d) {
    if (d == row || d == minor) continue;
    plan.outer.sizes[plan.outer.rank] = loop.sizes[d];
    for (int p = 0; p < P; ++p) plan.outer.strides[p][plan.outer.rank] = loop.strides[p][d];
    ++plan.outer.rank;
  }
  plan.segment = std::min<int64_t>(plan.length, minor >= 0 ? 1024 : 16384);
  const int last = plan.outer.rank++;  // the row dimension was left out, so there is room
  plan.outer.sizes[last] = (plan.length + plan.segment - 1) / plan.segment;
  for (int p = 0; p < P; ++p) plan.outer.strides[p][last] = plan.row_stride[p] * plan.segment;
  return plan;
}

/// Calls visit(offsets, position of the last coordinate) for the elements [begin, end) of a loop in
/// order; only the first one costs divisions.
template <int P, class Visit>
void walk_range(const StridedLoop<P>& loop, int64_t begin, int64_t end, const Visit& visit) {
  if (begin >= end) return;  // also where a size is 0
  std::array<int64_t, kMaxRank> at = {};
  Offsets<P> offset = {};
  for (int64_t d = loop.rank - 1, rest = begin; d >= 0; --d) {
    at[d] = rest % loop.sizes[d];
    rest /= loop.sizes[d];
    for (int p = 0; p < P; ++p) offset[p] += at[d] * loop.strides[p][d];
  }
  for (int64_t i = begin; i < end; ++i) {
    visit(offset, loop.rank > 0 ? at[loop.rank - 1] : 0);
    for (int d = loop.rank - 1; d >= 0; --d) {
      for (int p = 0; p < P; ++p) offset[p] += loop.strides[p][d];
      if (++at[d] < loop.sizes[d]) break;
      for (int p = 0; p < P; ++p) offset[p] -= loop.sizes[d] * loop.strides[p][d];
      at[d] = 0;
    }
  }
}

/// Calls row(offsets, n, strides) for rows that together visit every element once, in any order.
/// Operand p's element i of a row lies at offsets[p] + i · strides[p].
template <int P, class Row>
void for_each_row(const StridedLoop<P>& loop, const Row& row) {
  if (loop.numel() == 0) return;
  const RowPlan<P> plan = plan_rows(loop);
  parallel_for(plan.outer.numel(), grain_units(plan.segment * plan.minor),
               [&](int64_t begin, int64_t end) {
                 walk_range(plan.outer, begin, end, [&](Offsets<P> at, int64_t segment) {
                   const int64_t n = std::min(plan.segment, plan.length - segment * plan.segment);
                   for (int64_t m = 0; m < plan.minor; ++m) {
                     row(at, n, plan.row_stride);
                     for (int p = 0; p < P; ++p) at[p] += plan.minor_stride[p];
                   }
                 });
               });
}

}  // namespace cuttle::kernels::cpu
