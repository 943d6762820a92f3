// Elements picked and written by index. See kernels/index.h. Compiled once for each type
// CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../index.h"

#include <limits>

#include "index_place.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, WideIndex, … of this folder

constexpr int kIndexThreads = 256;

/// What is read where an index points nowhere: NaN, or 0 in a type that has none.
template <class T>
constexpr float kNothing = is_floating<T> ? std::numeric_limits<float>::quiet_NaN() : 0.0f;

/// out[…] = x[… + Σ_k stride_k · index_k[…]].
/// Layout: `walk` gives each operand's offsets (x, index, out), in out's memory order. Launch:
/// block 256, a thread an element, the grid covers n. Bound: memory: out once, the indices as often
/// as they are broadcast (from the caches), and a sector for each element of x that does not lie
/// beside its neighbour's. Deterministic.
template <class T>
__global__ void __launch_bounds__(kIndexThreads)
    index_read_kernel(WideIndex<3> walk, IndexedDims dims, DeviceReporter reporter, const T* x,
                      T* out, int64_t n) {
  const int64_t i = int64_t{blockIdx.x} * kIndexThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= n) return;
  int64_t at[3];
  walk.offsets(i, at);
  const bool found = add_indexed_place(dims, reporter, at[1], at[0]);
  out[at[2]] = found ? x[at[0]] : static_cast<T>(kNothing<T>);
}

template <IndexWrite op, class T>
__device__ T combine(T a, T b) {
  if constexpr (op == IndexWrite::maximum) {
    return a > b || a != a ? a : b;
  } else if constexpr (op == IndexWrite::minimum) {
    return a < b || a != a ? a : b;
  } else if constexpr (std::is_same_v<T, bool>) {
    return op == IndexWrite::add ? a || b : a && b;
  } else {
    const auto x = static_cast<Wrapping<T>>(a), y = static_cast<Wrapping<T>>(b);
    return static_cast<T>(op == IndexWrite::add ? x + y : x * y);
  }
}

/// IndexWriteLoops with their divisors.
struct WriteWalks {
  WideIndex<1> destination, value;
  WideIndex<2> rest;
};

/// Combines runs of equal keys into their destinations.
/// Layout: keys (n), sorted or without repetition; order (n) or nullptr; walks as in index.h.
/// Launch: block 256, a thread for each pair of a key and a position of rest, rest fastest, the
/// grid covers n · rest; the thread of a run's first key (assign: of its last) does the whole run,
/// the others nothing. Bound: memory, each value and destination once where keys differ; a run is
/// serial, so a few long runs with a small rest are bound by latency. Numerics: in the order of the
/// elements, in Compute<T>. Deterministic.
template <IndexWrite op, class T>
__global__ void __launch_bounds__(kIndexThreads)
    index_write_kernel(WriteWalks walks, int64_t n, int64_t rest, int64_t beyond,
                       const int64_t* keys, const int64_t* order, const T* value, T* out) {
  const int64_t thread = int64_t{blockIdx.x} * kIndexThreads + threadIdx.x;
  const int64_t first = rest == 1 ? thread : thread / rest;
  const int64_t r = rest == 1 ? 0 : thread - first * rest;
  wait_for_predecessor();
  if (first >= n) return;
  const int64_t key = keys[first];
  if (key >= beyond) return;
  const auto at = [&](int64_t i) {
    return walks.value.offset(0, order != nullptr ? order[i] : i) + walks.rest.offset(0, r);
  };
  T& to = out[walks.destination.offset(0, key) + walks.rest.offset(1, r)];
  if constexpr (op == IndexWrite::assign) {
    if (first + 1 < n && keys[first + 1] == key) return;
    to = value[at(first)];
  } else {
    if (first > 0 && keys[first - 1] == key) return;
    Compute<T> sum = to;
    for (int64_t i = first; i < n && keys[i] == key; ++i)
      sum = combine<op, Compute<T>>(sum, value[at(i)]);
    to = static_cast<T>(sum);
  }
}

/// out = value where mask.
/// Layout: `walk` gives the offsets of (mask, value, out), in out's memory order. Launch: block
/// 256, a thread an element, the grid covers n. Bound: memory, the mask once, value and out where
/// it is set. Deterministic.
template <class T>
__global__ void __launch_bounds__(kIndexThreads)
    mask_write_kernel(WideIndex<3> walk, const bool* mask, const T* value, T* out, int64_t n) {
  const int64_t i = int64_t{blockIdx.x} * kIndexThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= n) return;
  int64_t at[3];
  walk.offsets(i, at);
  if (mask[at[0]]) out[at[2]] = value[at[1]];
}

template <IndexWrite op, class T>
void launch_write(cuda::Stream stream, const IndexWriteLoops& loops, int64_t n, int64_t beyond,
                  const int64_t* keys, const int64_t* order, const T* value, T* out) {
  const WriteWalks walks{WideIndex<1>(loops.destination), WideIndex<1>(loops.value),
                         WideIndex<2>(loops.rest)};
  const int64_t rest = loops.rest.numel();
  launch_overlapping(stream, {blocks_for(n * rest, kIndexThreads), kIndexThreads},
                     index_write_kernel<op, T>, walks, n, rest, beyond, keys, order, value, out);
}

}  // namespace

template <class T>
void index_read(cuda::Stream stream, const StridedLoop<3>& loop, const IndexedDims& dims,
                const T* x, T* out) {
  const int64_t n = loop.numel();
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, kIndexThreads), kIndexThreads}, index_read_kernel<T>,
                     WideIndex<3>(loop), dims, device_reporter(stream.device), x, out, n);
}

template <class T>
void index_write(cuda::Stream stream, IndexWrite op, const IndexWriteLoops& loops, int64_t n,
                 int64_t beyond, const int64_t* keys, const int64_t* order, const T* value,
                 T* out) {
  if (n == 0 || loops.rest.numel() == 0) return;
  switch (op) {
    case IndexWrite::assign:
      return launch_write<IndexWrite::assign>(stream, loops, n, beyond, keys, order, value, out);
    case IndexWrite::add:
      return launch_write<IndexWrite::add>(stream, loops, n, beyond, keys, order, value, out);
    case IndexWrite::multiply:
      return launch_write<IndexWrite::multiply>(stream, loops, n, beyond, keys, order, value, out);
    case IndexWrite::maximum:
      return launch_write<IndexWrite::maximum>(stream, loops, n, beyond, keys, order, value, out);
    case IndexWrite::minimum:
      return launch_write<IndexWrite::minimum>(stream, loops, n, beyond, keys, order, value, out);
  }
}

template <class T>
void mask_write(cuda::Stream stream, const StridedLoop<3>& loop, const bool* mask, const T* value,
                T* out) {
  const int64_t n = loop.numel();
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, kIndexThreads), kIndexThreads}, mask_write_kernel<T>,
                     WideIndex<3>(loop), mask, value, out, n);
}

template void index_read(cuda::Stream, const StridedLoop<3>&, const IndexedDims&,
                         const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void index_write(cuda::Stream, IndexWrite, const IndexWriteLoops&, int64_t, int64_t,
                          const int64_t*, const int64_t*, const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void mask_write(cuda::Stream, const StridedLoop<3>&, const bool*, const CUTTLE_ELEMENT*,
                         CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
