// Pointwise losses, forward and backward. See kernels/pointwise_loss.h.
#include "../pointwise_loss.h"

#include <algorithm>

#include "../pointwise_loss_table.h"
#include "../reduce_ops.h"
#include "../reduce_terms.h"
#include "group_reduce.cuh"
#include "index.cuh"
#include "workspace.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, Pack, … of this folder

constexpr int kThreads = 256;
template <class T>
constexpr int kPack = 16 / sizeof(T);

/// A thread's pack of each operand: in one access where `packed` (every array begins on 16 bytes)
/// and all of it is there.
template <class Row, class T>
struct OperandPacks {
  static constexpr int V = kPack<T>;

  __device__ OperandPacks(const PointwiseLossInputs<T>& in, bool packed, int64_t i) {
    CUTTLE_UNROLL
    for (int k = 0; k < Row::kOperands; ++k) {
      if (packed && i + V <= in.n) {
        at[k] = load_pack<V>(in.operand[k] + i);
        continue;
      }
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) at[k].at[v] = i + v < in.n ? in.operand[k][i + v] : T(0);
    }
  }
  __device__ void of(int v, T (&operands)[Row::kOperands]) const {
    CUTTLE_UNROLL
    for (int k = 0; k < Row::kOperands; ++k) operands[k] = at[k].at[v];
  }

  Pack<T, V> at[Row::kOperands];
};

/// to[i…] = the pack's elements that are there.
template <int V, class T>
__device__ void store_some(bool packed, int64_t i, int64_t n, const Pack<T, V>& pack, T* to) {
  if (packed && i + V <= n) return store_pack<V>(to + i, pack);
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v)
    if (i + v < n) to[i + v] = pack.at[v];
}

/// The sum of the row's values, divided by `divisor`.
/// Layout: dense operands of n elements. Launch: block 256, packs of 16 bytes; the grid strides
/// over them, its size follows from n. Several blocks leave partials[block], and the last to arrive
/// adds them up: one launch. Bound: memory, each operand once. Numerics: a thread's sum in T,
/// compensated; across threads in double, in an order fixed by n. Deterministic.
template <class Row, class T>
__global__ void __launch_bounds__(kThreads)
    pointwise_loss_sum_kernel(PointwiseLossInputs<T> in, bool packed, double divisor, T* loss,
                              double* partials, unsigned* arrived) {
  using Adder = Sum<T, Itself<T, T>, true>;
  constexpr int V = kPack<T>;
  const int64_t step = int64_t{gridDim.x} * kThreads * V;
  const Adder adder{};
  typename Adder::Running running = adder.start();
  wait_for_predecessor();
  for (int64_t i = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * V; i < in.n; i += step) {
    const OperandPacks<Row, T> packs(in, packed, i);
    CUTTLE_UNROLL
    for (int v = 0; v < V; ++v) {
      T operands[Row::kOperands];
      packs.of(v, operands);
      if (i + v < in.n) adder.add(running, Row::value(operands, in.parameter), 0);
    }
  }
  const ThreadGroup<kThreads> block(kThreads);
  double sum = block.reduce(static_cast<double>(adder.partial(running, 0, 0)), Plus());
  if (gridDim.x > 1) {
    if (threadIdx.x == 0) partials[blockIdx.x] = sum;
    if (!arrives_last(arrived, gridDim.x)) return;
    sum = 0;
    for (unsigned b = threadIdx.x; b < gridDim.x; b += kThreads) sum += partials[b];
    sum = block.reduce(sum, Plus());
  }
  if (threadIdx.x == 0) *loss = static_cast<T>(sum / divisor);
}

/// loss[i] = the row's value. Layout, launch and bound: a thread a pack of 16 bytes, block 256, the
/// grid covers n; memory, each array once. Deterministic.
template <class Row, class T>
__global__ void __launch_bounds__(kThreads)
    pointwise_loss_values_kernel(PointwiseLossInputs<T> in, bool packed, T* loss) {
  constexpr int V = kPack<T>;
  const int64_t i = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * V;
  wait_for_predecessor();
  if (i >= in.n) return;
  const OperandPacks<Row, T> packs(in, packed, i);
  Pack<T, V> values;
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v) {
    T operands[Row::kOperands];
    packs.of(v, operands);
    values.at[v] = Row::value(operands, in.parameter);
  }
  store_some(packed, i, in.n, values, loss);
}

