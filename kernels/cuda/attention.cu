// Attention without the matrix of scores. See kernels/attention.h.
#include "../attention.h"

#include <cmath>

#include "attention_tiles.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;             // launch, multiply_add, … of this folder
using namespace cuda::attention;  // its tiles

/// Largest and sum over the 16 threads that share rows, neighbours within a warp.
template <class T>
__device__ T row_largest(T value) {
  for (int step = kSide / 2; step > 0; step /= 2) {
    const T other = __shfl_xor_sync(0xffffffffu, value, step);
    value = other > value ? other : value;
  }
  return value;
}
template <class T>
__device__ T row_sum(T value) {
  for (int step = kSide / 2; step > 0; step /= 2)
    value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

/// One step of the online softmax, for the rows of a thread.
template <class T>
struct RowState {
  T largest[kPer<T>], total[kPer<T>];

  __device__ RowState() {
    CUTTLE_UNROLL
    for (int r = 0; r < kPer<T>; ++r) largest[r] = kMasked<T>, total[r] = 0;
  }
  /// scores become exp(scores − largest). Returns what weights so far are to be scaled by.
  __device__ T add(int r, T (&scores)[kPer<T>]) {
    T most = largest[r];
    CUTTLE_UNROLL
    for (int c = 0; c < kPer<T>; ++c) most = scores[c] > most ? scores[c] : most;
    most = row_largest(most);
    const T base = most == kMasked<T> ? T(0) : most;
    const T fade = std::exp(largest[r] - base);
    T sum = 0;
    CUTTLE_UNROLL
    for (int c = 0; c < kPer<T>; ++c) {
      scores[c] = std::exp(scores[c] - base);
      sum += scores[c];
    }
    largest[r] = most;
    total[r] = total[r] * fade + row_sum(sum);
    return fade;
  }
};

/// out and terms of a tile of queries.
/// Launch: blocks of 256, one for each tile of 64 queries (double: 32) of each (batch, head); grid
/// one-dimensional, tiles of a matrix neighbours, so that they find its keys in L2.
/// Shared memory: 33 KiB (double: 25 KiB), static; sums of kWidth columns in registers.
/// Bound: shared memory reads, 8 for 16 multiply-adds of a thread; global memory is read once a
/// tile of queries. Numerics: in T, multiply-adds fused. Deterministic.
template <class T, int kWidth>
__global__ void __launch_bounds__(kThreads)
    attention_forward_kernel(AttentionShape s, AttentionOperands<T> in, HeadRows<T> out, T* terms) {
  CUTTLE_SHARED(SharedTiles<T>, shared, [1]);
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide;
  const BlockPlace at(s, s.queries, kTile<T>);
  const TileRows<T> query(in.query, at.b, at.h, at.first, s.queries);
  const ScoreRule<T> rule(s, in.mask, at.b, at.h);
  wait_for_predecessor();
  const DropoutFactors<T> factors(s, at.matrix);
  RowState<T> rows;
  T acc[kPer<T>][kWidth / kSide] = {};
  const int64_t end = s.causal && at.first + kTile<T> < s.keys ? at.first + kTile<T> : s.keys;
  for (int64_t key = 0; key < end; key += kTile<T>) {
    T scores[kPer<T>][kPer<T>];
    row_products(query, TileRows<T>(in.key, at.b, at.h, key, s.keys), static_cast<int>(s.width),
                 shared[0], scores);
    CUTTLE_UNROLL
    for (int r = 0; r < kPer<T>; ++r) {
      const int64_t i = at.first + ty * kPer<T> + r;
      CUTTLE_UNROLL
      for (int c = 0; c < kPer<T>; ++c) {
        const int64_t j = key + tx + c * kSide;
        scores[r][c] = i < s.queries && j < s.keys ? rule(i, j, scores[r][c]) : kMasked<T>;
      }
      const T fade = rows.add(r, scores[r]);
      CUTTLE_UNROLL
      for (int c = 0; c < kWidth / kSide; ++c) acc[r][c] *= fade;
      CUTTLE_UNROLL
      for (int c = 0; c < kPer<T>; ++c)
        shared[0].weights[ty * kPer<T> + r][tx + c * kSide] =
            scores[r][c] * factors(i, key + tx + c * kSide);
    }
    add_weighted_rows<T, kWidth>(TileRows<T>(in.value, at.b, at.h, key, s.keys),
                                 static_cast<int>(s.value_width), shared[0], acc);
  }
  CUTTLE_UNROLL
  for (int r = 0; r < kPer<T>; ++r) {
    const int64_t i = at.first + ty * kPer<T> + r;
    if (i >= s.queries) break;
    const bool empty = rows.total[r] == 0;
    if (tx == 0)
      terms[at.matrix * s.queries + i] =
          empty ? -kMasked<T> : rows.largest[r] + std::log(rows.total[r]);
    T* const to = out.of(at.b, at.h) + i * out.row;
    CUTTLE_UNROLL
    for (int c = 0; c < kWidth / kSide; ++c)
      if (tx + c * kSide < s.value_width)
        to[tx + c * kSide] = empty ? T(0) : acc[r][c] / rows.total[r];
  }
}

/// dots (batch, heads, queries) = Σ dout · out.
/// Launch: blocks of 256, a warp a row. Bound: memory, both read once. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    attention_dots_kernel(AttentionShape s, HeadRows<const T> out, HeadRows<const T> dout,
                          T* dots) {
  const int64_t row = int64_t{blockIdx.x} * (kThreads / 32) + threadIdx.x / 32;
  wait_for_predecessor();
  if (row >= s.head_count() * s.queries) return;
  const int64_t matrix = row / s.queries, i = row % s.queries;
  const T* const a = out.of(matrix / s.heads, matrix % s.heads) + i * out.row;
  const T* const b = dout.of(matrix / s.heads, matrix % s.heads) + i * dout.row;
  T sum = 0;
  for (int e = threadIdx.x % 32; e < s.value_width; e += 32) sum = multiply_add(a[e], b[e], sum);
  sum += __shfl_xor_sync(0xffffffffu, sum, 16);
  sum = row_sum(sum);
  if (threadIdx.x % 32 == 0) dots[row] = sum;
}

