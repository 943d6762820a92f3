// Stochastic gradient descent over many parameters at once.
#pragma once

#include <cstdint>
#include <span>

#include "stream.h"

namespace cuttle::kernels {

/// One parameter of the step; all arrays dense, numel elements, in the same order.
template <class T>
struct SgdParameter {
  T* value = nullptr;
  const T* gradient = nullptr;
  T* momentum_buffer = nullptr;  // nullptr where momentum is 0
  int64_t numel = 0;
  bool first_step = false;  // the buffer holds nothing yet and becomes g itself
};

/// The hyperparameters of torch.optim.SGD.
struct SgdOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
};

/// For each element: g = gradient (negated with maximize) + weight_decay · value;
/// with momentum μ: buffer = g on the first step, else μ · buffer + (1 − dampening) · g;
/// g = g + μ · buffer with nesterov, else buffer; then value −= lr · g.  T: float, double.
/// Each operation is rounded to T as it is written here, so both devices give the same bits.
/// The gradient itself is never written. On a GPU all parameters go in one launch.
template <class T>
void sgd_step(cpu::Stream, const SgdOptions& options, std::span<const SgdParameter<T>> parameters);
template <class T>
void sgd_step(cuda::Stream, const SgdOptions& options, std::span<const SgdParameter<T>> parameters);

}  // namespace cuttle::kernels
