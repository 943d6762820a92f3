// Reductions: sum and argmax. See kernels/reduce.h.
#include "../reduce.h"

#include "reduce.cuh"

namespace cuttle::kernels {

template <class T>
void sum(cuda::Stream stream, const ReduceLoop& loop, const T* x, T* out) {
  cuda::run_reduce<cuda::Sum<T>>(stream, loop, x, out);
}

template <class T>
void argmax(cuda::Stream stream, const ReduceLoop& loop, const T* x, int64_t* out) {
  cuda::run_reduce<cuda::ArgMax<T>>(stream, loop, x, out);
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
