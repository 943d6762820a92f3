// swish on the CPU, and its place on the tape.
#include "swish.h"

#include <cuttle/core/autograd/record.h>
#include <cuttle/core/dispatch.h>
#include <cuttle/cuttle.h>

#include <cmath>

using namespace cuttle;
using kernels::cpu::Stream;

template <class T>
void swish_forward(Stream, int64_t n, const T* x, T* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] / (1 + std::exp(-x[i]));
}

template <class T>
void swish_backward(Stream, int64_t n, const T* x, const T* dy, T* dx) {
  for (int64_t i = 0; i < n; ++i) {
    const T s = 1 / (1 + std::exp(-x[i]));
    dx[i] = dy[i] * (s + x[i] * s * (1 - s));
  }
}

// The kernel; or, where the gradient will itself be differentiated, recorded operations.
static Tensor backward_of_swish(const Tensor& x, const Tensor& gradient) {
  if (is_grad_enabled()) {
    const Tensor s = x.sigmoid();
    return gradient * (s + x * s * (1 - s));
  }
  const Tensor dy = gradient.contiguous();
  Tensor dx = empty(x.shape(), {.dtype = x.dtype(), .device = x.device()});
  dispatch_float_double("swish", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      swish_backward(stream, x.numel(), x.data<T>(), dy.data<T>(), dx.data<T>());
    });
  });
  return dx;
}

Tensor swish(const Tensor& input) {
  check_defined("swish", input);
  const Tensor x = input.contiguous();
  Tensor y = empty(x.shape(), {.dtype = x.dtype(), .device = x.device()});
  dispatch_float_double("swish", x.dtype(), [&]<class T>() {
    on_device(x.device(),
              [&](auto stream) { swish_forward(stream, x.numel(), x.data<T>(), y.data<T>()); });
  });
  return record("swish", y, {x},
                [x = save(x)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  return {backward_of_swish(x.get(), gradient)};
                });
}
