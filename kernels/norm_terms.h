// What normalisation does to one element, written once for both devices.
#pragma once

#include <cmath>

#include "elementwise_math.h"
#include "norm.h"

namespace cuttle::kernels {

/// The terms of one channel, as numbers.
template <class T>
struct ChannelTerms {
  T center = 0, rstd = 1;  // x̂ = (x − center) · rstd
  T scale = 1, shift = 0;  // y = (x − center) · scale + shift

  ChannelTerms() = default;
  /// Those of channel c with the statistics number s.
  CUTTLE_HOST_DEVICE ChannelTerms(const NormTerms<T>& terms, int64_t s, int64_t c) {
    if (terms.mean != nullptr) center = terms.mean[s];
    rstd = terms.spread[s];
    if (terms.spread_is_variance) rstd = 1 / std::sqrt(rstd + static_cast<T>(terms.eps));
    scale = terms.weight != nullptr ? rstd * terms.weight[c] : rstd;
    if (terms.bias != nullptr) shift = terms.bias[c];
  }

  CUTTLE_HOST_DEVICE T normal(T x) const { return (x - center) * rstd; }
  CUTTLE_HOST_DEVICE T value(T x) const { return (x - center) * scale + shift; }
  /// dy where the element of y was not cut off.
  template <bool kRelu>
  CUTTLE_HOST_DEVICE T passed(T x, T dy) const {
    return kRelu && value(x) <= 0 ? T(0) : dy;
  }
};

/// How the gradient of a mean and a variance of the batch reaches each element of a channel.
template <class T>
struct BatchGradient {
  T mean = 0, slope = 0;  // of g, and of g · x̂

  BatchGradient() = default;
  /// share: of one element in the batch's mean.
  CUTTLE_HOST_DEVICE BatchGradient(const T* dweight, const T* dbias, int64_t c, T share)
      : mean(dbias[c] * share), slope(dweight[c] * share) {}
};

/// A running statistic after one more batch.
template <class T>
CUTTLE_HOST_DEVICE inline T moved(T running, T batch, T factor) {
  return (1 - factor) * running + factor * batch;
}

}  // namespace cuttle::kernels
