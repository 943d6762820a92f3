// The destinations of elements that are written by index, and their order. See kernels/index.h.
#include <algorithm>
#include <bit>

#include "index_place.cuh"
#include "workspace.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, WideIndex, … of this folder

constexpr int kThreads = 256;
constexpr int kPerThread = 4;
constexpr int kTile = kThreads * kPerThread;
constexpr int kDigitBits = 4;
constexpr int kDigits = 1 << kDigitBits;

/// keys[e] = element e's destination, `beyond` where its index points nowhere.
/// Layout: `walk` gives the offsets (base, index) of e in row-major order. Launch: block 256, a
/// thread an element, the grid covers n. Bound: memory, each index read and each key written once.
/// Deterministic.
__global__ void __launch_bounds__(kThreads)
    index_keys_kernel(WideIndex<2> walk, IndexedDims dims, DeviceReporter reporter, int64_t beyond,
                      int64_t* keys, int64_t n) {
  const int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= n) return;
  int64_t at[2];
  walk.offsets(i, at);
  const bool found = add_indexed_place(dims, reporter, at[1], at[0]);
  keys[i] = found ? at[0] : beyond;
}

__device__ inline int digit_of(int64_t key, int shift) {
  return static_cast<int>(key >> shift) & (kDigits - 1);
}

/// The sum of `mine` over the threads of the block before this one. `sums` is shared memory; all
/// threads of the block call it.
__device__ inline int64_t sum_before(int64_t mine, int64_t* sums) {
  const int t = static_cast<int>(threadIdx.x);
  sums[t] = mine;
  __syncthreads();
  for (int step = 1; step < kThreads; step *= 2) {
    const int64_t other = t >= step ? sums[t - step] : 0;
    __syncthreads();
    sums[t] += other;
    __syncthreads();
  }
  const int64_t before = sums[t] - mine;
  __syncthreads();
  return before;
}

/// counts[digit · blocks + block] = how many keys of the block's tile have that digit.
/// Layout: keys (n), a tile of 1,024 a block. Launch: block 256, a thread four neighbours. Bound:
/// memory, keys once. Deterministic: integers are counted, by atomics in shared memory.
__global__ void __launch_bounds__(kThreads)
    count_digits_kernel(int64_t n, int shift, const int64_t* keys, int64_t* counts) {
  CUTTLE_SHARED(int, found, [kDigits]);
  const int t = static_cast<int>(threadIdx.x);
  if (t < kDigits) found[t] = 0;
  __syncthreads();
  wait_for_predecessor();
  for (int k = 0; k < kPerThread; ++k) {
    const int64_t i = int64_t{blockIdx.x} * kTile + k * kThreads + t;
    if (i < n) atomicAdd(&found[digit_of(keys[i], shift)], 1);
  }
  __syncthreads();
  if (t < kDigits) counts[int64_t{t} * gridDim.x + blockIdx.x] = found[t];
}

/// Replaces each count by the sum of those before it.
/// Layout: counts (size). Launch: one block of 256, a thread an equal part of the array. Bound:
/// latency; the array is a hundredth of the keys. Deterministic.
__global__ void __launch_bounds__(kThreads) sum_counts_kernel(int64_t size, int64_t* counts) {
  CUTTLE_SHARED(int64_t, sums, [kThreads]);
  const int64_t part = (size + kThreads - 1) / kThreads, begin = threadIdx.x * part;
  const int64_t end = begin + part < size ? begin + part : size;
  wait_for_predecessor();
  int64_t sum = 0;
  for (int64_t i = begin; i < end; ++i) sum += counts[i];
  int64_t before = sum_before(sum, sums);
  for (int64_t i = begin; i < end; ++i) {
    const int64_t count = counts[i];
    counts[i] = before;
    before += count;
  }
}

