// Reductions: sum and argmax. See kernels/reduce.h.
#include "../reduce.h"

#include <algorithm>

#include "index.cuh"
#include "workspace.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kThreads = 256;

/// Position in loop order to 64-bit offsets. Loops of less than 2³¹ elements divide fast; longer
/// ones by 64-bit division.
template <int Operands>
struct WideIndex {
  explicit WideIndex(const StridedLoop<Operands>& strided)
      : loop(strided), small(strided.numel() <= kMaxIndex) {
    for (int d = 0; small && d < loop.rank; ++d) sizes[d] = FastDivisor(loop.sizes[d]);
  }

  __device__ int64_t offset(int operand, int64_t position) const {
    if (loop.rank <= 1) return loop.rank == 1 ? position * loop.strides[operand][0] : 0;
    int64_t sum = 0;
    for (int d = loop.rank - 1; d > 0; --d) {
      int64_t i;
      if (small) {
        uint32_t rest = static_cast<uint32_t>(position);
        i = sizes[d].split(rest);
        position = rest;
      } else {
        i = position % loop.sizes[d];
        position /= loop.sizes[d];
      }
      sum += i * loop.strides[operand][d];
    }
    return sum + position * loop.strides[operand][0];
  }

  StridedLoop<Operands> loop;
  FastDivisor sizes[kMaxRank];
  bool small;
};

template <class T>
struct Sum {
  using Partial = T;
  static __device__ Partial identity() { return T(0); }
  static __device__ Partial load(T value, int64_t) { return value; }
  static __device__ Partial combine(Partial a, Partial b) {
    return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b));
  }
  static __device__ void store(Partial sum, T* to) { *to = sum; }
};

template <class T>
struct Candidate {
  T value;
  int64_t at;  // -1: none yet
};

template <class T>
struct ArgMax {
  using Partial = Candidate<T>;
  static __device__ Partial identity() { return {T(0), -1}; }
  static __device__ Partial load(T value, int64_t at) { return {value, at}; }
  static __device__ Partial load(const Partial& partial, int64_t) { return partial; }
  static __device__ Partial combine(const Partial& a, const Partial& b) {
    if (a.at < 0 || b.at < 0) return a.at < 0 ? b : a;
    const bool nan_a = a.value != a.value, nan_b = b.value != b.value;
    if (nan_a != nan_b) return nan_a ? a : b;
    if (!nan_a && a.value != b.value) return a.value > b.value ? a : b;
    return a.at < b.at ? a : b;
  }
  static __device__ void store(const Partial& best, int64_t* to) { *to = best.at; }
  static __device__ void store(const Partial& best, Partial* to) { *to = best; }
};

/// How outputs and inputs fall to blocks and threads; made from the shape alone, so that the order
/// of additions is too.
struct ReducePlan {
  int64_t outputs = 0, inputs = 0;
  int64_t chunk = 0;     // inputs that one block takes of each of its outputs
  int splits = 1;        // blocks that share an output: ⌈inputs / chunk⌉
  int lanes = 1;         // threads that share an output in a block; 256 / lanes outputs a block
  bool columns = false;  // neighbouring threads: neighbouring outputs, else neighbouring inputs
};

/// out[o] = combination of x over the inputs of o, or with splits > 1 a partial of it,
/// partial[split · outputs + o].
/// Launch: block 256, as `lanes` threads along the inputs by 256 / lanes outputs; grid.x covers the
/// outputs, grid.y the splits. Each thread takes every lanes-th input of its chunk, four loads in
/// flight; then a tree over the lanes in shared memory (256 partials).
/// Bound: memory, each input read once. Reads coalesce along the inputs (rows of a matrix) or, with
/// `columns`, along the outputs (sums over rows).
/// Numerics: each thread adds in T; the tree keeps the error near log₂ of the count. Deterministic.
template <class Op, class In, class Out>
__global__ void __launch_bounds__(kThreads, 1)
    reduce_kernel(ReducePlan plan, WideIndex<2> outer, WideIndex<1> inner, const In* x, Out* out) {
  using Partial = typename Op::Partial;
  CUTTLE_SHARED(Partial, partials, [kThreads]);
  const int thread = threadIdx.x;
  const int lanes = plan.lanes;
  const int width = kThreads / lanes;
  const int lane = plan.columns ? thread / width : thread % lanes;
  const int64_t output =
      int64_t{blockIdx.x} * width + (plan.columns ? thread % width : thread / lanes);

  wait_for_predecessor();
  Partial partial = Op::identity();
  if (output < plan.outputs) {
    const In* const from = x + outer.offset(0, output);
    const int64_t begin = blockIdx.y * plan.chunk;
    const int64_t end = begin + plan.chunk < plan.inputs ? begin + plan.chunk : plan.inputs;
    int64_t k = begin + lane;
    constexpr int kInFlight = 4;
    for (; k + (kInFlight - 1) * lanes < end; k += kInFlight * lanes) {
      In values[kInFlight];
      CUTTLE_UNROLL
      for (int i = 0; i < kInFlight; ++i) values[i] = from[inner.offset(0, k + i * lanes)];
      CUTTLE_UNROLL
      for (int i = 0; i < kInFlight; ++i)
        partial = Op::combine(partial, Op::load(values[i], k + i * lanes));
    }
    for (; k < end; k += lanes)
      partial = Op::combine(partial, Op::load(from[inner.offset(0, k)], k));
  }

  partials[thread] = partial;
  __syncthreads();
  const int neighbour = plan.columns ? width : 1;
  for (int step = lanes / 2; step > 0; step /= 2) {
    if (lane < step)
      partials[thread] = Op::combine(partials[thread], partials[thread + step * neighbour]);
    __syncthreads();
  }
  if (lane == 0 && output < plan.outputs)
    Op::store(partials[thread], out + (plan.splits > 1 ? blockIdx.y * plan.outputs + output
                                                       : outer.offset(1, output)));
}

