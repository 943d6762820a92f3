// Rows of dense matrices that groups of threads read, once and into registers where they fit, and
// map element by element; and the terms of a softmax over such a row.
#pragma once

#include <cmath>

#include "group_reduce.cuh"
#include "index.cuh"

namespace cuttle::kernels::cuda {

/// The elements that a thread keeps of its row: few of a short one, so that many threads are
/// resident, and of a long one as many as registers hold: half as many where each is a pack of its
/// own, with an address. None stands for rows that no block can keep.
template <class T>
inline constexpr int kKeepFew = 32 / sizeof(T);
template <class T, int V>
inline constexpr int kKeepMany = (V > 1 ? 128 : 64) / sizeof(T);
inline constexpr int kKeepNone = 0;

/// Threads of a block whose groups keep `kept` elements a thread. A row that is not kept is read
/// twice: large blocks, and so few rows at a time, let the second reading come from the caches.
template <int kKept>
inline constexpr int kRowThreads = kKept == kKeepNone ? 1024 : 256;

/// Blocks that a multiprocessor should hold, for the compiler to share out the registers.
template <class T, int kKept>
inline constexpr int kRowResident = kKept == kKeepNone     ? 1
                                    : kKept != kKeepFew<T> ? 2
                                    : sizeof(T) == 4       ? 4
                                                           : 3;

/// One thread's share of the same row of N matrices: of a group's `lanes` threads thread `lane` has
/// the packs lane, lane + lanes, … of V elements each. V > 1: rows and their length are multiples
/// of packs. kKept · lanes ≥ cols, or kKept is kKeepNone and every visit reads memory again,
/// kInFlight packs of each matrix at a time.
template <class T, int V, int kKept, int N>
struct Row {
  /// A kept row is short enough for the cheaper type.
  using Column = std::conditional_t<kKept == kKeepNone, int64_t, int>;
  static constexpr int kInFlight = N > 1 ? 2 : 4;

  /// A row that there is none of has `cols` 0.
  __device__ Row(const T* const (&rows)[N], int64_t length, int lane_number, int lane_count)
      : cols(static_cast<Column>(length)), lane(lane_number), lanes(lane_count) {
    CUTTLE_UNROLL
    for (int n = 0; n < N; ++n) from[n] = rows[n];
    CUTTLE_UNROLL
    for (int p = 0; p < kKept / V; ++p) load(p, kept[p]);
  }

  /// Calls f(values, column) with the N matrices' values of each of the thread's elements, columns
  /// rising.
  template <class F>
  __device__ void each(F f) const {
    visit([&](const Pack<T, V>(&packs)[N], Column column) {
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) {
        T values[N];
        CUTTLE_UNROLL
        for (int n = 0; n < N; ++n) values[n] = packs[n].at[v];
        f(values, column + v);
      }
    });
  }

  /// to[column] = f(values, column).
  template <class F>
  __device__ void map(T* to, F f) const {
    visit([&](const Pack<T, V>(&packs)[N], Column column) {
      Pack<T, V> results;
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) {
        T values[N];
        CUTTLE_UNROLL
        for (int n = 0; n < N; ++n) values[n] = packs[n].at[v];
        results.at[v] = f(values, column + v);
      }
      store_pack<V>(to + column, results);
    });
  }

  __device__ Column column_of(Column pack) const { return (lane + pack * lanes) * V; }

  __device__ void load(Column pack, Pack<T, V> (&packs)[N]) const {
    CUTTLE_UNROLL
    for (int n = 0; n < N; ++n)
      packs[n] = column_of(pack) < cols ? load_pack<V>(from[n] + column_of(pack)) : Pack<T, V>{};
  }

  /// Calls f(packs, column of their first element) for each of the thread's packs.
  template <class F>
  __device__ void visit(F f) const {
    if constexpr (kKept != kKeepNone) {
      CUTTLE_UNROLL
      for (int p = 0; p < kKept / V; ++p)
        if (column_of(p) < cols) f(kept[p], column_of(p));
    } else {
      for (Column p = 0; column_of(p) < cols; p += kInFlight) {
        Pack<T, V> packs[kInFlight][N];
        CUTTLE_UNROLL
        for (int i = 0; i < kInFlight; ++i) load(p + i, packs[i]);
        CUTTLE_UNROLL
        for (int i = 0; i < kInFlight; ++i)
          if (column_of(p + i) < cols) f(packs[i], column_of(p + i));
      }
    }
  }

  const T* from[N];
  Column cols;
  int lane, lanes;
  Pack<T, V> kept[kKept == kKeepNone ? 1 : kKept / V][N];
};