enum class Gradient { query, key, value };

/// One of the three gradients: of a tile of its rows, over all tiles of the other side, whose
/// scores are computed again. dquery's rows are queries, the others' keys, and their tiles of
/// scores lie transposed. Launch, shared memory, bound, numerics: as the forward; a kernel for each
/// gradient keeps one set of sums in registers, and takes 8 products in all where 5 would do with
/// atomics.
template <class T, int kWidth, Gradient kOf>
__global__ void __launch_bounds__(kThreads, 1)
    attention_backward_kernel(AttentionShape s, AttentionOperands<T> in, HeadRows<const T> dout,
                              const T* terms, const T* dots, HeadRows<T> to) {
  constexpr bool kByQuery = kOf == Gradient::query;
  CUTTLE_SHARED(SharedTiles<T>, shared, [1]);
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide;
  const int64_t own = kByQuery ? s.queries : s.keys, others = kByQuery ? s.keys : s.queries;
  const BlockPlace at(s, own, kTile<T>);
  const ScoreRule<T> rule(s, in.mask, at.b, at.h);
  wait_for_predecessor();
  const DropoutFactors<T> factors(s, at.matrix);
  const auto rows = [&](const HeadRows<const T>& all, int64_t first, int64_t count) {
    return TileRows<T>(all, at.b, at.h, first, count);
  };
  terms += at.matrix * s.queries;
  dots += at.matrix * s.queries;
  T acc[kPer<T>][kWidth / kSide] = {};
  // Where causal, queries see no later key: tiles wholly behind are left out.
  int64_t begin = 0, end = others;
  if (s.causal && kByQuery && at.first + kTile<T> < end) end = at.first + kTile<T>;
  if (s.causal && !kByQuery) begin = at.first;
  for (int64_t other = begin; other < end; other += kTile<T>) {
    T weights[kPer<T>][kPer<T>], slopes[kPer<T>][kPer<T>];
    row_products(rows(kByQuery ? in.query : in.key, at.first, own),
                 rows(kByQuery ? in.key : in.query, other, others), static_cast<int>(s.width),
                 shared[0], weights);
    if constexpr (kOf != Gradient::value)
      row_products(rows(kByQuery ? dout : in.value, at.first, own),
                   rows(kByQuery ? in.value : dout, other, others), static_cast<int>(s.value_width),
                   shared[0], slopes);
    CUTTLE_UNROLL
    for (int r = 0; r < kPer<T>; ++r) CUTTLE_UNROLL
    for (int c = 0; c < kPer<T>; ++c) {
      const int64_t row = at.first + ty * kPer<T> + r, column = other + tx + c * kSide;
      const int64_t i = kByQuery ? row : column, j = kByQuery ? column : row;
      T weight = 0;
      if (i < s.queries && j < s.keys) {
        weight = std::exp(rule(i, j, weights[r][c]) - terms[i]);
        if constexpr (kOf == Gradient::value)
          weight *= factors(i, j);
        else
          weight *= (slopes[r][c] * factors(i, j) - dots[i]) * rule.scale;
      }
      shared[0].weights[ty * kPer<T> + r][tx + c * kSide] = weight;
    }
    if constexpr (kOf == Gradient::query)
      add_weighted_rows<T, kWidth>(rows(in.key, other, others), static_cast<int>(s.width),
                                   shared[0], acc);
    else if constexpr (kOf == Gradient::key)
      add_weighted_rows<T, kWidth>(rows(in.query, other, others), static_cast<int>(s.width),
                                   shared[0], acc);
    else
      add_weighted_rows<T, kWidth>(rows(dout, other, others), static_cast<int>(s.value_width),
                                   shared[0], acc);
  }
  const int64_t width = kOf == Gradient::value ? s.value_width : s.width;
  CUTTLE_UNROLL
  for (int r = 0; r < kPer<T>; ++r) {
    const int64_t row = at.first + ty * kPer<T> + r;
    if (row >= own) break;
    T* const line = to.of(at.b, at.h) + row * to.row;
    CUTTLE_UNROLL
    for (int c = 0; c < kWidth / kSide; ++c)
      if (tx + c * kSide < width) line[tx + c * kSide] = acc[r][c];
  }
}

