// Dropout. See kernels/dropout.h.
#include "../dropout.h"

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, WideIndex, … of this folder

constexpr int kDropoutThreads = 256;
constexpr int kDropoutPer =
    4;  // elements a thread: a block of Philox, where each has bits of its own

/// y[i] = x[i] · scale + shift where bits say so, else fill. Layout: `index`, operands 0 and 1,
/// gives the places of x and y; `packed` where both are dense and aligned, and not doubles. Launch:
/// block 256, a thread 4 neighbouring elements, the grid covers n. Bound: arithmetic (a block of
/// Philox is 20 wide products) beside 2 · n · sizeof(T) moved. Numerics: every operation rounded
/// once, as on the CPU: the same bits. Deterministic.
template <class T>
__global__ void __launch_bounds__(kDropoutThreads)
    dropout_kernel(Dropout call, WideIndex<3> index, bool packed, int64_t n, const T* x, T* y) {
  using C = Compute<T>;
  const int64_t thread = int64_t{blockIdx.x} * kDropoutThreads + threadIdx.x;
  const int64_t first = thread * kDropoutPer;
  wait_for_predecessor();
  if (first >= n) return;
  const C scale = static_cast<C>(call.scale), shift = static_cast<C>(call.shift);
  const T fill = static_cast<T>(static_cast<C>(call.fill));
  DropoutBits bits(call);
  if constexpr (sizeof(T) * kDropoutPer <= 16) {
    if (packed && first + kDropoutPer <= n) {
      Pack<T, kDropoutPer> values = load_pack<kDropoutPer>(x + first);
      CUTTLE_UNROLL
      for (int i = 0; i < kDropoutPer; ++i) {
        const C value = static_cast<C>(values.at[i]) * scale + shift;
        values.at[i] = bits.keeps(first + i) ? static_cast<T>(value) : fill;
      }
      store_pack<kDropoutPer>(y + first, values);
      return;
    }
  }
  for (int64_t i = first; i < n && i < first + kDropoutPer; ++i) {
    const C value = static_cast<C>(x[index.offset(0, i)]) * scale + shift;
    y[index.offset(1, i)] = bits.keeps(i) ? static_cast<T>(value) : fill;
  }
}

}  // namespace

template <class T>
void dropout(cuda::Stream stream, const Dropout& call, const StridedLoop<3>& loop, const T* x,
             T* y) {
  const int64_t n = loop.numel();
  if (n == 0) return;
  const size_t pack = sizeof(T) * kDropoutPer;
  const bool packed = loop.is_dense() && is_aligned(x, pack) && is_aligned(y, pack);
  launch_overlapping(
      stream, {blocks_for((n + kDropoutPer - 1) / kDropoutPer, kDropoutThreads), kDropoutThreads},
      dropout_kernel<T>, call, WideIndex<3>(loop), packed, n, x, y);
}

template void dropout(cuda::Stream, const Dropout&, const StridedLoop<3>&, const float*, float*);
template void dropout(cuda::Stream, const Dropout&, const StridedLoop<3>&, const double*, double*);
template void dropout(cuda::Stream, const Dropout&, const StridedLoop<3>&, const Half*, Half*);
template void dropout(cuda::Stream, const Dropout&, const StridedLoop<3>&, const BFloat16*,
                      BFloat16*);

}  // namespace cuttle::kernels