/// The maximum of a row and Σ exp(x − maximum). sum is NaN where the row holds a NaN, +∞, or −∞
/// alone.
template <class T>
struct SoftmaxTerms {
  T largest = -kInfinity<T>, sum = 0;

  /// What exponents are taken relative to: no −∞, whose difference with itself would be NaN.
  static __device__ T base(T largest) { return largest == -kInfinity<T> ? T(0) : largest; }

  /// The terms of two parts of a row, each relative to its own maximum.
  static __device__ SoftmaxTerms join(const SoftmaxTerms& a, const SoftmaxTerms& b) {
    SoftmaxTerms both;
    both.largest = Larger()(a.largest, b.largest);
    const T relative_to = base(both.largest);
    both.sum =
        a.sum * std::exp(a.largest - relative_to) + b.sum * std::exp(b.largest - relative_to);
    return both;
  }
};

/// The terms of the group's row, in all of its threads. A row in registers is gone through twice,
/// first for its maximum; another once, and what was summed is scaled whenever the maximum rises.
template <class T, int V, int kKept, int kThreads>
__device__ SoftmaxTerms<T> softmax_terms(const Row<T, V, kKept, 1>& row,
                                         const ThreadGroup<kThreads>& group) {
  using Terms = SoftmaxTerms<T>;
  Terms terms;
  if constexpr (kKept != kKeepNone) {
    row.each([&](const T(&x)[1], auto) { terms.largest = Larger()(terms.largest, x[0]); });
    terms.largest = group.reduce(terms.largest, Larger());
    row.each([&](const T(&x)[1], auto) { terms.sum += std::exp(x[0] - terms.largest); });
    terms.sum = group.reduce(terms.sum, Plus());
  } else {
    row.visit([&](const Pack<T, V>(&pack)[1], auto) {
      T largest = terms.largest;
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) largest = Larger()(largest, pack[0].at[v]);
      if (largest > terms.largest) terms.sum *= std::exp(terms.largest - largest);
      terms.largest = largest;
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) terms.sum += std::exp(pack[0].at[v] - Terms::base(largest));
    });
    terms = group.reduce(terms, [](const Terms& a, const Terms& b) { return Terms::join(a, b); });
    if (terms.largest == -kInfinity<T>) terms.sum = kNaN<T>;
  }
  return terms;
}

/// Calls f.operator()<V, kKept>(lanes) with packs of V elements, what a thread keeps, and threads
/// for a row of `cols`. `aligned`: every matrix begins on 16 bytes.
template <class T, class F>
void for_row_shape(int64_t cols, bool aligned, F f) {
  constexpr int kPack = 16 / sizeof(T);
  const auto with_pack = [&]<int V>() {
    constexpr int kFew = kKeepFew<T>, kMany = kKeepMany<T, V>;
    if (cols <= 32 * kFew)
      f.template operator()<V, kFew>(lanes_for((cols + kFew - 1) / kFew, 32));
    else if (cols <= kRowThreads<kMany> * kMany)
      f.template operator()<V, kMany>(lanes_for((cols + kMany - 1) / kMany, kRowThreads<kMany>));
    else  // 1,024 threads have 64 registers each: too few for packs and exponentials of doubles
      f.template operator()<sizeof(T) == 4 ? V : 1, kKeepNone>(kRowThreads<kKeepNone>);
  };
  if (aligned && cols % kPack == 0)
    with_pack.template operator()<kPack>();
  else
    with_pack.template operator()<1>();
}

}  // namespace cuttle::kernels::cuda
