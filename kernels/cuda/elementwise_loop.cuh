// The two kernels behind everything that works element by element: fill, copy and the rows of the
// elementwise table differ in the function that they are instantiated for. For kernels/cuda's .cu
// files.
#pragma once

#include <algorithm>

#include "../elementwise_part.h"
#include "index.cuh"

namespace cuttle::kernels::cuda {

inline constexpr int kElementwiseThreads = 256;

/// Elements of a pack: 16 bytes of the widest type, and at most 8 elements, because every
/// operation's code is repeated for each.
template <class In, class Out>
inline constexpr int kPackOf = std::min<int>(8, 16 / std::max(sizeof(In), sizeof(Out)));

/// A thread's pack of each input, 0 to 4 of them.
template <class Part, class T, int N, int V>
struct InputPacks {
  using First = typename Part::First;

  __device__ void load(const ElementwiseInputs<T, N>& in, int64_t i) {
    if constexpr (N > 0) load_one(first, in, 0, i);
    CUTTLE_UNROLL
    for (int k = 1; k < N; ++k) load_one(rest[k - 1], in, k, i);
  }
  __device__ typename Part::Out call(const Compute<T>* parameter, int v) const {
    if constexpr (N == 0) return Part::call(parameter);
    if constexpr (N == 1) return Part::call(parameter, first.at[v]);
    if constexpr (N == 2) return Part::call(parameter, first.at[v], rest[0].at[v]);
    if constexpr (N == 3) return Part::call(parameter, first.at[v], rest[0].at[v], rest[1].at[v]);
    if constexpr (N == 4)
      return Part::call(parameter, first.at[v], rest[0].at[v], rest[1].at[v], rest[2].at[v]);
  }

 private:
  template <class E>
  __device__ static void load_one(Pack<E, V>& pack, const ElementwiseInputs<T, N>& in, int k,
                                  int64_t i) {
    const auto* from = static_cast<const E*>(in.at[k]);
    if (N == 1 || from != nullptr) {
      pack = load_pack<V>(from + i);
    } else {
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) pack.at[v] = static_cast<E>(in.number[k]);
    }
  }

  Pack<First, V> first = {};
  Pack<T, V> rest[N > 1 ? N - 1 : 1] = {};
};

/// The element of input k at an offset.
template <class E, class T, int N>
__device__ E input_at(const ElementwiseInputs<T, N>& in, int k, int64_t offset) {
  const auto* from = static_cast<const E*>(in.at[k]);
  return N == 1 || from != nullptr ? from[offset] : static_cast<E>(in.number[k]);
}

/// Part of the elements at these offsets.
template <class Part, class T, int N, class Offset>
__device__ typename Part::Out call_at(const ElementwiseInputs<T, N>& in, const Offset& offset) {
  using First = typename Part::First;
  if constexpr (N == 0) return Part::call(in.parameter);
  if constexpr (N == 1) return Part::call(in.parameter, input_at<First>(in, 0, offset(0)));
  if constexpr (N == 2)
    return Part::call(in.parameter, input_at<First>(in, 0, offset(0)),
                      input_at<T>(in, 1, offset(1)));
  if constexpr (N == 3)
    return Part::call(in.parameter, input_at<First>(in, 0, offset(0)),
                      input_at<T>(in, 1, offset(1)), input_at<T>(in, 2, offset(2)));
  if constexpr (N == 4)
    return Part::call(in.parameter, input_at<First>(in, 0, offset(0)),
                      input_at<T>(in, 1, offset(1)), input_at<T>(in, 2, offset(2)),
                      input_at<T>(in, 3, offset(3)));
}

/// out[i] = Part::call(parameters, in0[i], …) on plain arrays.
/// Part (elementwise_part.h): the one function that the kernel carries, with the types of the first
/// input and of the result. Layout: dense, every pointer aligned to 16 bytes; inputs without an
/// array are numbers. Launch: block 256; each thread owns two packs a block's width apart, as many
/// elements wide as the widest type fits into 16 bytes; the grid covers n. Bound: memory, n · (Σ
/// sizeof(input) + sizeof(Out)) bytes, each moved once in coalesced 16-byte accesses (narrower ones
/// for the smaller type where types differ). Deterministic. out may be one of the inputs: a thread
/// reads its packs before it writes them.
template <class Part, class T, int N>
__global__ void __launch_bounds__(kElementwiseThreads, 1)
    elementwise_dense_kernel(ElementwiseInputs<T, N> in, void* result, int64_t n) {
  constexpr int kPacks = 2;
  constexpr int V = kPackOf<T, typename Part::Out>;
  const int64_t first = (int64_t{blockIdx.x} * (kPacks * kElementwiseThreads) + threadIdx.x) * V;
  auto* const out = static_cast<typename Part::Out*>(result);

  wait_for_predecessor();
  InputPacks<Part, T, N, V> x[kPacks] = {};
  CUTTLE_UNROLL
  for (int p = 0; p < kPacks; ++p) {
    const int64_t i = first + p * (kElementwiseThreads * V);
    if (i + V <= n) x[p].load(in, i);
  }
  CUTTLE_UNROLL
  for (int p = 0; p < kPacks; ++p) {
    const int64_t i = first + p * (kElementwiseThreads * V);
    if (i + V <= n) {
      Pack<typename Part::Out, V> y;
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) y.at[v] = x[p].call(in.parameter, v);
      store_pack<V>(out + i, y);
    } else {  // the tail that fills no pack, in one thread of the grid
      for (int64_t j = i; j < n; ++j) out[j] = call_at<Part>(in, [j](int) { return j; });
    }
  }
}

