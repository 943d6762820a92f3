// Stochastic gradient descent: every parameter of a model in one launch. See kernels/sgd.h.
#include "../sgd.h"

#include <algorithm>

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, Pack, … of this folder

constexpr int kThreads = 256;
constexpr int kPerThread = 8;  // elements; a block's chunk is 2,048 of one parameter

/// The parameters of one launch, passed by value in the kernel's own parameters: no table in device
/// memory, no copy before the launch.
template <class T, int kCapacity>
struct SgdTable {
  SgdParameter<T> parameters[kCapacity];
  int first_block[kCapacity + 1];  // parameter p has blocks [first_block[p], first_block[p + 1])
  int count = 0;
};

/// A launch's parameters take 4,096 bytes, and since CUDA 12.1 up to 32,764. The small table is for
/// the usual model, because each launch copies the table whole.
constexpr int kSmallTable = 64;
constexpr int kLargeTable = 640;
static_assert(sizeof(SgdTable<double, kSmallTable>) + sizeof(void*) <= 4096);
static_assert(sizeof(SgdTable<double, kLargeTable>) + sizeof(void*) <= 32764);

/// torch.optim.SGD's step on one element, in its order of operations.
template <class T>
__device__ void step_element(const SgdFactors<T>& s, bool first_step, T gradient, T& value,
                             T& buffer) {
  T g = s.maximize ? -gradient : gradient;
  if (s.use_weight_decay) g = g + s.weight_decay * value;
  if (s.use_momentum) {
    buffer = first_step ? g : s.momentum * buffer + s.one_minus_dampening * g;
    g = s.nesterov ? g + s.momentum * buffer : buffer;
  }
  value = value - s.lr * g;
}

/// value, momentum_buffer ← one step of SGD, for all parameters of the table.
/// Launch: block 256, a block a chunk of 2,048 elements of one parameter, found by bisection in
/// first_block; grid one block a chunk. Each thread reads the factors from device memory, one
/// broadcast, beside its elements. 16-byte accesses where a parameter's arrays are aligned.
/// Bound: memory, 3 elements moved for each parameter element, 5 with momentum; for small models
/// the latency of the one launch. Deterministic.
template <class T, int kCapacity>
__global__ void __launch_bounds__(kThreads)
    sgd_step_kernel(const SgdFactors<T>* factors, SgdTable<T, kCapacity> table) {
  int low = 0, high = table.count;  // first_block[low] ≤ block < first_block[high]
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (table.first_block[middle] <= static_cast<int>(blockIdx.x))
      low = middle;
    else
      high = middle;
  }
  T* const value = table.parameters[low].value;
  const T* const gradient = table.parameters[low].gradient;
  T* const buffer = table.parameters[low].momentum_buffer;
  const int64_t numel = table.parameters[low].numel;
  const int64_t chunk =
      int64_t{static_cast<int>(blockIdx.x) - table.first_block[low]} * (kThreads * kPerThread);

  constexpr int V = 16 / sizeof(T);
  const uintptr_t addresses = reinterpret_cast<uintptr_t>(value) |
                              reinterpret_cast<uintptr_t>(gradient) |
                              reinterpret_cast<uintptr_t>(buffer);
  const bool aligned = addresses % 16 == 0;
  wait_for_predecessor();
  const SgdFactors<T> by = *factors;
  const bool first_step = by.use_momentum && *table.parameters[low].first_step;
  for (int k = 0; k < kPerThread / V; ++k) {
    const int64_t i = chunk + (k * kThreads + static_cast<int>(threadIdx.x)) * V;
    if (aligned && i + V <= numel) {
      Pack<T, V> p = load_pack<V>(value + i), b = {};
      const Pack<T, V> g = load_pack<V>(gradient + i);
      if (by.use_momentum && !first_step) b = load_pack<V>(buffer + i);
      CUTTLE_UNROLL
      for (int v = 0; v < V; ++v) step_element(by, first_step, g.at[v], p.at[v], b.at[v]);
      store_pack<V>(value + i, p);
      if (by.use_momentum) store_pack<V>(buffer + i, b);
      continue;
    }
    for (int64_t j = i; j < i + V && j < numel; ++j) {
      T b = by.use_momentum && !first_step ? buffer[j] : T(0);
      step_element(by, first_step, gradient[j], value[j], b);
      if (by.use_momentum) buffer[j] = b;
    }
  }
}

/// One launch for up to kCapacity parameters.
template <int kCapacity, class T>
void launch_step(Stream stream, const SgdFactors<T>* factors,
                 std::span<const SgdParameter<T>> parameters) {
  SgdTable<T, kCapacity> table = {};
  int64_t blocks = 0;
  for (const SgdParameter<T>& parameter : parameters) {
    if (parameter.numel == 0) continue;
    table.parameters[table.count] = parameter;
    table.first_block[table.count++] = static_cast<int>(blocks);
    blocks += blocks_for(parameter.numel, kThreads * kPerThread);
  }
  if (blocks == 0) return;
  table.first_block[table.count] = static_cast<int>(blocks);
  launch_overlapping(stream, {blocks_for(blocks, 1), kThreads}, sgd_step_kernel<T, kCapacity>,
                     factors, table);
}

}  // namespace

/// More parameters than the large table holds take further launches, one for each 640.
template <class T>
void sgd_step(cuda::Stream stream, const SgdFactors<T>* factors,
              std::span<const SgdParameter<T>> parameters) {
#if defined(CUDART_VERSION) && CUDART_VERSION < 12010
  constexpr size_t kMost = kSmallTable;
#else
  constexpr size_t kMost = kLargeTable;
#endif
  while (!parameters.empty()) {
    const auto part = parameters.first(std::min(parameters.size(), kMost));
    if (part.size() <= kSmallTable)
      launch_step<kSmallTable>(stream, factors, part);
    else
      launch_step<static_cast<int>(kMost)>(stream, factors, part);
    parameters = parameters.subspan(part.size());
  }
}

template void sgd_step(cuda::Stream, const SgdFactors<float>*,
                       std::span<const SgdParameter<float>>);
template void sgd_step(cuda::Stream, const SgdFactors<double>*,
                       std::span<const SgdParameter<double>>);

}  // namespace cuttle::kernels
