// The places of flags that are set. See kernels/places.h.
#include "../places.h"

#include "scan_engine.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, … of this folder

using Count = SumScan<int64_t, double>;

constexpr int kThreads = 256;
constexpr int kFlags = kPlacesChunk / kThreads;  // of a thread, neighbours

/// The thread's flags of a chunk, as bits.
__device__ unsigned own_flags(int64_t n, int64_t first, const bool* flags) {
  unsigned set = 0;
  CUTTLE_UNROLL
  for (int i = 0; i < kFlags; ++i)
    if (first + i < n && flags[first + i]) set |= 1u << i;
  return set;
}

/// ends[chunk] = how many flags of the chunk are set.
/// Launch: a block of 256 a chunk of 2,048. Bound: memory, n bytes read. Deterministic.
__global__ void __launch_bounds__(kThreads)
    count_places_kernel(int64_t n, const bool* __restrict__ flags, int64_t* __restrict__ ends) {
  const ThreadGroup<kThreads> group(kThreads);
  const int64_t first = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * kFlags;
  wait_for_predecessor();
  const int count = group.reduce(__popc(own_flags(n, first, flags)), Plus());
  if (threadIdx.x == 0) ends[blockIdx.x] = count;
}

/// out (…, rank): the indices of set flags, behind those of the chunks before.
/// Launch: a block of 256 a chunk. Bound: memory, n bytes read and 8 · rank written for each set
/// flag; a division a dimension for each of these. Deterministic.
__global__ void __launch_bounds__(kThreads, 1)
    list_places_kernel(PlacesShape shape, const bool* __restrict__ flags,
                       const int64_t* __restrict__ ends, int64_t* __restrict__ out) {
  const ThreadGroup<kThreads> group(kThreads);
  const int64_t first = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * kFlags;
  wait_for_predecessor();
  const unsigned set = own_flags(shape.numel(), first, flags);
  auto place = static_cast<int64_t>(exclusive_scan<Count>(__popc(set), group));
  if (blockIdx.x > 0) place += ends[blockIdx.x - 1];
  for (int i = 0; i < kFlags; ++i) {
    if ((set >> i & 1) == 0) continue;
    int64_t rest = first + i;
    for (int d = shape.rank - 1; d > 0; --d) {
      out[place * shape.rank + d] = rest % shape.sizes[d];
      rest /= shape.sizes[d];
    }
    out[place * shape.rank] = rest;
    ++place;
  }
}

}  // namespace

void count_places(cuda::Stream stream, int64_t n, const bool* flags, int64_t* ends) {
  if (n == 0) return;
  const int64_t chunks = places_chunks(n);
  launch_overlapping(stream, {blocks_for(chunks, 1), kThreads}, count_places_kernel, n, flags,
                     ends);
  run_scan(stream, {.length = chunks}, Count{{ends, ends}});
}

void list_places(cuda::Stream stream, const PlacesShape& shape, const bool* flags,
                 const int64_t* ends, int64_t* out) {
  if (shape.numel() == 0) return;
  launch_overlapping(stream, {blocks_for(places_chunks(shape.numel()), 1), kThreads},
                     list_places_kernel, shape, flags, ends, out);
}

}  // namespace cuttle::kernels
