// The two kernels behind everything that works element by element: fill, copy, unary, binary and
// comparison differ in the function they pass in. For kernels/cuda's .cu files.
#pragma once

#include <algorithm>

#include "../half.h"
#include "index.cuh"

namespace cuttle::kernels::cuda {

/// The input pointers of an elementwise kernel, 0 to 2 of one type.
template <class In, int N>
struct Inputs {
  const In* at[N > 0 ? N : 1] = {};
};

inline constexpr int kElementwiseThreads = 256;

/// Elements of a pack: 16 bytes of the widest type, and at most 8 elements, because every
/// operation's code is repeated for each.
template <class In, class Out>
inline constexpr int kPackOf = std::min<int>(8, 16 / std::max(sizeof(In), sizeof(Out)));

/// out[i] = f(in0[i], …) on plain arrays; f gets and gives Compute<In>.
/// Function f: f.apply(body) calls body once with the operation, a callable on elements. So a
/// choice made at run time (which operation) is made once a thread, outside its loop. Layout:
/// dense, every pointer aligned to 16 bytes. Launch: block 256; each thread owns two packs a
/// block's width apart, as many elements wide as the widest type fits into 16 bytes; the grid
/// covers n. Bound: memory, n · (Σ sizeof(In) + sizeof(Out)) bytes, each moved once in coalesced
/// 16-byte accesses (narrower ones for the smaller type where types differ). Deterministic. out may
/// be one of the inputs: a thread reads its packs before it writes them.
template <class F, class In, class Out, int N>
__global__ void __launch_bounds__(kElementwiseThreads, 1)
    elementwise_dense_kernel(F f, Inputs<In, N> in, Out* out, int64_t n) {
  using C = Compute<In>;
  constexpr int kPacks = 2;
  constexpr int V = kPackOf<In, Out>;
  const int64_t first = (int64_t{blockIdx.x} * (kPacks * kElementwiseThreads) + threadIdx.x) * V;

  wait_for_predecessor();
  Pack<In, V> x[kPacks][N > 0 ? N : 1] = {};
  CUTTLE_UNROLL
  for (int p = 0; p < kPacks; ++p) {
    const int64_t i = first + p * (kElementwiseThreads * V);
    if (i + V > n) continue;
    CUTTLE_UNROLL
    for (int k = 0; k < N; ++k) x[p][k] = load_pack<V>(in.at[k] + i);
  }

  f.apply([&](auto operation) {
    CUTTLE_UNROLL
    for (int p = 0; p < kPacks; ++p) {
      const int64_t i = first + p * (kElementwiseThreads * V);
      if (i + V <= n) {
        Pack<Out, V> y;
        CUTTLE_UNROLL
        for (int v = 0; v < V; ++v) {
          if constexpr (N == 0) y.at[v] = operation();
          if constexpr (N == 1) y.at[v] = static_cast<Out>(operation(C(x[p][0].at[v])));
          if constexpr (N == 2)
            y.at[v] = static_cast<Out>(operation(C(x[p][0].at[v]), C(x[p][1].at[v])));
        }
        store_pack<V>(out + i, y);
      } else {  // the tail that fills no pack, in one thread of the grid
        for (int64_t j = i; j < n; ++j) {
          if constexpr (N == 0) out[j] = operation();
          if constexpr (N == 1) out[j] = static_cast<Out>(operation(C(in.at[0][j])));
          if constexpr (N == 2)
            out[j] = static_cast<Out>(operation(C(in.at[0][j]), C(in.at[1][j])));
        }
      }
    }
  });
}

inline constexpr int kStridedPerThread = 4;

/// out[…] = f(in0[…], …) with strides: views, broadcasts, transposed tensors.
/// Layout: `index` gives each operand's offsets; its last operand is out.
/// Launch: block 256, each thread four elements a block's width apart, so that neighbours in loop
/// order fall to neighbouring threads; the grid covers n < 2³¹ (the launcher cuts larger loops).
/// Bound: memory where the innermost strides are 1 or 0, else the sectors that strided accesses
/// waste; about 6 integer operations a dimension and element. Deterministic.
template <class F, class In, class Out, int N>
__global__ void __launch_bounds__(kElementwiseThreads)
    elementwise_strided_kernel(F f, Inputs<In, N> in, Out* out, StridedIndex<N + 1> index,
                               uint32_t n) {
  using C = Compute<In>;
  const uint32_t first = blockIdx.x * (kStridedPerThread * kElementwiseThreads) + threadIdx.x;
  wait_for_predecessor();
  f.apply([&](auto operation) {
    CUTTLE_UNROLL
    for (int k = 0; k < kStridedPerThread; ++k) {
      const uint32_t i = first + k * kElementwiseThreads;
      if (i >= n) continue;
      int32_t offset[N + 1];
      index.offsets(i, offset);
      if constexpr (N == 0) out[offset[0]] = operation();
      if constexpr (N == 1) out[offset[1]] = static_cast<Out>(operation(C(in.at[0][offset[0]])));
      if constexpr (N == 2)
        out[offset[2]] =
            static_cast<Out>(operation(C(in.at[0][offset[0]]), C(in.at[1][offset[1]])));
    }
  });
}

/// Queues out = f(in…) over the loop, whose operands are (in…, out).
template <class F, class In, class Out, int N>
void run_elementwise(Stream stream, const StridedLoop<N + 1>& loop, F f, Inputs<In, N> in,
                     Out* out) {
  const int64_t n = loop.numel();
  if (n == 0) return;

  bool aligned = is_aligned(out);
  for (int k = 0; k < N; ++k) aligned = aligned && is_aligned(in.at[k]);
  if (aligned && loop.is_dense()) {
    constexpr int64_t kPerBlock = 2 * kElementwiseThreads * kPackOf<In, Out>;
    launch_overlapping(stream, {blocks_for(n, kPerBlock), kElementwiseThreads},
                       elementwise_dense_kernel<F, In, Out, N>, f, in, out, n);
    return;
  }

  // The strided kernel counts in 32 bits: a loop beyond that is cut in half along its longest
  // dimension until it fits.
  if (n > kMaxIndex - kStridedPerThread * kElementwiseThreads || reach(loop) > kMaxIndex) {
    int longest = 0;
    for (int d = 1; d < loop.rank; ++d)
      if (loop.sizes[d] > loop.sizes[longest]) longest = d;
    const int64_t half = loop.sizes[longest] / 2;
    StridedLoop<N + 1> part = loop;
    part.sizes[longest] = half;
    run_elementwise(stream, part, f, in, out);
    part.sizes[longest] = loop.sizes[longest] - half;
    for (int k = 0; k < N; ++k) in.at[k] += half * loop.strides[k][longest];
    run_elementwise(stream, part, f, in, out + half * loop.strides[N][longest]);
    return;
  }
  launch_overlapping(
      stream, {blocks_for(n, kStridedPerThread * kElementwiseThreads), kElementwiseThreads},
      elementwise_strided_kernel<F, In, Out, N>, f, in, out, StridedIndex<N + 1>(loop), n);
}

}  // namespace cuttle::kernels::cuda
