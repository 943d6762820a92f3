// Reductions on the CPU that read one output's inputs one after the other: rows of a matrix, all of
// a tensor, and whatever has no better order. For kernels/cpu/reduce.cpp alone.
#pragma once

#include "../reduce.h"
#include "reduce_pieces.h"

namespace cuttle::kernels::cpu {

/// Splits a loop into its rows (the last dimension) and what is around them.
struct Rows {
  explicit Rows(const StridedLoop<1>& loop) : around(loop) {
    if (around.rank > 0) {
      --around.rank;
      length = loop.sizes[around.rank];
      stride = loop.strides[0][around.rank];
    }
  }
  StridedLoop<1> around;
  int64_t length = 1, stride = 1;
};

/// Calls visit(pointer to the first, how many) for the parts of rows that make up elements [begin,
/// end), begin < end, of the inner loop.
template <class T, class Visit>
void visit_rows(const Rows& rows, const T* x, int64_t begin, int64_t end, const Visit& visit) {
  const int64_t first = begin / rows.length, last = (end - 1) / rows.length;
  int64_t row = first;
  walk_range(rows.around, first, last + 1, [&](const auto& at, int64_t) {
    const int64_t from = std::max(begin - row * rows.length, int64_t{0});
    const int64_t to = std::min(end - row * rows.length, rows.length);
    visit(x + at[0] + from * rows.stride, to - from);
    ++row;
  });
}

/// Adds n elements `stride` apart to the running results of a piece: its element i belongs to lane
/// i % kLanes and has the round i / kLanes there. `i`: of the first of them.
template <int kLanes, class Op>
void add_row(const Op& op, const typename Op::T* row, int64_t n, int64_t stride, int64_t i,
             typename Op::Running* running) {
  const auto add = [&](int64_t k) {
    op.add(running[(i + k) % kLanes], row[k * stride], static_cast<uint32_t>((i + k) / kLanes));
  };
  int64_t k = 0;
  for (; k < n && (i + k) % kLanes != 0; ++k) add(k);
  if (n - k >= kLanes) {
    typename Op::Running lane[kLanes];
    std::copy_n(running, kLanes, lane);
    const auto add_rounds = [&](int64_t step) {
      for (; k + kLanes <= n; k += kLanes) {
        const auto round = static_cast<uint32_t>((i + k) / kLanes);
#pragma omp simd
        for (int l = 0; l < kLanes; ++l) op.add(lane[l], row[(k + l) * step], round);
      }
    };
    stride == 1 ? add_rounds(1) : add_rounds(stride);
    std::copy_n(lane, kLanes, running);
  }
  for (; k < n; ++k) add(k);
}

/// The Partial of elements [begin, end) of the inner loop.
template <int kLanes, class Op>
typename Op::Partial reduce_in_lanes(const Op& op, const Rows& rows, const typename Op::T* x,
                                     int64_t begin, int64_t end) {
  typename Op::Running running[kLanes];
  std::fill_n(running, kLanes, op.start());
  int64_t done = 0;
  visit_rows(rows, x, begin, end, [&](const typename Op::T* row, int64_t n) {
    add_row<kLanes>(op, row, n, rows.stride, done, running);
    done += n;
  });
  typename Op::Partial all = op.partial(running[0], begin, kLanes);
  for (int l = 1; l < kLanes; ++l) all = op.combine(all, op.partial(running[l], begin + l, kLanes));
  return all;
}

/// The Partial of elements [begin, end) of the inner loop; lanes where they are many.
template <class Op>
typename Op::Partial reduce_piece(const Op& op, const Rows& rows, const typename Op::T* x,
                                  int64_t begin, int64_t end) {
  if (begin == end) return op.none();
  if (end - begin >= 4 * Op::kLanes) return reduce_in_lanes<Op::kLanes>(op, rows, x, begin, end);
  return reduce_in_lanes<1>(op, rows, x, begin, end);
}

/// Few outputs with many inputs and many outputs with few both spread over threads.
template <class Op>
void reduce_rows(const Op& op, const ReduceLoop& loop, const typename Op::T* x,
                 const ReduceTarget<typename Op::Out>& out) {
  using Partial = typename Op::Partial;
  constexpr int64_t kPiece = 32768;  // inputs of one output that are reduced as one
  const Rows rows(loop.inner);
  const int64_t inputs = loop.inner.numel(), outputs = loop.outer.numel();
  const int64_t pieces = std::max<int64_t>(1, (inputs + kPiece - 1) / kPiece);
  Partial* const parts =
      pieces > 1 ? reduce_scratch().get<Partial>(outputs * pieces) : nullptr;  // (outputs, pieces)
  const int64_t grain = pieces > 1 ? 1 : grain_units(inputs);
  parallel_for(outputs * pieces, grain, [&](int64_t begin, int64_t end) {
    vectorised_of<ComputedBy<Op>>([&] {
      int64_t i = begin, piece = begin % pieces;
      walk_range(loop.outer, begin / pieces, (end - 1) / pieces + 1, [&](const auto& at, int64_t) {
        do {
          const int64_t from = piece * kPiece;
          const Partial part =
              reduce_piece(op, rows, x + at[0], from, std::min(inputs, from + kPiece));
          if (pieces > 1)
            parts[i] = part;
          else
            out.put(at[1], op.finish(part));
        } while (++i < end && ++piece < pieces);
        piece = 0;
      });
    });
  });
  if (pieces == 1) return;
  parallel_for(outputs, grain_units(pieces), [&](int64_t begin, int64_t end) {
    const Partial* next = parts + begin * pieces;
    walk_range(loop.outer, begin, end, [&](const auto& at, int64_t) {
      out.put(at[1], op.finish(join_pieces(op, next, pieces, 1)));
      next += pieces;
    });
  });
}

}  // namespace cuttle::kernels::cpu
