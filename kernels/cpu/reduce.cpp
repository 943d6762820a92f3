// Sum and argmax on the CPU. Work is cut into pieces whose sizes follow from the shape alone, and
// pieces are joined in order, so that results do not depend on the number of threads.
#include "../reduce.h"

#include <type_traits>

#include "strided_walk.h"

namespace cuttle::kernels {
namespace {

/// Inputs of one output that are reduced as one piece.
constexpr int64_t kPiece = 32768;

/// What sums are accumulated in: double for floating types; integers wrap around as unsigned.
template <class T>
using Total = typename std::conditional_t<is_floating<T>, std::type_identity<double>,
                                          std::make_unsigned<T>>::type;

/// Σ of n elements `stride` apart; neighbours are added in lanes, then the lanes.
template <class T>
Total<T> sum_row(const T* x, int64_t n, int64_t stride) {
  constexpr int64_t kLanes = 16;
  Total<T> lane[kLanes] = {};
  int64_t i = 0;
  if (stride == 1) {
    for (; i + kLanes <= n; i += kLanes)
#pragma omp simd
      for (int64_t l = 0; l < kLanes; ++l) lane[l] += static_cast<Total<T>>(x[i + l]);
  }
  Total<T> total = 0;
  for (; i < n; ++i) total += static_cast<Total<T>>(x[i * stride]);
  for (int64_t l = 0; l < kLanes; ++l) total += lane[l];
  return total;
}

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

/// Calls visit(pointer to the first, how many, position of the first) for the parts of rows that
/// make up elements [begin, end) of the inner loop.
template <class T, class Visit>
void visit_rows(const Rows& rows, const T* x, int64_t begin, int64_t end, const Visit& visit) {
  const int64_t first = begin / rows.length, last = (end - 1) / rows.length;
  int64_t row = first;
  cpu::walk_range(rows.around, first, last + 1, [&](const auto& at, int64_t) {
    const int64_t from = std::max(begin - row * rows.length, int64_t{0});
    const int64_t to = std::min(end - row * rows.length, rows.length);
    visit(x + at[0] + from * rows.stride, to - from, row * rows.length + from);
    ++row;
  });
}

/// Reduces each output's inputs in pieces: reduce(x of the output, begin, end) gives a Part;
/// finish(parts, count) makes the result of them. Few outputs with many inputs and many
/// outputs with few both spread over threads.
template <class Part, class T, class Out, class Reduce, class Finish>
void reduce_pieces(const ReduceLoop& loop, const T* x, Out* out, const Reduce& reduce,
                   const Finish& finish) {
  const int64_t inner = loop.inner.numel(), outputs = loop.outer.numel();
  const int64_t pieces = std::max<int64_t>(1, (inner + kPiece - 1) / kPiece);
  if (pieces == 1) {
    cpu::parallel_for(outputs, cpu::grain_units(inner), [&](int64_t begin, int64_t end) {
      cpu::walk_range(loop.outer, begin, end, [&](const auto& at, int64_t) {
        const Part part = reduce(x + at[0], 0, inner);
        out[at[1]] = finish(&part, int64_t{1});
      });
    });
    return;
  }
  thread_local cpu::Scratch scratch;
  Part* parts = scratch.get<Part>(outputs * pieces);  // (outputs, pieces)
  cpu::parallel_for(outputs * pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      cpu::walk_range(loop.outer, i / pieces, i / pieces + 1, [&](const auto& at, int64_t) {
        const int64_t from = i % pieces * kPiece;
        parts[i] = reduce(x + at[0], from, std::min(inner, from + kPiece));
      });
    }
  });
  const Part* next = parts;
  cpu::walk_range(loop.outer, 0, outputs, [&](const auto& at, int64_t) {
    out[at[1]] = finish(next, pieces);
    next += pieces;
  });
}

/// Columns of a matrix-like loop that are summed together, and rows that make one piece.
constexpr int64_t kColumns = 256;
constexpr int64_t kColumnRows = 256;

/// True where neighbouring outputs read neighbouring inputs and one output's inputs lie apart: then
/// whole rows are added to a row of sums.
bool sums_columns(const ReduceLoop& loop) {
  const StridedLoop<2>& outer = loop.outer;
  const StridedLoop<1>& inner = loop.inner;
  return outer.rank > 0 && outer.sizes[outer.rank - 1] >= 4 &&
         outer.strides[0][outer.rank - 1] == 1 && inner.rank > 0 &&
         inner.strides[0][inner.rank - 1] != 1;
}

/// sums (columns) = Σ over inner elements [begin, end) of x (…, columns).
template <class T>
void sum_columns_piece(const StridedLoop<1>& inner, const T* x, int64_t columns, int64_t begin,
                       int64_t end, Total<T>* sums) {
  std::fill_n(sums, columns, Total<T>(0));
  cpu::walk_range(inner, begin, end, [&](const auto& at, int64_t) {
    const T* row = x + at[0];
#pragma omp simd
    for (int64_t c = 0; c < columns; ++c) sums[c] += static_cast<Total<T>>(row[c]);
  });
}

