// Histograms. See kernels/histogram.h. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake).
#include "../histogram.h"

#include <algorithm>

#include "gpu.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, … of this folder

constexpr int kThreads = 256;
/// Bins that a block counts in shared memory (32 KiB).
constexpr int kSharedBins = 8192;
/// Elements that are worth a block's counters, and the most blocks: whole GPUs, some times over.
constexpr int64_t kBlockElements = 16384, kMostBlocks = 1024;

/// Adds to counts[b] how many of x's n elements lie in bin b.
/// Launch: blocks of 256 that stride over the elements. With kShared each block counts in shared
/// memory and adds what it found at its end. Bound: memory, x once; atomic additions where most
/// elements share a bin. Deterministic: integers are added, whose order does not matter.
template <class T, bool kShared>
__global__ void __launch_bounds__(kThreads)
    histogram_kernel(int64_t n, Bins<Compute<T>> bins, const T* __restrict__ x,
                     unsigned long long* counts) {
  CUTTLE_SHARED(unsigned, own, [kShared ? kSharedBins : 1]);
  const int64_t stride = int64_t{gridDim.x} * kThreads;
  if constexpr (kShared) {
    for (int64_t b = threadIdx.x; b < bins.bins; b += kThreads) own[b] = 0;
    __syncthreads();
  }
  wait_for_predecessor();
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < n; i += stride) {
    const int64_t bin = bins.of(x[i]);
    if (bin < 0) continue;
    if constexpr (kShared)
      atomicAdd(&own[bin], 1u);
    else
      atomicAdd(&counts[bin], 1ull);
  }
  if constexpr (kShared) {
    __syncthreads();
    for (int64_t b = threadIdx.x; b < bins.bins; b += kThreads)
      if (own[b] > 0) atomicAdd(&counts[b], static_cast<unsigned long long>(own[b]));
  }
}

}  // namespace

template <class T>
void histogram(cuda::Stream stream, int64_t n, const Bins<Compute<T>>& bins, const T* x,
               int64_t* counts) {
  if (n == 0) return;
  const int64_t blocks = std::min(kMostBlocks, (n + kBlockElements - 1) / kBlockElements);
  const auto kernel =
      bins.bins <= kSharedBins ? histogram_kernel<T, true> : histogram_kernel<T, false>;
  launch_overlapping(stream, {blocks_for(blocks, 1), kThreads}, kernel, n, bins, x,
                     reinterpret_cast<unsigned long long*>(counts));
}

template void histogram(cuda::Stream, int64_t, const Bins<Compute<CUTTLE_ELEMENT>>&,
                        const CUTTLE_ELEMENT*, int64_t*);

}  // namespace cuttle::kernels
