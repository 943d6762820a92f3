// The kernels of swish: for nvcc, and as plain C++ for the interpreter.
#include "swish.h"

#include <cuttle/kernels/cuda/gpu.h>

using namespace cuttle::kernels::cuda;  // Stream, launch, blocks_for

constexpr int kThreads = 256;

template <class T>
__device__ T sigmoid(T x) {
  return 1 / (1 + std::exp(-x));
}

template <class T>
__global__ void swish_forward_kernel(int64_t n, const T* x, T* y) {
  const int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (i < n) y[i] = x[i] * sigmoid(x[i]);
}

template <class T>
__global__ void swish_backward_kernel(int64_t n, const T* x, const T* dy, T* dx) {
  const int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (i >= n) return;
  const T s = sigmoid(x[i]);
  dx[i] = dy[i] * (s + x[i] * s * (1 - s));
}

template <class T>
void swish_forward(Stream stream, int64_t n, const T* x, T* y) {
  if (n > 0) launch(stream, {blocks_for(n, kThreads), kThreads}, swish_forward_kernel<T>, n, x, y);
}

template <class T>
void swish_backward(Stream stream, int64_t n, const T* x, const T* dy, T* dx) {
  if (n > 0)
    launch(stream, {blocks_for(n, kThreads), kThreads}, swish_backward_kernel<T>, n, x, dy, dx);
}

template void swish_forward(Stream, int64_t, const float*, float*);
template void swish_forward(Stream, int64_t, const double*, double*);
template void swish_backward(Stream, int64_t, const float*, const float*, float*);
template void swish_backward(Stream, int64_t, const double*, const double*, double*);