/// f<kWidth>() for the fewest columns of sums that hold `width`.
template <class F>
void for_width(int64_t width, const F& f) {
  if (width <= 64)
    f.template operator()<64>();
  else if (width <= 128)
    f.template operator()<128>();
  else
    f.template operator()<kMostHeadWidth>();
}

template <class T>
unsigned tile_blocks(const AttentionShape& s, int64_t rows) {
  return blocks_for(s.head_count() * ((rows + kTile<T> - 1) / kTile<T>), 1);
}

template <class T, Gradient kOf>
void launch_gradient(cuda::Stream stream, const AttentionShape& s, const AttentionOperands<T>& in,
                     const AttentionSaved<T>& saved, const HeadRows<T>& to) {
  const int64_t rows = kOf == Gradient::query ? s.queries : s.keys;
  if (to.at == nullptr || s.head_count() * rows == 0) return;
  for_width(kOf == Gradient::value ? s.value_width : s.width, [&]<int kWidth>() {
    launch_overlapping(stream, {tile_blocks<T>(s, rows), kThreads},
                       attention_backward_kernel<T, kWidth, kOf>, s, in, saved.dout, saved.terms,
                       saved.dots, to);
  });
}

}  // namespace

template <class T>
void attention_forward(cuda::Stream stream, const AttentionShape& s, const AttentionOperands<T>& in,
                       const HeadRows<T>& out, T* terms) {
  if (s.head_count() * s.queries == 0) return;
  for_width(s.value_width, [&]<int kWidth>() {
    launch_overlapping(stream, {tile_blocks<T>(s, s.queries), kThreads},
                       attention_forward_kernel<T, kWidth>, s, in, out, terms);
  });
}

template <class T>
void attention_backward(cuda::Stream stream, const AttentionShape& s,
                        const AttentionOperands<T>& in, const AttentionSaved<T>& saved,
                        const AttentionGradients<T>& gradients) {
  const int64_t rows = s.head_count() * s.queries;
  if (rows > 0)
    launch_overlapping(stream, {blocks_for(rows, kThreads / 32), kThreads},
                       attention_dots_kernel<T>, s, saved.out, saved.dout, saved.dots);
  launch_gradient<T, Gradient::query>(stream, s, in, saved, gradients.query);
  launch_gradient<T, Gradient::key>(stream, s, in, saved, gradients.key);
  launch_gradient<T, Gradient::value>(stream, s, in, saved, gradients.value);
}

#define CUTTLE_ATTENTION(T)                                                               \
  template void attention_forward(cuda::Stream, const AttentionShape&,                    \
                                  const AttentionOperands<T>&, const HeadRows<T>&, T*);   \
  template void attention_backward(cuda::Stream, const AttentionShape&,                   \
                                   const AttentionOperands<T>&, const AttentionSaved<T>&, \
                                   const AttentionGradients<T>&);
CUTTLE_ATTENTION(float)
CUTTLE_ATTENTION(double)

}  // namespace cuttle::kernels
