// Norm, scaling and interpolation of many arrays in one launch each. See kernels/multi_tensor.h.
#include "../multi_tensor.h"

#include "../formulas_choices.h"
#include "../multi_norm_sum.h"
#include "group_reduce.cuh"
#include "launch_table.cuh"
#include "workspace.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, … of this folder

constexpr int kThreads = 256;
constexpr int kPerThread = 16;  // elements
constexpr int64_t kChunk = kThreads * kPerThread;

/// Where the blocks of all launches leave their sums, and which of the launches this is.
struct NormPartials {
  double* sums;
  unsigned* arrived;
  int before;  // blocks of earlier launches
  bool last;
};

/// A chunk's sum in double for each block; the last block of the last launch adds them up, in their
/// order by lanes, and writes the norm.
/// Launch: block 256, grid a block a chunk of 4,096 elements of one array.
/// Bound: memory, each element read once. Deterministic.
template <class T, int kCapacity>
__global__ void __launch_bounds__(kThreads)
    multi_norm_kernel(NormSum norm, NormPartials partials, T* total,
                      LaunchTable<ArrayOf<const T>, kCapacity> table) {
  const int block = static_cast<int>(blockIdx.x), found = table.find(block);
  const ArrayOf<const T>& x = table.entries[found];
  const int64_t begin = int64_t{block - table.first_block[found]} * kChunk;
  wait_for_predecessor();
  const auto join = [norm](double a, double b) { return norm.join(a, b); };
  double sum = 0;
  for (int k = 0; k < kPerThread; ++k) {
    const int64_t i = begin + k * kThreads + static_cast<int>(threadIdx.x);
    if (i < x.numel) sum = norm.join(sum, norm.of(static_cast<double>(x.data[i])));
  }
  const ThreadGroup<kThreads> all(kThreads);
  sum = all.reduce(sum, join);
  if (threadIdx.x == 0) partials.sums[partials.before + block] = sum;
  if (!arrives_last(partials.arrived, gridDim.x) || !partials.last) return;
  const int count = partials.before + static_cast<int>(gridDim.x);
  sum = 0;
  for (int i = threadIdx.x; i < count; i += kThreads) sum = norm.join(sum, partials.sums[i]);
  sum = all.reduce(sum, join);
  if (threadIdx.x == 0) *total = static_cast<T>(norm.norm(sum));
}

/// Launch as above. Bound: memory, each element read and written once.
template <class T, int kCapacity>
__global__ void __launch_bounds__(kThreads)
    multi_scale_kernel(const T* factor, float* found_bad,
                       LaunchTable<ArrayOf<T>, kCapacity> table) {
  const int block = static_cast<int>(blockIdx.x), found = table.find(block);
  const ArrayOf<T>& x = table.entries[found];
  const int64_t begin = int64_t{block - table.first_block[found]} * kChunk;
  wait_for_predecessor();
  const T by = *factor;
  bool finite = true;
  for (int k = 0; k < kPerThread; ++k) {
    const int64_t i = begin + k * kThreads + static_cast<int>(threadIdx.x);
    if (i >= x.numel) continue;
    const T value = x.data[i];
    finite = finite && value - value == 0;  // NaN for what is not
    x.data[i] = value * by;
  }
  if (!finite && found_bad != nullptr) atomicExch(found_bad, 1.0f);
}

/// Launch as above. Bound: memory, each element of both arrays read, and one written.
template <class T, int kCapacity>
__global__ void __launch_bounds__(kThreads)
    multi_lerp_kernel(const T* weight, LaunchTable<PairOf<T>, kCapacity> table) {
  const int block = static_cast<int>(blockIdx.x), found = table.find(block);
  const PairOf<T>& pair = table.entries[found];
  const int64_t begin = int64_t{block - table.first_block[found]} * kChunk;
  wait_for_predecessor();
  const T by = *weight;
  for (int k = 0; k < kPerThread; ++k) {
    const int64_t i = begin + k * kThreads + static_cast<int>(threadIdx.x);
    if (i >= pair.numel) continue;
    pair.data[i] = formulas::Lerp::value(pair.data[i], pair.other[i], by);
  }
}

}  // namespace

template <class T>
void multi_norm(cuda::Stream stream, double p, std::span<const ArrayOf<const T>> arrays, T* total) {
  int64_t blocks = 0;
  for (const ArrayOf<const T>& array : arrays)
    blocks += std::max<int64_t>(1, (array.numel + kChunk - 1) / kChunk);
  StreamLease lease(stream);
  NormPartials partials = {lease.scratch<double>(static_cast<size_t>(blocks) * sizeof(double)),
                           lease.counters(1), 0, false};
  const auto as_it_is = [](const ArrayOf<const T>& array) { return array; };
  constexpr int kOthers = sizeof(NormSum) + sizeof(NormPartials) + sizeof(T*);
  for_each_table<ArrayOf<const T>, kOthers>(
      arrays, kChunk, as_it_is,
      [&]<int kCapacity>(const LaunchTable<ArrayOf<const T>, kCapacity>& table) {
        partials.last = partials.before + table.blocks() == static_cast<unsigned>(blocks);
        launch_overlapping(stream, {table.blocks(), kThreads}, multi_norm_kernel<T, kCapacity>,
                           NormSum{p}, partials, total, table);
        partials.before += static_cast<int>(table.blocks());
      });
}

template <class T>
void multi_scale(cuda::Stream stream, const T* factor, std::span<const ArrayOf<T>> arrays,
                 float* found) {
  const auto as_it_is = [](const ArrayOf<T>& array) { return array; };
  for_each_table<ArrayOf<T>, 2 * sizeof(void*)>(
      arrays, kChunk, as_it_is,
      [&]<int kCapacity>(const LaunchTable<ArrayOf<T>, kCapacity>& table) {
        launch_overlapping(stream, {table.blocks(), kThreads}, multi_scale_kernel<T, kCapacity>,
                           factor, found, table);
      });
}

template <class T>
void multi_lerp(cuda::Stream stream, const T* weight, std::span<const PairOf<T>> pairs) {
  const auto as_it_is = [](const PairOf<T>& pair) { return pair; };
  for_each_table<PairOf<T>, sizeof(void*)>(
      pairs, kChunk, as_it_is, [&]<int kCapacity>(const LaunchTable<PairOf<T>, kCapacity>& table) {
        launch_overlapping(stream, {table.blocks(), kThreads}, multi_lerp_kernel<T, kCapacity>,
                           weight, table);
      });
}

#define CUTTLE_INSTANTIATE(T)                                                                \
  template void multi_norm<T>(cuda::Stream, double, std::span<const ArrayOf<const T>>, T*);  \
  template void multi_scale<T>(cuda::Stream, const T*, std::span<const ArrayOf<T>>, float*); \
  template void multi_lerp<T>(cuda::Stream, const T*, std::span<const PairOf<T>>);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
