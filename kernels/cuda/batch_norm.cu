// Batch normalisation with given statistics, and its gradient. See kernels/batch_norm.h.
#include "../batch_norm.h"

#include "norm_walk.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ChannelWalk, … of this folder

/// One more batch in the running statistics of a channel.
template <class T>
__device__ void keep_running(const RunningStatistics<T>& running, const NormTerms<T>& terms,
                             int64_t count, int64_t c) {
  const T factor = running.steps != nullptr ? 1 / static_cast<T>(*running.steps)
                                            : static_cast<T>(running.momentum);
  const T unbiased = static_cast<T>(count) / static_cast<T>(count - 1);
  running.mean[c] = moved(running.mean[c], terms.mean[c], factor);
  running.variance[c] = moved(running.variance[c], terms.spread[c] * unbiased, factor);
}

/// y = (x − mean) · rstd · weight + bias, with relu cut off at 0; and the running statistics, by
/// the first thread of each channel. Layout: x, y (outer, channels, inner). Launch: as in
/// norm_walk.cuh. Bound: memory, x and y once. Deterministic.
template <class T, int V>
__global__ void __launch_bounds__(kReduceThreads)
    batch_norm_forward_kernel(ChannelWalk walk, int64_t count, NormTerms<T> terms,
                              RunningStatistics<T> running, const T* __restrict__ x,
                              T* __restrict__ y) {
  const ChannelShare<V> mine(walk);
  wait_for_predecessor();
  if (!mine.present) return;
  ChannelTerms<T> known[V];
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v)
    known[v] = ChannelTerms<T>(terms, mine.channel_of(v), mine.channel_of(v));
  if (running.mean != nullptr && blockIdx.y == 0 && mine.lane == 0)
    for (int v = 0; v < (walk.columns ? V : 1); ++v)
      keep_running(running, terms, count, mine.channel_of(v));
  mine.template each<4>({x}, [&](const Pack<T, V>(&packs)[1], int64_t at, int64_t) {
    Pack<T, V> result;
    CUTTLE_UNROLL
    for (int v = 0; v < V; ++v) {
      const T value = known[v].value(packs[0].at[v]);
      result.at[v] = terms.relu ? math::relu(value) : value;
    }
    store_pack<V>(y + at, result);
  });
}

/// dx = scale · (g − mean of g − x̂ · mean of g · x̂), or scale · g.
/// Layout, launch as above. Bound: memory, x and dy read and dx written once. Deterministic.
template <class T, int V, bool kRelu>
__global__ void __launch_bounds__(kReduceThreads, 2)
    batch_norm_backward_kernel(ChannelWalk walk, T share, NormTerms<T> terms,
                               const T* __restrict__ x, const T* __restrict__ dy,
                               const T* __restrict__ dweight, const T* __restrict__ dbias,
                               T* __restrict__ dx) {
  const ChannelShare<V> mine(walk);
  wait_for_predecessor();
  if (!mine.present) return;
  const bool of_batch = dweight != nullptr;
  ChannelTerms<T> known[V];
  BatchGradient<T> shared[V];
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v) {
    const int64_t c = mine.channel_of(v);
    known[v] = ChannelTerms<T>(terms, c, c);
    if (of_batch) shared[v] = BatchGradient<T>(dweight, dbias, c, share);
  }
  mine.template each<2>({x, dy}, [&](const Pack<T, V>(&packs)[2], int64_t at, int64_t) {
    Pack<T, V> result;
    CUTTLE_UNROLL
    for (int v = 0; v < V; ++v) {
      const T value = packs[0].at[v];
      T g = known[v].template passed<kRelu>(value, packs[1].at[v]);
      if (of_batch) g -= shared[v].mean + known[v].normal(value) * shared[v].slope;
      result.at[v] = known[v].scale * g;
    }
    store_pack<V>(dx + at, result);
  });
}

}  // namespace

template <class T>
void batch_norm_forward(cuda::Stream stream, const NormShape& s, const NormTerms<T>& terms,
                        const RunningStatistics<T>& running, const T* x, T* y) {
  if (s.outer * s.channels * s.inner == 0) return;
  with_channel_packs<T>(
      s,
      [&]<int V>() {
        const ChannelWalk walk(s, V);
        launch_overlapping(stream, walk.launch_shape(), batch_norm_forward_kernel<T, V>, walk,
                           s.count(), terms, running, x, y);
      },
      x, y);
}

template <class T>
void batch_norm_backward(cuda::Stream stream, const NormShape& s, const NormTerms<T>& terms,
                         const T* x, const T* dy, const T* dweight, const T* dbias, T* dx) {
  if (s.outer * s.channels * s.inner == 0) return;
  with_channel_packs<T>(
      s,
      [&]<int V>() {
        const ChannelWalk walk(s, V);
        const auto kernel = terms.relu ? batch_norm_backward_kernel<T, V, true>
                                       : batch_norm_backward_kernel<T, V, false>;
        launch_overlapping(stream, walk.launch_shape(), kernel, walk, 1 / static_cast<T>(s.count()),
                           terms, x, dy, dweight, dbias, dx);
      },
      x, dy, dx);
}

#define CUTTLE_BATCH_NORM(T)                                                                       \
  template void batch_norm_forward(cuda::Stream, const NormShape&, const NormTerms<T>&,            \
                                   const RunningStatistics<T>&, const T*, T*);                     \
  template void batch_norm_backward(cuda::Stream, const NormShape&, const NormTerms<T>&, const T*, \
                                    const T*, const T*, const T*, T*);
CUTTLE_BATCH_NORM(float)
CUTTLE_BATCH_NORM(double)

}  // namespace cuttle::kernels
