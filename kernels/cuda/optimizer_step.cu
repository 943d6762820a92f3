// The steps of all optimizers: every parameter of a model in one launch. See
// kernels/optimizer_step.h.
#include "../optimizer_step.h"

#include "../optimizer_rules.h"
#include "group_reduce.cuh"
#include "index.cuh"
#include "launch_table.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, Pack, … of this folder

constexpr int kThreads = 256;
constexpr int kPerThread = 8;                      // elements
constexpr int64_t kChunk = kThreads * kPerThread;  // of one parameter, for a block

/// What the kernel is told of a parameter: no more than the rule needs.
template <class Rule, class T>
struct StepEntry {
  T* value;
  const T* gradient;
  T* state[Rule::kStates];
  int64_t numel;
  double* steps;
  double* product;
};

/// Elements [i, i + V) of a parameter: in packs where all of its arrays are aligned to them.
template <class Rule, class T, int V>
__device__ void step_pack(const typename Rule::template Terms<T>& by, const StepEntry<Rule, T>& p,
                          bool first, int64_t i) {
  Pack<T, V> value = load_pack<V>(p.value + i), states[Rule::kStates] = {};
  const Pack<T, V> gradient = load_pack<V>(p.gradient + i);
  CUTTLE_UNROLL
  for (int k = 0; k < Rule::kStates; ++k)
    if (p.state[k] != nullptr && !first) states[k] = load_pack<V>(p.state[k] + i);
  CUTTLE_UNROLL
  for (int v = 0; v < V; ++v) {
    T state[Rule::kStates];
    CUTTLE_UNROLL
    for (int k = 0; k < Rule::kStates; ++k) state[k] = states[k].at[v];
    Rule::update(by, gradient.at[v], value.at[v], state);
    CUTTLE_UNROLL
    for (int k = 0; k < Rule::kStates; ++k) states[k].at[v] = state[k];
  }
  store_pack<V>(p.value + i, value);
  CUTTLE_UNROLL
  for (int k = 0; k < Rule::kStates; ++k)
    if (p.state[k] != nullptr) store_pack<V>(p.state[k] + i, states[k]);
}

/// value, states ← one step, for all parameters of the table; then steps and products are counted
/// on. Launch: block 256, a block a chunk of 2,048 elements of one parameter, found by bisection in
/// first_block; grid one block a chunk. Thread 0 computes the parameter's terms for its block, and
/// the block that ends last counts, once nobody reads the counts any more. 16-byte accesses where a
/// parameter's arrays are aligned.
/// Bound: memory, 3 elements moved for each parameter element and 2 more for each state; for small
/// models the latency of the one launch. Deterministic.
template <class Rule, class T, int kCapacity>
__global__ void __launch_bounds__(kThreads)
    optimizer_step_kernel(StepSettings<Rule>* settings,
                          LaunchTable<StepEntry<Rule, T>, kCapacity> table) {
  const int block = static_cast<int>(blockIdx.x), found = table.find(block);
  const StepEntry<Rule, T>& p = table.entries[found];
  const int64_t chunk = int64_t{block - table.first_block[found]} * kChunk;
  using Terms = typename Rule::template Terms<T>;
  CUTTLE_SHARED(Terms, terms, [1]);
  CUTTLE_SHARED(bool, flags, [2]);  // the first step; leave it out
  wait_for_predecessor();
  if (threadIdx.x == 0) {
    const double steps = p.steps != nullptr ? *p.steps : 0;
    flags[0] = steps == 0;
    flags[1] = settings->skip != nullptr && *settings->skip != 0;
    terms[0] = Rule::template terms<T>(settings->options, steps + 1,
                                       p.product != nullptr ? *p.product : 1);
  }
  __syncthreads();
  if (flags[1]) return;
  const Terms by = terms[0];
  const bool first = flags[0];

  constexpr int V = 16 / sizeof(T);
  uintptr_t addresses =
      reinterpret_cast<uintptr_t>(p.value) | reinterpret_cast<uintptr_t>(p.gradient);
  for (int k = 0; k < Rule::kStates; ++k) addresses |= reinterpret_cast<uintptr_t>(p.state[k]);
  const bool aligned = addresses % 16 == 0;
  for (int k = 0; k < kPerThread / V; ++k) {
    const int64_t i = chunk + (k * kThreads + static_cast<int>(threadIdx.x)) * V;
    if (aligned && i + V <= p.numel)
      step_pack<Rule, T, V>(by, p, first, i);
    else
      for (int64_t j = i; j < i + V && j < p.numel; ++j) step_pack<Rule, T, 1>(by, p, first, j);
  }

  if (!Rule::counts(settings->options) || !arrives_last(&settings->finished, gridDim.x)) return;
  for (int n = threadIdx.x; n < table.count; n += kThreads) {
    const StepEntry<Rule, T>& each = table.entries[n];
    *each.steps += 1;
    if (each.product != nullptr)
      *each.product = Rule::next_product(settings->options, *each.steps, *each.product);
  }
}

}  // namespace

template <class Rule, class T>
void optimizer_step(cuda::Stream stream, StepSettings<Rule>* settings,
                    std::span<const StepParameter<T>> parameters) {
  const auto entry_of = [](const StepParameter<T>& p) {
    StepEntry<Rule, T> entry = {p.value, p.gradient, {}, p.numel, p.steps, p.product};
    for (int k = 0; k < Rule::kStates; ++k) entry.state[k] = p.state[k];
    return entry;
  };
  for_each_table<StepEntry<Rule, T>, sizeof(settings)>(
      parameters, kChunk, entry_of,
      [&]<int kCapacity>(const LaunchTable<StepEntry<Rule, T>, kCapacity>& table) {
        launch_overlapping(stream, {table.blocks(), kThreads},
                           optimizer_step_kernel<Rule, T, kCapacity>, settings, table);
      });
}

#define CUTTLE_INSTANTIATE(Rule)                      \
  template void optimizer_step<Rule, CUTTLE_ELEMENT>( \
      cuda::Stream, StepSettings<Rule>*, std::span<const StepParameter<CUTTLE_ELEMENT>>);
CUTTLE_OPTIMIZER_RULES(CUTTLE_INSTANTIATE)

}  // namespace cuttle::kernels
