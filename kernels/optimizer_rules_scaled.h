// Methods that divide the gradient by its own size so far: RMSprop, Adagrad, Adadelta.
#pragma once

#include "optimizer_rule.h"

namespace cuttle::kernels {

/// The hyperparameters of torch.optim.RMSprop.
struct RMSpropOptions {
  double lr = 1e-2;
  double alpha = 0.99;
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum = 0;
  bool centered = false;
  bool maximize = false;

  friend bool operator==(const RMSpropOptions&, const RMSpropOptions&) = default;
};

/// Hinton 2012, lecture 6: v ← α · v + (1 − α) · g²; centered: a ← a + (1 − α) · (g − a), s = √(v −
/// a²) + eps, else √v + eps; with momentum b ← momentum · b + g / s, p ← p − lr · b, else p ← p −
/// lr · g / s.
struct RMSpropRule : OptimizerRule {
  using Options = RMSpropOptions;
  static constexpr const char* kName = "RMSprop";
  static constexpr int kStates = 3;
  static constexpr const char* kNames[] = {"square_avg", "momentum_buffer", "grad_avg"};
  static constexpr unsigned kOptional = 0b110;
  static bool uses_state(const Options& o, int state) {
    return state == 0 || (state == 1 ? o.momentum > 0 : o.centered);
  }

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("alpha", o.alpha);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("momentum", o.momentum);
    f("centered", o.centered);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T lr, alpha, from, eps, weight_decay, momentum;
    bool centered, maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double, double) {
    return {T(o.lr),           T(o.alpha),    T(1 - o.alpha), T(o.eps),
            T(o.weight_decay), T(o.momentum), o.centered,     o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    const T g = decayed(by.maximize, by.weight_decay, gradient, value);
    state[0] = state[0] * by.alpha + by.from * g * g;
    T square = state[0];
    if (by.centered) {
      state[2] = state[2] + by.from * (g - state[2]);
      square = square - state[2] * state[2];
    }
    const T scaled = g / (std::sqrt(square) + by.eps);
    if (by.momentum > 0) state[1] = state[1] * by.momentum + scaled;
    value = value - by.lr * (by.momentum > 0 ? state[1] : scaled);
  }
};

/// The hyperparameters of torch.optim.Adagrad.
struct AdagradOptions {
  double lr = 1e-2;
  double lr_decay = 0;
  double weight_decay = 0;
  double initial_accumulator_value = 0;
  double eps = 1e-10;
  bool maximize = false;

  friend bool operator==(const AdagradOptions&, const AdagradOptions&) = default;
};

/// Duchi et al. 2011: s ← s + g², from initial_accumulator_value;
/// p ← p − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps).
struct AdagradRule : OptimizerRule {
  using Options = AdagradOptions;
  static constexpr const char* kName = "Adagrad";
  static constexpr int kStates = 1;
  static constexpr const char* kNames[] = {"sum"};

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("lr_decay", o.lr_decay);
    f("weight_decay", o.weight_decay);
    f("initial_accumulator_value", o.initial_accumulator_value);
    f("eps", o.eps);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T lr, weight_decay, initial, eps;
    bool maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double step, double) {
    return {T(o.lr / (1 + (step - 1) * o.lr_decay)), T(o.weight_decay),
            T(step == 1 ? o.initial_accumulator_value : 0), T(o.eps), o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    const T g = decayed(by.maximize, by.weight_decay, gradient, value);
    state[0] = (state[0] + by.initial) + g * g;
    value = value - by.lr * (g / (std::sqrt(state[0]) + by.eps));
  }
};

/// The hyperparameters of torch.optim.Adadelta.
struct AdadeltaOptions {
  double lr = 1;
  double rho = 0.9;
  double eps = 1e-6;
  double weight_decay = 0;
  bool maximize = false;

  friend bool operator==(const AdadeltaOptions&, const AdadeltaOptions&) = default;
};

/// Zeiler 2012: v ← ρ · v + (1 − ρ) · g²;  d = √(u + eps) / √(v + eps) · g;  u ← ρ · u + (1 − ρ) ·
/// d²; p ← p − lr · d.
struct AdadeltaRule : OptimizerRule {
  using Options = AdadeltaOptions;
  static constexpr const char* kName = "Adadelta";
  static constexpr int kStates = 2;
  static constexpr const char* kNames[] = {"square_avg", "acc_delta"};

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("rho", o.rho);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T lr, rho, from, eps, weight_decay;
    bool maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double, double) {
    return {T(o.lr), T(o.rho), T(1 - o.rho), T(o.eps), T(o.weight_decay), o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    const T g = decayed(by.maximize, by.weight_decay, gradient, value);
    state[0] = state[0] * by.rho + by.from * g * g;
    const T change = std::sqrt(state[1] + by.eps) / std::sqrt(state[0] + by.eps) * g;
    state[1] = state[1] * by.rho + by.from * change * change;
    value = value - by.lr * change;
  }
};

}  // namespace cuttle::kernels