template <class T>
void sum_columns(const ReduceLoop& loop, const T* x, T* out) {
  const int last = loop.outer.rank - 1;
  const int64_t columns = loop.outer.sizes[last], out_stride = loop.outer.strides[1][last];
  StridedLoop<2> around = loop.outer;
  --around.rank;
  const int64_t inner = loop.inner.numel();
  const int64_t pieces = std::max<int64_t>(1, (inner + kColumnRows - 1) / kColumnRows);
  const int64_t tiles = (columns + kColumns - 1) / kColumns;
  const int64_t groups = around.numel() * tiles;  // of outputs
  thread_local cpu::Scratch scratch;
  Total<T>* parts = scratch.get<Total<T>>(groups * pieces * kColumns);

  const auto visit_group = [&](int64_t group, const auto& visit) {
    cpu::walk_range(around, group / tiles, group / tiles + 1, [&](const auto& at, int64_t) {
      const int64_t first = group % tiles * kColumns;
      visit(x + at[0] + first, std::min(kColumns, columns - first),
            out + at[1] + first * out_stride);
    });
  };
  const int64_t work = std::min(inner, kColumnRows) * std::min(columns, kColumns);
  cpu::parallel_for(groups * pieces, cpu::grain_units(work), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      visit_group(i / pieces, [&](const T* from, int64_t n, T*) {
        const int64_t row = i % pieces * kColumnRows;
        sum_columns_piece(loop.inner, from, n, row, std::min(inner, row + kColumnRows),
                          parts + i * kColumns);
      });
  });
  for (int64_t group = 0; group < groups; ++group)
    visit_group(group, [&](const T*, int64_t n, T* to) {
      Total<T>* sums = parts + group * pieces * kColumns;
      for (int64_t p = 1; p < pieces; ++p)
        for (int64_t c = 0; c < n; ++c) sums[c] += sums[p * kColumns + c];
      for (int64_t c = 0; c < n; ++c) to[c * out_stride] = static_cast<T>(sums[c]);
    });
}

/// The largest element so far. A NaN is larger than all; the first of equals wins.
template <class T>
struct Largest {
  T value;
  int64_t position;

  void offer(T other, int64_t at) {
    if (!(other <= value) && value == value) {
      value = other;
      position = at;
    }
  }
};

}  // namespace

template <class T>
void sum(cpu::Stream, const ReduceLoop& loop, const T* x, T* out) {
  if (loop.outer.numel() == 0) return;
  if (sums_columns(loop)) return sum_columns(loop, x, out);
  const Rows rows(loop.inner);
  reduce_pieces<Total<T>>(
      loop, x, out,
      [&](const T* from, int64_t begin, int64_t end) {
        Total<T> total = 0;
        if (begin < end)
          visit_rows(rows, from, begin, end, [&](const T* row, int64_t n, int64_t) {
            total += sum_row(row, n, rows.stride);
          });
        return total;
      },
      [](const Total<T>* parts, int64_t count) {
        Total<T> total = 0;
        for (int64_t i = 0; i < count; ++i) total += parts[i];
        return static_cast<T>(total);
      });
}

template <class T>
void argmax(cpu::Stream, const ReduceLoop& loop, const T* x, int64_t* out) {
  if (loop.outer.numel() == 0) return;
  const Rows rows(loop.inner);
  reduce_pieces<Largest<T>>(
      loop, x, out,
      [&](const T* from, int64_t begin, int64_t end) {
        Largest<T> best{};
        bool first = true;
        visit_rows(rows, from, begin, end, [&](const T* row, int64_t n, int64_t position) {
          if (first) best = {row[0], position};
          first = false;
          for (int64_t i = 0; i < n; ++i) best.offer(row[i * rows.stride], position + i);
        });
        return best;
      },
      [](const Largest<T>* parts, int64_t count) {
        Largest<T> best = parts[0];
        for (int64_t i = 1; i < count; ++i) best.offer(parts[i].value, parts[i].position);
        return best.position;
      });
}

#define CUTTLE_INSTANTIATE_SUM(T) \
  template void sum<T>(cpu::Stream, const ReduceLoop&, const T*, T*);
#define CUTTLE_INSTANTIATE_ARGMAX(T) \
  template void argmax<T>(cpu::Stream, const ReduceLoop&, const T*, int64_t*);
CUTTLE_INSTANTIATE_SUM(float)
CUTTLE_INSTANTIATE_SUM(double)
CUTTLE_INSTANTIATE_SUM(int64_t)
CUTTLE_INSTANTIATE_SUM(int32_t)
CUTTLE_INSTANTIATE_ARGMAX(float)
CUTTLE_INSTANTIATE_ARGMAX(double)
CUTTLE_INSTANTIATE_ARGMAX(int64_t)
CUTTLE_INSTANTIATE_ARGMAX(int32_t)
CUTTLE_INSTANTIATE_ARGMAX(uint8_t)

}  // namespace cuttle::kernels
