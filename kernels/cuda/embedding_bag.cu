// Bags of rows of a table, summed, averaged or their maxima. See kernels/embedding_bag.h.
#include "../embedding_bag.h"

#include "device_report.cuh"
#include "group_reduce.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, … of this folder

constexpr int kThreads = 256;

/// Reports what is_offset refuses of a bag's begin and end, and an index beyond the table.
__device__ inline bool is_bag(const BagShape& s, const DeviceReporter& reporter, int64_t bag) {
  for (int64_t b = bag; b <= bag + 1; ++b) {
    if (s.offsets == nullptr || s.is_offset(b)) continue;
    report(reporter, ReportKind::index_out_of_range, s.begin(b), 0, s.elements,
           reinterpret_cast<intptr_t>(kBagOffsets));
    return false;
  }
  return true;
}
__device__ inline bool is_row(const BagShape& s, const DeviceReporter& reporter, int64_t index) {
  if (index >= 0 && index < s.rows) return true;
  report(reporter, ReportKind::index_out_of_range, index, 0, s.rows,
         reinterpret_cast<intptr_t>(kBagIndices));
  return false;
}

/// y = each bag's sum, mean or maximum, feature by feature; `found` as in embedding_bag.h.
/// Layout: weight (rows, features), y (bags, features), dense. Launch: block 256, a thread a
/// feature of a bag, features fastest, so that a warp reads neighbours of one row; the grid covers
/// bags · features. Bound: memory, each element's row and y once; indices come from the caches.
/// Numerics: in the order of the elements, in Compute<T>. Deterministic.
template <BagReduction reduction, class T>
__global__ void __launch_bounds__(kThreads)
    embedding_bag_forward_kernel(BagShape s, DeviceReporter reporter,
                                 const int64_t* __restrict__ indices, const T* __restrict__ samples,
                                 const T* __restrict__ weight, T* __restrict__ y,
                                 int64_t* __restrict__ found) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  const int64_t bag = at / s.features, feature = at - bag * s.features;
  wait_for_predecessor();
  if (bag >= s.bags) return;
  bool good = is_bag(s, reporter, bag);
  Compute<T> result = 0;
  int64_t count = 0, largest = -1;
  for (int64_t e = s.begin(bag), end = s.begin(bag + 1); good && e < end; ++e) {
    const int64_t index = indices[e];
    good = is_row(s, reporter, index);
    if (!good || index == s.padding) continue;
    const auto value = static_cast<Compute<T>>(weight[index * s.features + feature]);
    ++count;
    if constexpr (reduction == BagReduction::max) {
      if (largest >= 0 && !gives_way(result, value)) continue;
      result = value, largest = e;
    } else {
      result += samples != nullptr ? static_cast<Compute<T>>(samples[e]) * value : value;
    }
  }
  if constexpr (reduction == BagReduction::mean) result *= bag_share<T>(count);
  y[at] = static_cast<T>(good ? result : kNaN<Compute<T>>);
  if (reduction == BagReduction::max) found[at] = largest;
  if (reduction == BagReduction::mean && feature == 0) found[bag] = count;
}

/// keys[e] = the row that element e adds to, bags[e] = its bag.
/// Layout: indices, keys and bags (elements). Launch: block 256, a thread an element, the grid
/// covers them. Bound: memory, three arrays once; the search among offsets stays in the caches.
/// Deterministic.
__global__ void __launch_bounds__(kThreads)
    embedding_bag_elements_kernel(BagShape s, const int64_t* __restrict__ indices,
                                  int64_t* __restrict__ keys, int64_t* __restrict__ bags) {
  const int64_t e = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (e >= s.elements) return;
  const int64_t bag = s.bag_of(e);
  keys[e] = s.key(bag, indices[e]);
  bags[e] = bag < 0 ? 0 : bag;
}

/// dweight[key] = the sum over the key's elements of their bags' gradients, times their scales.
/// Layout: keys, order and bags (elements), dy (bags, features), dweight (rows, features), dense.
/// Launch: block 256, a thread a feature of a key, features fastest, the grid covers elements ·
/// features; the threads of a run's first key do the whole run, the others nothing. Bound: memory,
/// a row of dy an element; a row that very many elements name is serial, and bound by latency.
/// Numerics: in the order of the elements, in Compute<T>. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    embedding_bag_backward_kernel(BagShape s, BagGradient<T> g, T* __restrict__ dweight) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  const int64_t first = at / s.features, feature = at - first * s.features;
  wait_for_predecessor();
  if (first >= s.elements) return;
  const int64_t key = g.keys[first];
  if (key >= s.rows || (first > 0 && g.keys[first - 1] == key)) return;
  Compute<T> sum = 0;
  int64_t k = first;
  for (; k < s.elements && g.keys[k] == key; ++k) {
    const int64_t e = g.order[k], from = g.bags[e] * s.features + feature;
    const auto dy = static_cast<Compute<T>>(g.dy[from]);
    if (s.reduction == BagReduction::max)
      sum += g.found[from] == e ? dy : Compute<T>(0);
    else
      sum += g.scale(s, e) * dy;
  }
  const Compute<T> share = g.by_frequency ? bag_share<T>(k - first) : Compute<T>(1);
  dweight[key * s.features + feature] = static_cast<T>(sum * share);
}

