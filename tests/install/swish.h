// swish(x) = x · σ(x), an operation of the program's own.
#pragma once

#include <cuttle/core/tensor.h>
#include <cuttle/kernels/stream.h>

/// x · σ(x) of each element. float32 or float64; differentiable as often as asked.
cuttle::Tensor swish(const cuttle::Tensor& x);

// The arithmetic on n elements that lie one behind the other, for each place it can run.
// y = x · σ(x); dx = dy · (s + x · s · (1 − s)), s = σ(x).
template <class T>
void swish_forward(cuttle::kernels::cpu::Stream, int64_t n, const T* x, T* y);
template <class T>
void swish_forward(cuttle::kernels::cuda::Stream, int64_t n, const T* x, T* y);
template <class T>
void swish_backward(cuttle::kernels::cpu::Stream, int64_t n, const T* x, const T* dy, T* dx);
template <class T>
void swish_backward(cuttle::kernels::cuda::Stream, int64_t n, const T* x, const T* dy, T* dx);
