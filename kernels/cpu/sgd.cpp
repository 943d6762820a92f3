// One SGD step on the CPU: all parameters in one pass over their elements.
#include "../sgd.h"

#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// The general formula; the buffer's value for this step comes from `next_buffer(i, g)`.
template <class T, class Buffer>
void step_range(const SgdFactors<T>& by, int64_t begin, int64_t end, T* value, const T* gradient,
                const Buffer& next_buffer) {
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    T g = by.maximize ? -gradient[i] : gradient[i];
    if (by.use_weight_decay) g = g + by.weight_decay * value[i];
    const T buffer = next_buffer(i, g);
    g = by.nesterov ? g + by.momentum * buffer : buffer;
    value[i] = value[i] - by.lr * g;
  }
}

/// Elements [begin, end) of one parameter.
template <class T>
void update(const SgdFactors<T>& by, const SgdParameter<T>& parameter, int64_t begin, int64_t end) {
  T* value = parameter.value;
  T* buffer = parameter.momentum_buffer;
  const T* gradient = parameter.gradient;
  if (!by.use_momentum) {
    if (!by.use_weight_decay &&
        !by.maximize) {  // the plain step, and the only one that is hot here
#pragma omp simd
      for (int64_t i = begin; i < end; ++i) value[i] = value[i] - by.lr * gradient[i];
      return;
    }
    SgdFactors<T> plain = by;
    plain.nesterov = false;
    step_range(plain, begin, end, value, gradient, [](int64_t, T g) { return g; });
  } else if (*parameter.first_step) {
    step_range(by, begin, end, value, gradient, [=](int64_t i, T g) { return buffer[i] = g; });
  } else {
    const T momentum = by.momentum, keep = by.one_minus_dampening;
    step_range(by, begin, end, value, gradient,
               [=](int64_t i, T g) { return buffer[i] = momentum * buffer[i] + keep * g; });
  }
}

}  // namespace

template <class T>
void sgd_step(cpu::Stream, const SgdFactors<T>* factors,
              std::span<const SgdParameter<T>> parameters) {
  int64_t total = 0;
  for (const SgdParameter<T>& parameter : parameters) total += parameter.numel;
  cpu::parallel_for(total, cpu::kGrain, [&](int64_t begin, int64_t end) {
    int64_t first = 0;  // where the parameter starts in the row of all elements
    for (const SgdParameter<T>& parameter : parameters) {
      const int64_t from = std::max(begin - first, int64_t{0});
      const int64_t to = std::min(end - first, parameter.numel);
      if (from < to) update(*factors, parameter, from, to);
      first += parameter.numel;
    }
  });
}

#define CUTTLE_INSTANTIATE(T) \
  template void sgd_step<T>(cpu::Stream, const SgdFactors<T>*, std::span<const SgdParameter<T>>);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
