// The sums that are the gradients of a normalisation's weight and bias. See kernels/norm.h.
#include "../norm.h"

#include "norm_walk.cuh"
#include "workspace.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ChannelWalk, … of this folder

/// The two sums of a channel, for combine_lanes and join_partials.
template <class T>
struct AffineSums {
  struct alignas(2 * sizeof(T)) Partial {
    T weight, bias;
  };
  __device__ Partial none() const { return {0, 0}; }
  __device__ Partial combine(const Partial& a, const Partial& b) const {
    return {a.weight + b.weight, a.bias + b.bias};
  }
};

template <class T>
struct AffineGradients {
  T *dweight, *dbias;
};

/// A thread's sums over its packs. kShared: its channels' terms stay in registers, else each outer
/// slice has its own.
template <bool kShared, bool kRelu, class T, int V>
__device__ void sum_affine(const ChannelShare<V>& mine, const NormShape& shape,
                           const NormTerms<T>& terms, const T* x, const T* dy,
                           typename AffineSums<T>::Partial (&sums)[V]) {
  ChannelTerms<T> known[kShared ? V : 1];
  const int64_t group = kShared ? 0 : mine.channel / shape.per_group();
  if constexpr (kShared) {
    CUTTLE_UNROLL
    for (int v = 0; v < V; ++v) {
      const int64_t c = mine.channel_of(v);
      known[v] = ChannelTerms<T>(terms, c, c);
    }
  }
  mine.template each<2>({x, dy}, [&](const Pack<T, V>(&packs)[2], int64_t, int64_t position) {
    if constexpr (!kShared) {
      const int64_t s = mine.walk.outer_of(position) * shape.groups + group;
      known[0].center = terms.mean != nullptr ? terms.mean[s] : T(0);
      known[0].rstd = terms.spread[s];
    }
    CUTTLE_UNROLL
    for (int v = 0; v < V; ++v) {
      const ChannelTerms<T>& channel = known[kShared ? v : 0];
      const T g = channel.template passed<kRelu>(packs[0].at[v], packs[1].at[v]);
      sums[v].weight += g * channel.normal(packs[0].at[v]);
      sums[v].bias += g;
    }
  });
}

/// dweight[c] = Σ g · x̂, dbias[c] = Σ g.
/// Layout: x, dy (outer, channels, inner). Launch: as in norm_walk.cuh; blocks that share channels
/// leave partials[split][pack · V + v], and the last to arrive joins those.
/// Bound: memory, x and dy once, in 16-byte loads where the shape has whole packs, 4 of them in
/// flight. Numerics: in T; a thread adds every lanes-th place, then threads and blocks meet in a
/// tree. Deterministic.
template <class T, int V, bool kShared, bool kRelu>
__global__ void __launch_bounds__(kReduceThreads)
    norm_backward_affine_kernel(ChannelWalk walk, NormShape shape, NormTerms<T> terms,
                                const T* __restrict__ x, const T* __restrict__ dy,
                                AffineGradients<T> out, typename AffineSums<T>::Partial* partials,
                                unsigned* arrived) {
  using Sums = AffineSums<T>;
  using Partial = typename Sums::Partial;
  const ChannelShare<V> mine(walk);
  const int thread = static_cast<int>(threadIdx.x), width = kReduceThreads / walk.lanes;
  const Sums op;
  // Packs of a channel's own elements are one channel's: they are added up before threads meet.
  const int outputs = walk.columns ? V : 1;
  CUTTLE_SHARED(Partial, partial, [V][kReduceThreads]);
  wait_for_predecessor();
  Partial sums[V] = {};
  if (mine.present) sum_affine<kShared, kRelu>(mine, shape, terms, x, dy, sums);
  if (!walk.columns) {
    CUTTLE_UNROLL
    for (int v = 1; v < V; ++v) {
      sums[0] = op.combine(sums[0], sums[v]);
      sums[v] = op.none();
    }
  }
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v) partial[v][thread] = sums[v];
  combine_lanes<Sums, V>(op, partial, walk.lanes, width);

  if (walk.splits > 1) {
    if (mine.present && mine.lane == 0)
      for (int v = 0; v < outputs; ++v)
        partials[blockIdx.y * walk.channels + mine.channel_of(v)] = partial[v][thread];
    if (!arrives_last(arrived + blockIdx.x, walk.splits)) return;
    const int rounds = mine.present ? (walk.splits - mine.lane + walk.lanes - 1) / walk.lanes : 0;
    for (int v = 0; v < outputs; ++v) {
      Partial joined[1];
      join_partials<Sums, 1>(op, partials + mine.lane * walk.channels + mine.channel_of(v),
                             walk.lanes * walk.channels, rounds, joined);
      partial[v][thread] = joined[0];
    }
    combine_lanes<Sums, V>(op, partial, walk.lanes, width);
  }
  if (!mine.present || mine.lane != 0) return;
  for (int v = 0; v < outputs; ++v) {
    out.dweight[mine.channel_of(v)] = partial[v][thread].weight;
    out.dbias[mine.channel_of(v)] = partial[v][thread].bias;
  }
}

}  // namespace

template <class T>
void norm_backward_affine(cuda::Stream stream, const NormShape& s, const NormTerms<T>& terms,
                          const T* x, const T* dy, T* dweight, T* dbias) {
  using Partial = typename AffineSums<T>::Partial;
  if (s.channels == 0) return;
  with_channel_packs<T>(
      s,
      [&]<int V>() {
        const ChannelWalk walk(s, V);
        const auto queue = [&](Partial* partials, unsigned* arrived) {
          const auto kernel = !s.shared    ? norm_backward_affine_kernel<T, V, false, false>
                              : terms.relu ? norm_backward_affine_kernel<T, V, true, true>
                                           : norm_backward_affine_kernel<T, V, true, false>;
          launch_overlapping(stream, walk.launch_shape(), kernel, walk, s, terms, x, dy,
                             AffineGradients<T>{dweight, dbias}, partials, arrived);
        };
        if (walk.splits == 1) return queue(nullptr, nullptr);
        StreamLease lease(stream);
        queue(lease.scratch<Partial>(walk.splits * s.channels * sizeof(Partial)),
              lease.counters(kReduceBlocks));
      },
      x, dy);
}

#define CUTTLE_NORM(T)                                                                    \
  template void norm_backward_affine(cuda::Stream, const NormShape&, const NormTerms<T>&, \
                                     const T*, const T*, T*, T*);
CUTTLE_NORM(float)
CUTTLE_NORM(double)

}  // namespace cuttle::kernels
