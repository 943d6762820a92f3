// Random numbers. See kernels/random.h.
#include "../random.h"

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kRandomThreads = 256;

/// out[i] = what philox(seed, offset, i / N) says of element i; N elements a block of Philox.
/// Layout: `index`, operand 0, gives an element's place; `packed` where out is dense and aligned.
/// Launch: block 256, a thread a block of Philox, the grid covers n. Bound: arithmetic, 20 wide
/// products and 40 additions a thread and what the distribution takes, beside n · sizeof(T)
/// written. Numerics: every operation rounded once, as on the CPU: the same bits. Deterministic.
template <class D, class T>
__global__ void __launch_bounds__(kRandomThreads)
    random_kernel(PhiloxAt at, WideIndex<2> index, bool packed, D distribution, int64_t n, T* out) {
  constexpr int kPer = D::template kPerBlock<T>;
  const int64_t block = int64_t{blockIdx.x} * kRandomThreads + threadIdx.x, first = block * kPer;
  wait_for_predecessor();
  if (first >= n) return;
  const int count = static_cast<int>(n - first < kPer ? n - first : kPer);
  const PhiloxAt from = at.resolved();
  Pack<T, kPer> values;
  distribution(philox(from.seed, from.offset, static_cast<uint64_t>(block)), first, count,
               values.at);
  if constexpr (kPer * sizeof(T) <= 16) {
    if (packed && count == kPer) {
      store_pack<kPer>(out + first, values);
      return;
    }
  }
  CUTTLE_UNROLL
  for (int i = 0; i < kPer; ++i)
    if (i < count) out[index.offset(0, first + i)] = values.at[i];
}

}  // namespace

template <class T>
void random(cuda::Stream stream, const PhiloxAt& at, const StridedLoop<2>& loop,
            const Distribution& distribution, T* out) {
  const int64_t n = loop.numel();
  if (n == 0) return;
  std::visit(
      [&]<class D>(const D& chosen) {
        if constexpr (D::template kServes<T>) {
          constexpr int kPer = D::template kPerBlock<T>;
          const bool packed = loop.is_dense() && is_aligned(out, sizeof(T) * kPer);
          launch_overlapping(stream,
                             {blocks_for((n + kPer - 1) / kPer, kRandomThreads), kRandomThreads},
                             random_kernel<D, T>, at, WideIndex<2>(loop), packed, chosen, n, out);
        } else {
          fail("random: this distribution does not make the element type");
        }
      },
      distribution.kind);
}

template void random(cuda::Stream, const PhiloxAt&, const StridedLoop<2>&, const Distribution&,
                     CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
