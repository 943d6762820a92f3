// The linear layer on the CPU. See kernels/linear.h.
#include "../linear.h"

#include "../linear_products.h"

namespace cuttle::kernels {

template <class T>
void linear_forward(cpu::Stream stream, const LinearShape& shape, const T* x, const T* weight,
                    const T* bias, T* y) {
  linear_forward_by_gemm(stream, shape, x, weight, bias, y);
}

template <class T>
void linear_backward(cpu::Stream stream, const LinearShape& shape, const T* x, const T* weight,
                     const T* dy, const LinearGradients<T>& gradients) {
  linear_backward_by_gemm(stream, shape, x, weight, dy, gradients);
}

#define CUTTLE_LINEAR(T)                                                                           \
  template void linear_forward(cpu::Stream, const LinearShape&, const T*, const T*, const T*, T*); \
  template void linear_backward(cpu::Stream, const LinearShape&, const T*, const T*, const T*,     \
                                const LinearGradients<T>&);
CUTTLE_LINEAR(float)
CUTTLE_LINEAR(double)

}  // namespace cuttle::kernels
