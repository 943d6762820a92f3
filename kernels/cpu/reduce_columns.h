// Reductions on the CPU in which neighbouring outputs read neighbouring inputs: whole rows are
// added to a row of running results. For kernels/cpu/reduce.cpp alone.
#pragma once

#include "../reduce_ops.h"
#include "reduce_pieces.h"

namespace cuttle::kernels::cpu {

/// Columns that are reduced together, and rows that make one piece.
inline constexpr int64_t kColumns = 256;
inline constexpr int64_t kColumnRows = 256;

/// True where neighbouring outputs read neighbouring inputs and one output's inputs lie apart.
inline bool reduces_columns(const ReduceLoop& loop) {
  const StridedLoop<2>& outer = loop.outer;
  const StridedLoop<1>& inner = loop.inner;
  return outer.rank > 0 && outer.sizes[outer.rank - 1] >= 4 &&
         outer.strides[0][outer.rank - 1] == 1 && inner.rank > 0 && inner.numel() > 0 &&
         inner.strides[0][inner.rank - 1] != 1;
}

/// running (columns): of inner elements [begin, end) of x (…, columns).
template <class Op>
void add_columns(const Op& op, const StridedLoop<1>& inner, const typename Op::T* x,
                 int64_t columns, int64_t begin, int64_t end, typename Op::Running* running) {
  std::fill_n(running, columns, op.start());
  uint32_t round = 0;
  walk_range(inner, begin, end, [&](const auto& at, int64_t) {
    const typename Op::T* row = x + at[0];
#pragma omp simd
    for (int64_t c = 0; c < columns; ++c) op.add(running[c], row[c], round);
    ++round;
  });
}

/// A variance's, in arrays of its numbers, which a vector unit reads without rearranging them: the
/// sums of d = x − x₀ and of d², where x₀ is the piece's first element. Since that is one of the
/// numbers whose spread is measured, what cancels in Σ d² − (Σ d)² / n is no more than n units of
/// rounding.
template <class T, class A>
void add_columns(const Variance<T, A>&, const StridedLoop<1>& inner, const T* x, int64_t columns,
                 int64_t begin, int64_t end, typename Variance<T, A>::Running* running) {
  A first[kColumns], sum[kColumns] = {}, squares[kColumns] = {};
  walk_range(inner, begin, begin + 1, [&](const auto& at, int64_t) {
    for (int64_t c = 0; c < columns; ++c) first[c] = static_cast<A>(x[at[0] + c]);
  });
  walk_range(inner, begin, end, [&](const auto& at, int64_t) {
    each_lane(columns, [&, row = x + at[0]](int64_t c) {
      const A d = static_cast<A>(row[c]) - first[c];
      sum[c] += d;
      squares[c] += d * d;
    });
  });
  const A count = static_cast<A>(end - begin);
  for (int64_t c = 0; c < columns; ++c) {
    const A around = squares[c] - sum[c] * (sum[c] / count);
    running[c] = {first[c] + sum[c] / count, around < A(0) ? A(0) : around,
                  static_cast<uint32_t>(end - begin)};
  }
}

/// The outputs in groups of neighbours, and each group's inputs in pieces of rows.
template <class Op>
void reduce_columns(const Op& op, const ReduceLoop& loop, const typename Op::T* x,
                    const ReduceTarget<typename Op::Out>& out) {
  using Partial = typename Op::Partial;
  const int last = loop.outer.rank - 1;
  const int64_t columns = loop.outer.sizes[last], out_stride = loop.outer.strides[1][last];
  StridedLoop<2> around = loop.outer;
  --around.rank;
  const int64_t inputs = loop.inner.numel();
  const int64_t pieces = (inputs + kColumnRows - 1) / kColumnRows;
  const int64_t tiles = (columns + kColumns - 1) / kColumns;
  const int64_t groups = around.numel() * tiles;
  Partial* const parts =  // (groups, pieces, kColumns); one piece needs none
      pieces > 1 ? reduce_scratch().get<Partial>(groups * pieces * kColumns) : nullptr;

  // visit(first input, columns, where the first result goes)
  const auto visit_group = [&](int64_t group, const auto& visit) {
    walk_range(around, group / tiles, group / tiles + 1, [&](const auto& at, int64_t) {
      const int64_t first = group % tiles * kColumns;
      visit(x + at[0] + first, std::min(kColumns, columns - first), at[1] + first * out_stride);
    });
  };
  const auto reduce_piece = [&](int64_t i) {
    visit_group(i / pieces, [&](const typename Op::T* from, int64_t n, int64_t to) {
      const int64_t row = i % pieces * kColumnRows;
      typename Op::Running running[kColumns];
      add_columns(op, loop.inner, from, n, row, std::min(inputs, row + kColumnRows), running);
      for (int64_t c = 0; c < n; ++c) {
        const Partial part = op.partial(running[c], row, 1);
        if (pieces > 1)
          parts[i * kColumns + c] = part;
        else
          out.put(to + c * out_stride, op.finish(part));
      }
    });
  };
  const int64_t work = std::min(inputs, kColumnRows) * std::min(columns, kColumns);
  parallel_for(groups * pieces, grain_units(work), [&](int64_t begin, int64_t end) {
    vectorised_of<ComputedBy<Op>>([&] {
      for (int64_t i = begin; i < end; ++i) reduce_piece(i);
    });
  });
  if (pieces == 1) return;
  parallel_for(groups, grain_units(pieces * kColumns), [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group)
      visit_group(group, [&](const typename Op::T*, int64_t n, int64_t to) {
        for (int64_t c = 0; c < n; ++c) {
          const Partial* first = parts + group * pieces * kColumns + c;
          out.put(to + c * out_stride, op.finish(join_pieces(op, first, pieces, kColumns)));
        }
      });
  });
}

}  // namespace cuttle::kernels::cpu
