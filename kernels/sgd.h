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
  // Where the kernel runs; true: the buffer holds nothing yet and becomes g itself. nullptr where
  // momentum is 0.
  const bool* first_step = nullptr;
};

/// The hyperparameters of torch.optim.SGD.
struct SgdOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;

  friend bool operator==(const SgdOptions&, const SgdOptions&) = default;
};

/// The options as the kernel reads them: rounded to the parameters' type, as PyTorch rounds its
/// scalars before it multiplies. They lie where the kernel runs, not in its arguments, so that a
/// captured step follows what the host changes.
template <class T>
struct SgdFactors {
  SgdFactors() = default;
  explicit SgdFactors(const SgdOptions& options)
      : lr(static_cast<T>(options.lr)),
        momentum(static_cast<T>(options.momentum)),
        one_minus_dampening(static_cast<T>(1 - options.dampening)),
        weight_decay(static_cast<T>(options.weight_decay)),
        use_momentum(options.momentum != 0),
        use_weight_decay(options.weight_decay != 0),
        nesterov(options.nesterov),
        maximize(options.maximize) {}

  T lr, momentum, one_minus_dampening, weight_decay;
  bool use_momentum, use_weight_decay, nesterov, maximize;
};

/// For each element: g = gradient (negated with maximize) + weight_decay · value;
/// with momentum μ: buffer = g on the first step, else μ · buffer + (1 − dampening) · g;
/// g = g + μ · buffer with nesterov, else buffer; then value −= lr · g.  T: float, double.
/// Each operation is rounded to T as it is written here, so both devices give the same bits.
/// `factors` and each parameter's `first_step` are read where the kernel runs, when it runs.
/// The gradient itself is never written. On a GPU all parameters go in one launch.
template <class T>
void sgd_step(cpu::Stream, const SgdFactors<T>* factors,
              std::span<const SgdParameter<T>> parameters);
template <class T>
void sgd_step(cuda::Stream, const SgdFactors<T>* factors,
              std::span<const SgdParameter<T>> parameters);

}  // namespace cuttle::kernels