inline constexpr int kStridedPerThread = 4;

/// out[…] = Part::call(parameters, in0[…], …) with strides: views, broadcasts, transposed tensors.
/// Layout: `index` gives each operand's offsets; its last operand is out.
/// Launch: block 256, each thread four elements a block's width apart, so that neighbours in loop
/// order fall to neighbouring threads; the grid covers n < 2³¹ (the launcher cuts larger loops).
/// Bound: memory where the innermost strides are 1 or 0, else the sectors that strided accesses
/// waste; about 6 integer operations a dimension and element. Deterministic.
template <class Part, class T, int N>
__global__ void __launch_bounds__(kElementwiseThreads)
    elementwise_strided_kernel(ElementwiseInputs<T, N> in, void* result, StridedIndex<N + 1> index,
                               uint32_t n) {
  const uint32_t first = blockIdx.x * (kStridedPerThread * kElementwiseThreads) + threadIdx.x;
  auto* const out = static_cast<typename Part::Out*>(result);
  wait_for_predecessor();
  CUTTLE_UNROLL
  for (int k = 0; k < kStridedPerThread; ++k) {
    const uint32_t i = first + k * kElementwiseThreads;
    if (i >= n) continue;
    int32_t offset[N + 1];
    index.offsets(i, offset);
    out[offset[N]] = call_at<Part>(in, [&offset](int operand) { return offset[operand]; });
  }
}

/// The kernels of one function, and what the launcher must know of its types.
template <class T, int N>
struct ElementwiseKernels {
  void (*dense)(ElementwiseInputs<T, N>, void*, int64_t) = nullptr;
  void (*strided)(ElementwiseInputs<T, N>, void*, StridedIndex<N + 1>, uint32_t) = nullptr;
  int64_t first_size = 0, out_size = 0;  // bytes of an element
  int64_t per_block = 0;                 // elements, of the dense kernel
};

template <class Part, class T, int N>
ElementwiseKernels<T, N> elementwise_kernels() {
  return {elementwise_dense_kernel<Part, T, N>, elementwise_strided_kernel<Part, T, N>,
          sizeof(typename Part::First), sizeof(typename Part::Out),
          2 * kElementwiseThreads * kPackOf<T, typename Part::Out>};
}

template <class T, int N>
bool takes_dense_kernel(const StridedLoop<N + 1>& loop, const ElementwiseInputs<T, N>& in,
                        const void* out) {
  if (loop.rank > 1 || !is_aligned(out)) return false;
  const auto has_gaps = [&](int p) {
    return loop.rank == 1 && loop.sizes[0] > 1 && loop.strides[p][0] != 1;
  };
  for (int k = 0; k < N; ++k)
    if (in.at[k] != nullptr && (!is_aligned(in.at[k]) || has_gaps(k))) return false;
  return !has_gaps(N);
}

/// Queues the function over the loop, whose operands are the inputs and out.
template <class T, int N>
void run_elementwise(Stream stream, const ElementwiseKernels<T, N>& kernels,
                     const StridedLoop<N + 1>& loop, ElementwiseInputs<T, N> in, void* out) {
  const int64_t n = loop.numel();
  if (n == 0) return;
  if (takes_dense_kernel(loop, in, out)) {
    launch_overlapping(stream, {blocks_for(n, kernels.per_block), kElementwiseThreads},
                       kernels.dense, in, out, n);
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
    run_elementwise(stream, kernels, part, in, out);
    part.sizes[longest] = loop.sizes[longest] - half;
    const auto bytes = [&](int p, int64_t size) { return half * loop.strides[p][longest] * size; };
    for (int k = 0; k < N; ++k)
      if (in.at[k] != nullptr)
        in.at[k] = static_cast<const char*>(in.at[k]) +
                   bytes(k, k == 0 ? kernels.first_size : static_cast<int64_t>(sizeof(T)));
    run_elementwise(stream, kernels, part, in,
                    static_cast<char*>(out) + bytes(N, kernels.out_size));
    return;
  }
  launch_overlapping(stream,
                     {blocks_for(n, kStridedPerThread * kElementwiseThreads), kElementwiseThreads},
                     kernels.strided, in, out, StridedIndex<N + 1>(loop), n);
}

}  // namespace cuttle::kernels::cuda
