// Constants. See kernels/fill.h.
#include "../fill.h"

#include "elementwise_loop.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

template <class T>
struct Constant {
  using First = T;
  using Out = T;
  static __device__ T call(const Compute<T>* value) { return static_cast<T>(*value); }
};

/// A constant for the compiler, which rounding to 16 bits is not.
template <class T>
constexpr T kOne = 1;
template <>
constexpr Half kOne<Half> = Half::from_bits(0x3c00);
template <>
constexpr BFloat16 kOne<BFloat16> = BFloat16::from_bits(0x3f80);

/// There when the program is loaded.
template <class T>
__device__ T number_one = kOne<T>;

/// out[i] = start + i · step.
/// Launch: block 256, a thread an element, the grid covers n. Bound: memory, n · sizeof(T) written.
/// Numerics: as in fill.h. Deterministic.
template <class T, class Wide>
__global__ void __launch_bounds__(256) arange_kernel(Wide start, Wide step, int64_t n, T* out) {
  const int64_t i = int64_t{blockIdx.x} * 256 + threadIdx.x;
  wait_for_predecessor();
  if (i < n) out[i] = static_cast<T>(start + static_cast<Wide>(i) * step);
}

/// out[i] from the nearer end of the range.
/// Launch: block 256, a thread an element, the grid covers n. Bound: memory, n · sizeof(T) written.
/// Numerics: as in fill.h. Deterministic.
template <class T>
__global__ void __launch_bounds__(256)
    linspace_kernel(double start, double end, double step, int64_t n, T* out) {
  const int64_t i = int64_t{blockIdx.x} * 256 + threadIdx.x;
  wait_for_predecessor();
  if (i >= n) return;
  out[i] = static_cast<T>(i < n / 2 ? start + static_cast<double>(i) * step
                                    : end - static_cast<double>(n - 1 - i) * step);
}

}  // namespace

template <class T>
void fill(cuda::Stream stream, const StridedLoop<1>& loop, T value, T* out) {
  ElementwiseInputs<T, 0> in;
  in.parameter[0] = static_cast<Compute<T>>(value);
  run_elementwise(stream, elementwise_kernels<Constant<T>, T, 0>(), loop, in, out);
}

template <class T>
const T* one(cuda::Stream stream) {
  const DeviceGuard guard(stream.device);
  void* address = nullptr;
  check(cudaGetSymbolAddress(&address, number_one<T>), "cudaGetSymbolAddress");
  return static_cast<const T*>(address);
}

template <class T>
void arange(cuda::Stream stream, ArangeNumber<T> start, ArangeNumber<T> step, int64_t n, T* out) {
  using Wide = std::conditional_t<is_floating<T>, double, uint64_t>;
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, 256), 256}, arange_kernel<T, Wide>,
                     static_cast<Wide>(start), static_cast<Wide>(step), n, out);
}

template <class T>
void linspace(cuda::Stream stream, double start, double end, double step, int64_t n, T* out) {
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, 256), 256}, linspace_kernel<T>, start, end, step, n,
                     out);
}

#define CUTTLE_FILL(T) template void fill(cuda::Stream, const StridedLoop<1>&, T, T*);
#define CUTTLE_ONE(T) template const T* one(cuda::Stream);
#define CUTTLE_ARANGE(T)                                                     \
  template void linspace(cuda::Stream, double, double, double, int64_t, T*); \
  template void arange<T>(cuda::Stream, ArangeNumber<T>, ArangeNumber<T>, int64_t, T*);
CUTTLE_FILL(float)
CUTTLE_FILL(double)
CUTTLE_FILL(Half)
CUTTLE_FILL(BFloat16)
CUTTLE_FILL(int64_t)
CUTTLE_FILL(int32_t)
CUTTLE_FILL(int16_t)
CUTTLE_FILL(int8_t)
CUTTLE_FILL(uint8_t)
CUTTLE_FILL(bool)
CUTTLE_ONE(float)
CUTTLE_ONE(double)
CUTTLE_ONE(Half)
CUTTLE_ONE(BFloat16)
CUTTLE_ARANGE(float)
CUTTLE_ARANGE(double)
CUTTLE_ARANGE(Half)
CUTTLE_ARANGE(BFloat16)
CUTTLE_ARANGE(int64_t)
CUTTLE_ARANGE(int32_t)
CUTTLE_ARANGE(int16_t)
CUTTLE_ARANGE(int8_t)
CUTTLE_ARANGE(uint8_t)

}  // namespace cuttle::kernels
