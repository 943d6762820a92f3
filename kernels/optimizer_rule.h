// What each optimizer's rule has in common. A rule (optimizer_rules_*.h) says what a method does to
// one element, and CPU and GPU make their steps from it (optimizer_step.h). It has
//   Options          what the user chooses, numbers and switches; for_each_option names them
//   kStates          how many numbers it keeps for an element, kNames their names
//   kOptional        which of them, a bit each, only some options need; uses_state says whether
//   Terms<T>, terms  what the elements of one parameter have in common in its `step`-th step (1 for
//                    the first), computed in double and rounded to T
//   update           one element's step; `state` is 0 in a parameter's first step
// Formulas are those of torch.optim, in its order of operations.
#pragma once

#include <cmath>
#include <cstdint>

#include "host_device.h"

namespace cuttle::kernels {

inline constexpr int kMostStates = 3;

/// The factors of two running means: {.betas = {0.9, 0.99}}.
struct Betas {
  double first = 0, second = 0;
  friend bool operator==(const Betas&, const Betas&) = default;
};

/// base^n for whole n ≥ 0, with the same bits on every device.
CUTTLE_HOST_DEVICE inline double whole_power(double base, double n) {
  double result = 1;
  for (auto left = static_cast<int64_t>(n); left > 0; left /= 2, base *= base)
    if (left % 2 == 1) result *= base;
  return result;
}

/// The gradient, negated with `maximize` and with weight decay: how most methods begin.
template <class T>
CUTTLE_HOST_DEVICE inline T decayed(bool maximize, T weight_decay, T gradient, T value) {
  const T g = maximize ? -gradient : gradient;
  return weight_decay != 0 ? g + weight_decay * value : g;
}

/// What a rule that does not say otherwise does.
struct OptimizerRule {
  /// Whether a step counts.
  template <class O>
  CUTTLE_HOST_DEVICE static bool counts(const O&) {
    return true;
  }
  /// The product that NAdam keeps for a parameter, after the `step`-th step.
  template <class O>
  CUTTLE_HOST_DEVICE static double next_product(const O&, double, double product) {
    return product;
  }
  static constexpr bool kKeepsProduct = false;
  /// Whether the number of steps is part of the state that is saved.
  static constexpr bool kSavesStep = true;
  static constexpr unsigned kOptional = 0;
  template <class O>
  static bool uses_state(const O&, int) {
    return true;
  }
};

}  // namespace cuttle::kernels
