// CTC on the CPU: samples in parallel, frame after frame.
#include "../ctc_loss.h"

#include <vector>

#include "../ctc_sample.h"
#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// dx (C) at frame t, whose α and β are given; `share` (C): scratch.
template <class T>
void frame_gradient(const ctc::Sample<T>& sample, const double* alpha, const double* beta,
                    double log_p, double factor, std::vector<double>& share, T* dx) {
  std::fill(share.begin(), share.end(), 0.0);
  for (int64_t s = 0; s < sample.states; ++s) {
    const int64_t c = sample.label(s);
    if (c >= 0 && c < sample.classes)
      share[static_cast<size_t>(c)] += std::exp(alpha[s] + beta[s] - log_p);
  }
  for (int64_t c = 0; c < sample.classes; ++c) {
    const double part = share[static_cast<size_t>(c)];
    const bool none = factor == 0 || (part == 0 && factor == factor);  // a NaN is for all classes
    dx[c] = none ? T(0) : static_cast<T>(factor * part);
  }
}

}  // namespace

template <class T>
void ctc_loss_forward(cpu::Stream, const CtcShape& shape, const CtcInputs<T>& in, double* alpha,
                      double* log_p, T* loss) {
  const int64_t row = shape.states(), plane = shape.frames * row;
  cpu::parallel_for(shape.batch, cpu::grain_units(plane * 16), [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const ctc::Sample<T> sample(shape, in, n);
      double* at = alpha + n * plane;
      for (int64_t t = 0; t < sample.frames; ++t)
        for (int64_t s = 0; s < sample.states; ++s)
          at[t * row + s] = sample.alpha(t, s, at + (t - 1) * row);
      log_p[n] = sample.total(at + (sample.frames - 1) * row);
      loss[n] = static_cast<T>(ctc::loss_of(shape, log_p[n]));
    }
  });
}

template <class T>
void ctc_loss_backward(cpu::Stream, const CtcShape& shape, const CtcInputs<T>& in,
                       const double* alpha, const double* log_p, const T* dloss, double* beta,
                       T* dx) {
  const int64_t row = shape.states(), plane = shape.frames * row;
  cpu::parallel_for(shape.batch, cpu::grain_units(plane * 16), [=](int64_t begin, int64_t end) {
    std::vector<double> share(static_cast<size_t>(shape.classes));
    for (int64_t n = begin; n < end; ++n) {
      const ctc::Sample<T> sample(shape, in, n);
      const double factor = ctc::factor_of(shape, log_p[n], static_cast<double>(dloss[n]));
      const double* a = alpha + n * plane;
      double* b = beta + n * plane;
      for (int64_t t = shape.frames - 1; t >= 0; --t) {
        T* to = dx + (t * shape.batch + n) * shape.classes;
        if (t >= sample.frames) {
          std::fill_n(to, shape.classes, T(0));
          continue;
        }
        for (int64_t s = 0; s < sample.states; ++s)
          b[t * row + s] = sample.beta(t, s, b + (t + 1) * row);
        frame_gradient(sample, a + t * row, b + t * row, log_p[n], factor, share, to);
      }
    }
  });
}

#define CUTTLE_INSTANTIATE(T)                                                                \
  template void ctc_loss_forward(cpu::Stream, const CtcShape&, const CtcInputs<T>&, double*, \
                                 double*, T*);                                               \
  template void ctc_loss_backward(cpu::Stream, const CtcShape&, const CtcInputs<T>&,         \
                                  const double*, const double*, const T*, double*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
