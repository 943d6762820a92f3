// Constants. See kernels/fill.h.
#include "../fill.h"

#include "elementwise_loop.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

template <class T>
struct Constant {
  template <class Body>
  __device__ void apply(Body body) const {
    body([value = value] { return value; });
  }
  T value;
};

/// There when the program is loaded.
template <class T>
__device__ T number_one = 1;

/// out[i] = start + i · step.
/// Launch: block 256, a thread an element, the grid covers n. Bound: memory, n · sizeof(T) written.
/// Numerics: as in fill.h. Deterministic.
template <class T, class Wide>
__global__ void __launch_bounds__(256) arange_kernel(Wide start, Wide step, int64_t n, T* out) {
  const int64_t i = int64_t{blockIdx.x} * 256 + threadIdx.x;
  wait_for_predecessor();
  if (i < n) out[i] = static_cast<T>(start + static_cast<Wide>(i) * step);
}

}  // namespace

template <class T>
void fill(cuda::Stream stream, const StridedLoop<1>& loop, T value, T* out) {
  run_elementwise(stream, loop, Constant<T>{value}, Inputs<T, 0>{}, out);
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
  using Wide = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, 256), 256}, arange_kernel<T, Wide>,
                     static_cast<Wide>(start), static_cast<Wide>(step), n, out);
}

template void fill(cuda::Stream, const StridedLoop<1>&, float, float*);
template void fill(cuda::Stream, const StridedLoop<1>&, double, double*);
template void fill(cuda::Stream, const StridedLoop<1>&, int64_t, int64_t*);
template void fill(cuda::Stream, const StridedLoop<1>&, int32_t, int32_t*);
template void fill(cuda::Stream, const StridedLoop<1>&, uint8_t, uint8_t*);
template void fill(cuda::Stream, const StridedLoop<1>&, bool, bool*);
template const float* one(cuda::Stream);
template const double* one(cuda::Stream);
template void arange(cuda::Stream, double, double, int64_t, float*);
template void arange(cuda::Stream, double, double, int64_t, double*);
template void arange(cuda::Stream, int64_t, int64_t, int64_t, int64_t*);
template void arange(cuda::Stream, int32_t, int32_t, int64_t, int32_t*);
template void arange(cuda::Stream, uint8_t, uint8_t, int64_t, uint8_t*);

}  // namespace cuttle::kernels