/// dx[i] = dloss[i] (`each`), or dloss[0] / divisor, times the row's derivative by operand k. As
/// pointwise_loss_values_kernel.
template <class Row, int k, class T>
__global__ void __launch_bounds__(kThreads)
    pointwise_loss_backward_kernel(PointwiseLossInputs<T> in, bool packed, bool each, T divisor,
                                   const T* __restrict__ dloss, T* __restrict__ dx) {
  constexpr int V = kPack<T>;
  const int64_t i = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * V;
  wait_for_predecessor();
  if (i >= in.n) return;
  const OperandPacks<Row, T> packs(in, packed, i);
  const T scale = each ? T(1) : *dloss / divisor;
  Pack<T, V> results;
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v) {
    T operands[Row::kOperands];
    packs.of(v, operands);
    const T g = each ? (i + v < in.n ? dloss[i + v] : T(0)) : scale;
    results.at[v] = g * Row::template derivative<k>(operands, in.parameter);
  }
  store_some(packed, i, in.n, results, dx);
}

template <class Row, class T>
bool all_aligned(const PointwiseLossInputs<T>& in, const void* out) {
  bool aligned = is_aligned(out);
  for (int k = 0; k < Row::kOperands; ++k) aligned = aligned && is_aligned(in.operand[k]);
  return aligned;
}

template <class Row, class T>
void queue_sum(Stream stream, const PointwiseLossInputs<T>& in, double divisor, T* loss) {
  constexpr int64_t kPacksEach = 8;  // of a thread, before a block more would help
  constexpr unsigned kMostBlocks = 1024;
  const bool packed = all_aligned<Row>(in, nullptr);
  const int64_t in_block = kThreads * kPack<T> * kPacksEach;
  const unsigned blocks = in.n <= in_block ? 1 : std::min(blocks_for(in.n, in_block), kMostBlocks);
  const auto queue = [&](double* partials, unsigned* arrived) {
    launch_overlapping(stream, {blocks, kThreads}, pointwise_loss_sum_kernel<Row, T>, in, packed,
                       divisor, loss, partials, arrived);
  };
  if (blocks == 1) return queue(nullptr, nullptr);
  StreamLease lease(stream);
  queue(lease.scratch<double>(blocks * sizeof(double)), lease.counters(1));
}

}  // namespace

template <class T>
void pointwise_loss_forward(cuda::Stream stream, PointwiseLoss op, LossReduction reduction,
                            const PointwiseLossInputs<T>& in, T* loss) {
  losses::visit(op, [&]<class Row>(const Row&) {
    if (reduction != LossReduction::none)
      return queue_sum<Row>(stream, in,
                            reduction == LossReduction::mean ? static_cast<double>(in.n) : 1, loss);
    if (in.n == 0) return;
    launch_overlapping(stream, {blocks_for(in.n, kThreads * kPack<T>), kThreads},
                       pointwise_loss_values_kernel<Row, T>, in, all_aligned<Row>(in, loss), loss);
  });
}

template <class T>
void pointwise_loss_backward(cuda::Stream stream, PointwiseLoss op, LossReduction reduction, int k,
                             const PointwiseLossInputs<T>& in, const T* dloss, T* dx) {
  if (in.n == 0) return;
  const bool each = reduction == LossReduction::none;
  const T divisor = reduction == LossReduction::mean ? static_cast<T>(in.n) : T(1);
  losses::visit_derivative(op, k, [&]<int operand, class Row>(const Row&) {
    launch_overlapping(stream, {blocks_for(in.n, kThreads * kPack<T>), kThreads},
                       pointwise_loss_backward_kernel<Row, operand, T>, in,
                       all_aligned<Row>(in, dx), each, divisor, dloss, dx);
  });
}

#define CUTTLE_POINTWISE_LOSS(T)                                                         \
  template void pointwise_loss_forward(cuda::Stream, PointwiseLoss, LossReduction,       \
                                       const PointwiseLossInputs<T>&, T*);               \
  template void pointwise_loss_backward(cuda::Stream, PointwiseLoss, LossReduction, int, \
                                        const PointwiseLossInputs<T>&, const T*, T*);
CUTTLE_POINTWISE_LOSS(float)
CUTTLE_POINTWISE_LOSS(double)

}  // namespace cuttle::kernels