/// dsamples[e] = Σ dy[bag of e] · weight[key of e].
/// Layout: keys and bags (elements), weight (rows, features), dy (bags, features), dense. Launch:
/// block 256, a warp an element, the grid covers them. Bound: memory, a row of weight and one of dy
/// an element. Numerics: each lane's sum in Compute<T>, lanes by halves. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    embedding_bag_backward_samples_kernel(BagShape s, const int64_t* __restrict__ keys,
                                          const int64_t* __restrict__ bags,
                                          const T* __restrict__ weight, const T* __restrict__ dy,
                                          T* __restrict__ dsamples) {
  const ThreadGroup<kThreads> group(32);
  const int64_t e = int64_t{blockIdx.x} * group.groups() + group.group;
  wait_for_predecessor();
  const int64_t key = e < s.elements ? keys[e] : s.rows;  // no early return: the warp meets
  Compute<T> sum = 0;
  if (key < s.rows)
    for (int64_t i = group.lane; i < s.features; i += 32)
      sum += static_cast<Compute<T>>(weight[key * s.features + i]) *
             static_cast<Compute<T>>(dy[bags[e] * s.features + i]);
  sum = group.reduce(sum, Plus());
  if (e < s.elements && group.lane == 0) dsamples[e] = static_cast<T>(sum);
}

}  // namespace

template <class T>
void embedding_bag_forward(cuda::Stream stream, const BagShape& s, const int64_t* indices,
                           const T* samples, const T* weight, T* y, int64_t* found) {
  if (s.bags * s.features == 0) return;
  const auto run = [&]<BagReduction reduction>() {
    launch_overlapping(stream, {blocks_for(s.bags * s.features, kThreads), kThreads},
                       embedding_bag_forward_kernel<reduction, T>, s,
                       device_reporter(stream.device), indices, samples, weight, y, found);
  };
  switch (s.reduction) {
    case BagReduction::sum:
      return run.template operator()<BagReduction::sum>();
    case BagReduction::mean:
      return run.template operator()<BagReduction::mean>();
    case BagReduction::max:
      return run.template operator()<BagReduction::max>();
  }
}

void embedding_bag_elements(cuda::Stream stream, const BagShape& s, const int64_t* indices,
                            int64_t* keys, int64_t* bags) {
  if (s.elements == 0) return;
  launch_overlapping(stream, {blocks_for(s.elements, kThreads), kThreads},
                     embedding_bag_elements_kernel, s, indices, keys, bags);
}

template <class T>
void embedding_bag_backward(cuda::Stream stream, const BagShape& s, const BagGradient<T>& g,
                            T* dweight) {
  if (s.elements * s.features == 0) return;
  launch_overlapping(stream, {blocks_for(s.elements * s.features, kThreads), kThreads},
                     embedding_bag_backward_kernel<T>, s, g, dweight);
}

template <class T>
void embedding_bag_backward_samples(cuda::Stream stream, const BagShape& s, const int64_t* keys,
                                    const int64_t* bags, const T* weight, const T* dy,
                                    T* dsamples) {
  if (s.elements == 0) return;
  launch_overlapping(stream, {blocks_for(s.elements, kThreads / 32), kThreads},
                     embedding_bag_backward_samples_kernel<T>, s, keys, bags, weight, dy, dsamples);
}

#define CUTTLE_EMBEDDING_BAG(T)                                                                   \
  template void embedding_bag_forward(cuda::Stream, const BagShape&, const int64_t*, const T*,    \
                                      const T*, T*, int64_t*);                                    \
  template void embedding_bag_backward(cuda::Stream, const BagShape&, const BagGradient<T>&, T*); \
  template void embedding_bag_backward_samples(cuda::Stream, const BagShape&, const int64_t*,     \
                                               const int64_t*, const T*, const T*, T*);
CUTTLE_EMBEDDING_BAG(float)
CUTTLE_EMBEDDING_BAG(double)
CUTTLE_EMBEDDING_BAG(Half)
CUTTLE_EMBEDDING_BAG(BFloat16)

}  // namespace cuttle::kernels
