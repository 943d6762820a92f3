// Methods that follow the gradient, or its sign: SGD, Lion.
#pragma once

#include "optimizer_rule.h"

namespace cuttle::kernels {

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

/// g ← ±gradient + weight_decay · p;  b ← g at first, then momentum · b + (1 − dampening) · g;
/// p ← p − lr · (g + momentum · b with nesterov, else b; g without momentum).
struct SgdRule : OptimizerRule {
  using Options = SgdOptions;
  static constexpr const char* kName = "SGD";
  static constexpr int kStates = 1;
  static constexpr const char* kNames[] = {"momentum_buffer"};
  static constexpr bool kSavesStep = false;
  static constexpr unsigned kOptional = 0b1;
  static bool uses_state(const Options& o, int) { return o.momentum != 0; }
  /// Momentum's first step is the one that it begins at.
  CUTTLE_HOST_DEVICE static bool counts(const Options& o) { return o.momentum != 0; }

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("momentum", o.momentum);
    f("dampening", o.dampening);
    f("weight_decay", o.weight_decay);
    f("nesterov", o.nesterov);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T lr, momentum, keep, weight_decay;
    bool use_momentum, nesterov, maximize, first;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double step, double) {
    return {T(o.lr),         T(o.momentum), T(1 - o.dampening), T(o.weight_decay),
            o.momentum != 0, o.nesterov,    o.maximize,         step == 1};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    T g = decayed(by.maximize, by.weight_decay, gradient, value);
    if (by.use_momentum) {
      state[0] = by.first ? g : by.momentum * state[0] + by.keep * g;
      g = by.nesterov ? g + by.momentum * state[0] : state[0];
    }
    value = value - by.lr * g;
  }
};

/// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2.
struct LionOptions {
  double lr = 1e-4;
  Betas betas = {0.9, 0.99};
  double weight_decay = 0;  // decoupled
  bool maximize = false;

  friend bool operator==(const LionOptions&, const LionOptions&) = default;
};

/// p ← p · (1 − lr · weight_decay) − lr · sign(β₁ · m + (1 − β₁) · g);  m ← β₂ · m + (1 − β₂) · g.
struct LionRule : OptimizerRule {
  using Options = LionOptions;
  static constexpr const char* kName = "Lion";
  static constexpr int kStates = 1;
  static constexpr const char* kNames[] = {"exp_avg"};

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("weight_decay", o.weight_decay);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T lr, keep, beta1, beta2;
    bool maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double, double) {
    return {T(o.lr), T(1 - o.lr * o.weight_decay), T(o.betas.first), T(o.betas.second), o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    const T g = by.maximize ? -gradient : gradient;
    const T direction = by.beta1 * state[0] + (1 - by.beta1) * g;
    const T sign = T(direction > 0) - T(direction < 0);
    value = value * by.keep - by.lr * sign;
    state[0] = by.beta2 * state[0] + (1 - by.beta2) * g;
  }
};

}  // namespace cuttle::kernels