/// Moves keys and their order to where their digit's turn comes.
/// Layout: as count_digits_kernel; `starts` is what sum_counts_kernel made of its counts; `order`
/// nullptr stands for 0, 1, 2, …. Launch: block 256, a thread four neighbours, so that equal digits
/// keep their order: each thread counts its digits in a column of its own, and a scan over digits,
/// then threads, ranks them. Bound: memory, keys and order once in and once out, scattered. Shared
/// memory: 18 KB. Deterministic.
__global__ void __launch_bounds__(kThreads)
    move_digits_kernel(int64_t n, int shift, const int64_t* keys, const int64_t* order,
                       const int64_t* starts, int64_t* keys_out, int64_t* order_out) {
  CUTTLE_SHARED(int, ranks, [kDigits * kThreads]);  // digit-major
  CUTTLE_SHARED(int64_t, sums, [kThreads]);
  const int t = static_cast<int>(threadIdx.x);
  const int64_t first = int64_t{blockIdx.x} * kTile + t * kPerThread;
  for (int d = 0; d < kDigits; ++d) ranks[d * kThreads + t] = 0;
  wait_for_predecessor();
  int64_t mine[kPerThread];
  for (int k = 0; k < kPerThread; ++k) {
    if (first + k >= n) continue;
    mine[k] = keys[first + k];
    ++ranks[digit_of(mine[k], shift) * kThreads + t];
  }
  __syncthreads();
  int sum = 0;
  for (int j = 0; j < kDigits; ++j) sum += ranks[t * kDigits + j];
  int before = static_cast<int>(sum_before(sum, sums));
  for (int j = 0; j < kDigits; ++j) {
    const int count = ranks[t * kDigits + j];
    ranks[t * kDigits + j] = before;
    before += count;
  }
  __syncthreads();
  int start_of[kPerThread];  // of the key's digit within the tile, read before ranks move on
  for (int k = 0; k < kPerThread; ++k)
    start_of[k] = first + k < n ? ranks[digit_of(mine[k], shift) * kThreads] : 0;
  __syncthreads();
  for (int k = 0; k < kPerThread; ++k) {
    if (first + k >= n) continue;
    const int digit = digit_of(mine[k], shift);
    const int rank = ranks[digit * kThreads + t]++ - start_of[k];
    const int64_t to = starts[int64_t{digit} * gridDim.x + blockIdx.x] + rank;
    keys_out[to] = mine[k];
    order_out[to] = order != nullptr ? order[first + k] : first + k;
  }
}

}  // namespace

void index_keys(cuda::Stream stream, const StridedLoop<2>& loop, const IndexedDims& dims,
                int64_t beyond, int64_t* keys) {
  const int64_t n = loop.numel();
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, kThreads), kThreads}, index_keys_kernel,
                     WideIndex<2>(loop), dims, device_reporter(stream.device), beyond, keys, n);
}

// Digit by digit from the lowest (radix sort). The passes are even in number, so that the last one
// ends in the caller's arrays.
void index_sort(cuda::Stream stream, int64_t n, int64_t beyond, int64_t* keys, int64_t* order) {
  if (n == 0) return;
  const unsigned blocks = blocks_for(n, kTile);
  StreamLease lease(stream);
  int64_t* const other_keys = lease.scratch<int64_t>(
      static_cast<size_t>(2 * n + kDigits * int64_t{blocks}) * sizeof(int64_t));
  int64_t* const other_order = other_keys + n;
  int64_t* const counts = other_order + n;
  const int bits = std::bit_width(static_cast<uint64_t>(beyond));
  const int passes = (bits + 2 * kDigitBits - 1) / (2 * kDigitBits) * 2;
  for (int pass = 0; pass < std::max(passes, 2); ++pass) {
    const bool back = pass % 2 == 1;
    const int shift = pass * kDigitBits;
    int64_t* const from = back ? other_keys : keys;
    launch_overlapping(stream, {blocks, kThreads}, count_digits_kernel, n, shift, from, counts);
    launch_overlapping(stream, {1, kThreads}, sum_counts_kernel, kDigits * int64_t{blocks}, counts);
    launch_overlapping(stream, {blocks, kThreads}, move_digits_kernel, n, shift, from,
                       pass == 0 ? nullptr
                       : back    ? other_order
                                 : order,
                       counts, back ? keys : other_keys, back ? order : other_order);
  }
}

}  // namespace cuttle::kernels
