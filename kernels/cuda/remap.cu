// Elements moved by index maps. See kernels/remap.h.
#include "../remap.h"

#include <type_traits>

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kThreads = 256;
constexpr int kPerThread = 4;

/// A position in row-major order taken apart, the innermost dimension first: fast below 2³¹
/// elements, by 64-bit division beyond.
struct Sizes {
  Sizes(const Remap& map, bool of_result) {
    small = (of_result ? map.out_numel() : map.numel()) <= kMaxIndex;
    for (int d = 0; d < map.rank; ++d) {
      size[d] = of_result ? map.dims[d].out_size : map.dims[d].size;
      if (small) fast[d] = FastDivisor(size[d]);
    }
  }
  /// Replaces the position by the outer dimensions' and returns the index along d.
  __device__ int64_t split(int d, int64_t& position) const {
    if (small) {
      uint32_t rest = static_cast<uint32_t>(position);
      const uint32_t index = fast[d].split(rest);
      position = rest;
      return index;
    }
    const int64_t index = position % size[d];
    position /= size[d];
    return index;
  }

  bool small;
  FastDivisor fast[kMaxRank];
  int64_t size[kMaxRank];
};

/// −1: none.
__device__ int64_t source(const RemapDim& dim, int64_t i) {
  const int64_t at = i + dim.offset, last = dim.size - 1;
  switch (dim.map) {
    case IndexMap::window:
      return at >= 0 && at <= last ? at : -1;
    case IndexMap::clamp:
      return at < 0 ? 0 : at > last ? last : at;
    case IndexMap::wrap:
      return at < 0 ? at + dim.size : at > last ? at - dim.size : at;
    case IndexMap::mirror:
      return at < 0 ? -at : at > last ? 2 * last - at : at;
    case IndexMap::reverse:
      return last - i;
  }
  return -1;
}

__device__ bool is_in_band(const Remap& map, int64_t at_row, int64_t at_column) {
  const int64_t place = at_column - at_row;
  return map.row < 0 || (place >= map.low && place <= map.high);
}

/// The indices of the result that read index s, in rising order: a run of neighbours where the map
/// clamps, else at most three.
struct Readers {
  Readers() = default;
  __device__ Readers(const RemapDim& dim, int64_t s) {
    const int64_t last = dim.size - 1, i = s - dim.offset;
    switch (dim.map) {
      case IndexMap::window:
        add(dim, i);
        break;
      case IndexMap::clamp:  // all that lie before the first element read it, and so behind the
                             // last
        first = s == 0 || i < 0 ? 0 : i;
        count = (s == last || i >= dim.out_size ? dim.out_size : i + 1) - first;
        if (count < 0) count = 0;
        is_run = true;
        break;
      case IndexMap::wrap:
        add(dim, i - dim.size);
        add(dim, i);
        add(dim, i + dim.size);
        break;
      case IndexMap::mirror:
        if (s > 0) add(dim, -s - dim.offset);
        add(dim, i);
        if (s < last) add(dim, 2 * last - s - dim.offset);
        break;
      case IndexMap::reverse:
        add(dim, last - s);
        break;
    }
  }
  __device__ int64_t nth(int64_t k) const {
    if (is_run) return first + k;
    return k == 0 ? first : k == 1 ? second : third;
  }

  int64_t count = 0;

 private:
  __device__ void add(const RemapDim& dim, int64_t i) {
    if (i < 0 || i >= dim.out_size) return;
    if (count == 0) first = i;
    if (count == 1) second = i;
    if (count == 2) third = i;
    ++count;
  }

  int64_t first = 0, second = 0, third = 0;
  bool is_run = false;
};

