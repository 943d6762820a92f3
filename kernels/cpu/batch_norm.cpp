// Batch normalisation with given statistics on the CPU: each element is read and written once.
#include "../batch_norm.h"

#include "norm_runs.h"

namespace cuttle::kernels {
namespace {

using cpu::RunTerms;
using cpu::Same;

template <bool kRelu, class T, class Terms>
void normalise_run(int64_t n, const Terms& terms, const T* x, T* y) {
  cpu::each_lane(n, [=](int64_t i) {
    const T value = terms.at(i).value(x[i]);
    y[i] = kRelu ? math::relu(value) : value;
  });
}

/// mean, slope: of BatchGradient.
template <bool kRelu, class T, class Terms, class Values>
void gradient_run(int64_t n, const Terms& terms, const Values& mean, const Values& slope,
                  const T* x, const T* dy, T* dx) {
  cpu::each_lane(n, [=](int64_t i) {
    const ChannelTerms<T> own = terms.at(i);
    const T g = own.template passed<kRelu>(x[i], dy[i]);
    dx[i] = own.scale * (g - (mean[i] + own.normal(x[i]) * slope[i]));
  });
}

/// The same where the statistics were constants.
template <bool kRelu, class T, class Terms>
void scaled_run(int64_t n, const Terms& terms, const T* x, const T* dy, T* dx) {
  cpu::each_lane(n, [=](int64_t i) {
    const ChannelTerms<T> own = terms.at(i);
    dx[i] = own.scale * own.template passed<kRelu>(x[i], dy[i]);
  });
}

template <class T>
void keep_running(const NormShape& s, const NormTerms<T>& terms, const RunningStatistics<T>& to) {
  const T factor =
      to.steps != nullptr ? 1 / static_cast<T>(*to.steps) : static_cast<T>(to.momentum);
  const T unbiased = static_cast<T>(s.count()) / static_cast<T>(s.count() - 1);
  for (int64_t c = 0; c < s.channels; ++c) {
    to.mean[c] = moved(to.mean[c], terms.mean[c], factor);
    to.variance[c] = moved(to.variance[c], terms.spread[c] * unbiased, factor);
  }
}

template <bool kRelu, class T>
void backward(const NormShape& s, const NormTerms<T>& terms, const T* x, const T* dy,
              const T* dweight, const T* dbias, T* dx) {
  if (dweight == nullptr) {
    cpu::for_each_run(s, terms, [=](int64_t at, int64_t n, const auto& run, int64_t) {
      scaled_run<kRelu>(n, run, x + at, dy + at, dx + at);
    });
    return;
  }
  thread_local cpu::Scratch scratch;
  T* const means = scratch.get<T>(2 * s.channels);
  T* const slopes = means + s.channels;
  const T share = 1 / static_cast<T>(s.count());
  for (int64_t c = 0; c < s.channels; ++c) {
    const BatchGradient<T> shared(dweight, dbias, c, share);
    means[c] = shared.mean, slopes[c] = shared.slope;
  }
  cpu::for_each_run(s, terms, [=](int64_t at, int64_t n, const auto& run, int64_t c) {
    if constexpr (std::is_same_v<decltype(run), const RunTerms<Same<T>>&>)
      gradient_run<kRelu>(n, run, Same<T>{means[c]}, Same<T>{slopes[c]}, x + at, dy + at, dx + at);
    else
      gradient_run<kRelu, T, RunTerms<const T*>, const T*>(n, run, means, slopes, x + at, dy + at,
                                                           dx + at);
  });
}

}  // namespace

template <class T>
void batch_norm_forward(cpu::Stream, const NormShape& s, const NormTerms<T>& terms,
                        const RunningStatistics<T>& running, const T* x, T* y) {
  if (running.mean != nullptr && s.count() > 1) keep_running(s, terms, running);
  cpu::for_each_run(s, terms, [=](int64_t at, int64_t n, const auto& run, int64_t) {
    if (terms.relu)
      normalise_run<true>(n, run, x + at, y + at);
    else
      normalise_run<false>(n, run, x + at, y + at);
  });
}

template <class T>
void batch_norm_backward(cpu::Stream, const NormShape& s, const NormTerms<T>& terms, const T* x,
                         const T* dy, const T* dweight, const T* dbias, T* dx) {
  if (terms.relu)
    backward<true>(s, terms, x, dy, dweight, dbias, dx);
  else
    backward<false>(s, terms, x, dy, dweight, dbias, dx);
}

#define CUTTLE_INSTANTIATE(T)                                                                     \
  template void batch_norm_forward(cpu::Stream, const NormShape&, const NormTerms<T>&,            \
                                   const RunningStatistics<T>&, const T*, T*);                    \
  template void batch_norm_backward(cpu::Stream, const NormShape&, const NormTerms<T>&, const T*, \
                                    const T*, const T*, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