/// The stride between neighbours in the innermost dimension; the largest number where there are
/// none.
template <int Operands>
int64_t inner_stride(const StridedLoop<Operands>& loop) {
  if (loop.rank == 0 || loop.numel() <= 1) return INT64_MAX;
  return std::abs(loop.strides[0][loop.rank - 1]);
}

int power_of_two_up_to(int64_t n, int most) {  // the smallest one ≥ n, or `most`
  int power = 1;
  while (power < n && power < most) power *= 2;
  return power;
}

ReducePlan make_plan(const ReduceLoop& loop) {
  constexpr int kColumnWidth = 32;     // a warp's read of 4-byte elements is then one 128-byte line
  constexpr int64_t kFewBlocks = 256;  // fewer leave a large GPU idle: several share an output
  constexpr int64_t kLeastPerThread = 16;
  ReducePlan plan;
  plan.outputs = loop.outer.numel();
  plan.inputs = loop.inner.numel();
  plan.columns = inner_stride(loop.outer) < inner_stride(loop.inner);
  const int most =
      plan.columns ? kThreads / power_of_two_up_to(plan.outputs, kColumnWidth) : kThreads;
  plan.lanes = power_of_two_up_to(plan.inputs, most);
  plan.chunk = plan.inputs;

  const int64_t width = kThreads / plan.lanes;
  const int64_t blocks = (plan.outputs + width - 1) / width;
  const int64_t useful = plan.inputs / (plan.lanes * kLeastPerThread);
  const int64_t splits = std::min(kFewBlocks / std::max<int64_t>(1, blocks), useful);
  if (splits > 1) {
    plan.chunk = (plan.inputs + splits - 1) / splits;
    plan.splits = static_cast<int>((plan.inputs + plan.chunk - 1) / plan.chunk);
  }
  return plan;
}

template <class Op, class In, class Out>
void launch_reduce(Stream stream, const ReducePlan& plan, const ReduceLoop& loop, const In* x,
                   Out* out) {
  const dim3 grid(blocks_for(plan.outputs, kThreads / plan.lanes), plan.splits);
  launch_overlapping(stream, {grid, kThreads}, reduce_kernel<Op, In, Out>, plan,
                     WideIndex<2>(loop.outer), WideIndex<1>(loop.inner), x, out);
}

/// One launch, or two with the partials of the first in scratch memory.
template <class Op, class In, class Out>
void run_reduce(Stream stream, const ReduceLoop& loop, const In* x, Out* out) {
  using Partial = typename Op::Partial;
  const ReducePlan plan = make_plan(loop);
  if (plan.outputs == 0) return;
  if (plan.splits == 1) {
    launch_reduce<Op>(stream, plan, loop, x, out);
    return;
  }
  StreamLease lease(stream);
  Partial* const partials =
      lease.scratch<Partial>(plan.splits * plan.outputs * sizeof(Partial));  // (splits, outputs)
  launch_reduce<Op>(stream, plan, loop, x, partials);

  ReduceLoop last = loop;  // outputs as before; their inputs one column of `partials` each
  int64_t stride = 1;
  for (int d = loop.outer.rank - 1; d >= 0; --d) {
    last.outer.strides[0][d] = stride;
    stride *= loop.outer.sizes[d];
  }
  last.inner = {1, {plan.splits}, {{plan.outputs}}};
  ReducePlan last_plan;
  last_plan.outputs = plan.outputs;
  last_plan.inputs = last_plan.chunk = plan.splits;
  last_plan.columns = plan.outputs > 1;
  last_plan.lanes = power_of_two_up_to(
      plan.splits, last_plan.columns ? kThreads / power_of_two_up_to(plan.outputs, 32) : kThreads);
  launch_reduce<Op>(stream, last_plan, last, static_cast<const Partial*>(partials), out);
}

}  // namespace

template <class T>
void sum(cuda::Stream stream, const ReduceLoop& loop, const T* x, T* out) {
  run_reduce<Sum<T>>(stream, loop, x, out);
}

template <class T>
void argmax(cuda::Stream stream, const ReduceLoop& loop, const T* x, int64_t* out) {
  run_reduce<ArgMax<T>>(stream, loop, x, out);
}

template void sum(cuda::Stream, const ReduceLoop&, const float*, float*);
template void sum(cuda::Stream, const ReduceLoop&, const double*, double*);
template void sum(cuda::Stream, const ReduceLoop&, const int64_t*, int64_t*);
template void sum(cuda::Stream, const ReduceLoop&, const int32_t*, int32_t*);
template void argmax(cuda::Stream, const ReduceLoop&, const float*, int64_t*);
template void argmax(cuda::Stream, const ReduceLoop&, const double*, int64_t*);
template void argmax(cuda::Stream, const ReduceLoop&, const int64_t*, int64_t*);
template void argmax(cuda::Stream, const ReduceLoop&, const int32_t*, int64_t*);
template void argmax(cuda::Stream, const ReduceLoop&, const uint8_t*, int64_t*);

}  // namespace cuttle::kernels
