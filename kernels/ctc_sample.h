// One sample of a CTC loss: its states and the two recursions over them. Both backends walk frames
// with it, states in any order within a frame.
#pragma once

#include <cmath>
#include <limits>

#include "ctc_loss.h"
#include "host_device.h"

namespace cuttle::kernels::ctc {

inline constexpr double kNever = -std::numeric_limits<double>::infinity();
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// log(eᵃ + eᵇ).
CUTTLE_HOST_DEVICE inline double log_add(double a, double b) {
  if (a == kNever) return b;
  if (b == kNever) return a;
  const double larger = a > b ? a : b, less = a > b ? b : a;
  return larger + std::log1p(std::exp(less - larger));
}

template <class T>
struct Sample {
  CUTTLE_HOST_DEVICE Sample(const CtcShape& shape, const CtcInputs<T>& in, int64_t number)
      : log_probs(in.log_probs + number * shape.classes),
        labels(in.targets + in.starts[number]),
        frames(in.input_lengths[number]),
        states(2 * in.target_lengths[number] + 1),
        classes(shape.classes),
        stride(shape.batch * shape.classes),
        blank(shape.blank) {}

  CUTTLE_HOST_DEVICE int64_t label(int64_t s) const { return s % 2 == 0 ? blank : labels[s / 2]; }
  CUTTLE_HOST_DEVICE double log_prob(int64_t t, int64_t s) const {
    const int64_t c = label(s);
    return c >= 0 && c < classes ? static_cast<double>(log_probs[t * stride + c]) : kUnknown;
  }
  /// Whether s follows s − 2: the blank between two labels may be left out unless they are equal.
  CUTTLE_HOST_DEVICE bool skips_to(int64_t s) const {
    return s % 2 == 1 && s >= 3 && labels[s / 2] != labels[s / 2 - 1];
  }

  /// α at frame t and state s; `before`: those of frame t − 1.
  CUTTLE_HOST_DEVICE double alpha(int64_t t, int64_t s, const double* before) const {
    if (t == 0) return s < 2 ? log_prob(0, s) : kNever;
    double sum = before[s];
    if (s >= 1) sum = log_add(sum, before[s - 1]);
    if (skips_to(s)) sum = log_add(sum, before[s - 2]);
    return sum + log_prob(t, s);
  }
  /// The logarithm of the sum over ends of alignments behind state s at frame t; `after`: those of
  /// frame t + 1.
  CUTTLE_HOST_DEVICE double beta(int64_t t, int64_t s, const double* after) const {
    if (t == frames - 1) return s >= states - 2 ? 0 : kNever;
    double sum = after[s] + log_prob(t + 1, s);
    if (s + 1 < states) sum = log_add(sum, after[s + 1] + log_prob(t + 1, s + 1));
    if (s + 2 < states && skips_to(s + 2))
      sum = log_add(sum, after[s + 2] + log_prob(t + 1, s + 2));
    return sum;
  }
  /// log p from the last frame's α. Without frames only the empty target has an alignment.
  CUTTLE_HOST_DEVICE double total(const double* last) const {
    if (frames == 0) return states == 1 ? 0 : kNever;
    return states == 1 ? last[0] : log_add(last[states - 1], last[states - 2]);
  }

  const T* log_probs;  // of this sample at frame 0; `stride` apart
  const int64_t* labels;
  int64_t frames, states, classes, stride, blank;
};

/// The loss, and what gradients are multiplied with: nothing known where no alignment fits.
CUTTLE_HOST_DEVICE inline double loss_of(const CtcShape& shape, double log_p) {
  return log_p == kNever && shape.zero_infinity ? 0 : -log_p;
}
CUTTLE_HOST_DEVICE inline double factor_of(const CtcShape& shape, double log_p, double dloss) {
  if (log_p == kNever) return shape.zero_infinity ? 0 : kUnknown;
  return -dloss;
}

}  // namespace cuttle::kernels::ctc