/// out[i…] = x[s…], or `value`.
/// Layout: `map` gives sizes, strides and which index reads which; written in memory order.
/// Launch: block 256, each thread four elements a block's width apart, so that neighbours fall to
/// neighbouring threads; the grid covers n. Bound: memory where the innermost map keeps neighbours
/// together, about 12 integer operations a dimension and element. Deterministic: elements are
/// moved.
template <class T>
__global__ void __launch_bounds__(kThreads)
    remap_kernel(Remap map, Sizes sizes, int64_t n, const T* x, T value, T* out) {
  const int64_t first = int64_t{blockIdx.x} * (kPerThread * kThreads) + threadIdx.x;
  wait_for_predecessor();
  CUTTLE_UNROLL
  for (int k = 0; k < kPerThread; ++k) {
    int64_t rest = first + k * kThreads;
    if (rest >= n) continue;
    int64_t from = 0, to = 0, at_row = 0, at_column = 0;
    bool has_source = true;
    CUTTLE_UNROLL
    for (int d = kMaxRank - 1; d >= 0; --d) {
      if (d >= map.rank) continue;
      const int64_t i = d > 0 ? sizes.split(d, rest) : rest;
      const int64_t s = source(map.dims[d], i);
      has_source = has_source && s >= 0;
      from += s * map.dims[d].stride;
      to += i * map.dims[d].out_stride;
      if (d == map.row) at_row = i;
      if (d == map.column) at_column = i;
    }
    out[to] = has_source && is_in_band(map, at_row, at_column) ? x[from] : value;
  }
}

/// dx[s…] = Σ dy[i…] over the elements that read s, in rising order.
/// Layout: as above, the other way round. Launch: block 256, a thread an element of dx, the grid
/// covers n. Bound: memory; where a thread has many readers (the edges of a replicated padding) the
/// longest run. Numerics: added in float (double for double). Deterministic: each sum is one
/// thread's.
template <class T>
__global__ void __launch_bounds__(kThreads)
    remap_backward_kernel(Remap map, Sizes sizes, int64_t n, const T* dy, T* dx) {
  int64_t rest = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (rest >= n) return;
  Readers readers[kMaxRank];
  int64_t to = 0, terms = 1;
  CUTTLE_UNROLL
  for (int d = kMaxRank - 1; d >= 0; --d) {
    if (d >= map.rank) continue;
    const int64_t s = d > 0 ? sizes.split(d, rest) : rest;
    readers[d] = Readers(map.dims[d], s);
    to += s * map.dims[d].stride;
    terms *= readers[d].count;
  }
  std::conditional_t<sizeof(T) == 8, double, float> sum = 0;
  for (int64_t term = 0; term < terms; ++term) {
    int64_t left = term, from = 0, at_row = 0, at_column = 0;
    CUTTLE_UNROLL
    for (int d = kMaxRank - 1; d >= 0; --d) {
      if (d >= map.rank) continue;
      const int64_t count = readers[d].count;
      const int64_t i = readers[d].nth(count == 1 ? 0 : left % count);
      if (count != 1) left /= count;
      from += i * map.dims[d].out_stride;
      if (d == map.row) at_row = i;
      if (d == map.column) at_column = i;
    }
    if (is_in_band(map, at_row, at_column)) sum += static_cast<decltype(sum)>(dy[from]);
  }
  dx[to] = static_cast<T>(sum);
}

}  // namespace

template <class T>
void remap(cuda::Stream stream, const Remap& map, const T* x, T value, T* out) {
  const int64_t n = map.out_numel();
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, kPerThread * kThreads), kThreads}, remap_kernel<T>, map,
                     Sizes(map, true), n, x, value, out);
}

template <class T>
void remap_backward(cuda::Stream stream, const Remap& map, const T* dy, T* dx) {
  const int64_t n = map.numel();
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, kThreads), kThreads}, remap_backward_kernel<T>, map,
                     Sizes(map, false), n, dy, dx);
}

template void remap(cuda::Stream, const Remap&, const uint8_t*, uint8_t, uint8_t*);
template void remap(cuda::Stream, const Remap&, const uint16_t*, uint16_t, uint16_t*);
template void remap(cuda::Stream, const Remap&, const uint32_t*, uint32_t, uint32_t*);
template void remap(cuda::Stream, const Remap&, const uint64_t*, uint64_t, uint64_t*);
template void remap_backward(cuda::Stream, const Remap&, const float*, float*);
template void remap_backward(cuda::Stream, const Remap&, const double*, double*);
template void remap_backward(cuda::Stream, const Remap&, const Half*, Half*);
template void remap_backward(cuda::Stream, const Remap&, const BFloat16*, BFloat16*);

}  // namespace cuttle::kernels
