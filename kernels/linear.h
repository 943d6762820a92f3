// The linear layer: matrix product with a bias, and its gradients.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

/// x (rows, in), weight (out, in), bias (out), y (rows, out): row-major and dense. Any size may
/// be 0.
struct LinearShape {
  int64_t rows = 0, in = 0, out = 0;
};

/// Where the gradients go; nullptr: not wanted. They have the shapes of x, weight and bias.
template <class T>
struct LinearGradients {
  T* dx = nullptr;
  T* dweight = nullptr;
  T* dbias = nullptr;
};

/// y = x · weightᵀ + bias; `bias` may be nullptr. Accumulated in T. T: float, double.
template <class T>
void linear_forward(cpu::Stream, const LinearShape& shape, const T* x, const T* weight,
                    const T* bias, T* y);
template <class T>
void linear_forward(cuda::Stream, const LinearShape& shape, const T* x, const T* weight,
                    const T* bias, T* y);

/// dx = dy · weight, dweight = dyᵀ · x, dbias = Σ of dy's rows. x is not read where dweight is not
/// wanted, nor weight where dx is not.
template <class T>
void linear_backward(cpu::Stream, const LinearShape& shape, const T* x, const T* weight,
                     const T* dy, const LinearGradients<T>& gradients);
template <class T>
void linear_backward(cuda::Stream, const LinearShape& shape, const T* x, const T* weight,
                     const T* dy, const LinearGradients<T>& gradients);

}  // namespace cuttle::kernels
