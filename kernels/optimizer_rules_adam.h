// Adam and its kin: steps by the gradient's running mean over a measure of its size.
#pragma once

#include "optimizer_rule.h"

namespace cuttle::kernels {

/// m ← m + (1 − β) · (g − m): the running mean as PyTorch computes it.
template <class T>
CUTTLE_HOST_DEVICE inline T mean_of(T mean, T g, T one_minus_beta) {
  return mean + one_minus_beta * (g - mean);
}

/// v ← β · v + (1 − β) · g².
template <class T>
CUTTLE_HOST_DEVICE inline T mean_square_of(T square, T g, T beta, T one_minus_beta) {
  return square * beta + one_minus_beta * g * g;
}

/// The hyperparameters of torch.optim.Adam.
struct AdamOptions {
  double lr = 1e-3;
  Betas betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  bool amsgrad = false;
  bool maximize = false;

  friend bool operator==(const AdamOptions&, const AdamOptions&) = default;
};
/// Those of torch.optim.AdamW.
struct AdamWOptions {
  double lr = 1e-3;
  Betas betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 1e-2;
  bool amsgrad = false;
  bool maximize = false;

  friend bool operator==(const AdamWOptions&, const AdamWOptions&) = default;
};

/// Kingma and Ba 2015; amsgrad: Reddi et al. 2018; decoupled: Loshchilov and Hutter 2019.
/// m, v: running means of g and g²; with amsgrad v̂ is the largest v, else v.
/// p ← p − lr / (1 − β₁ᵗ) · m / (√v̂ / √(1 − β₂ᵗ) + eps).
/// Weight decay is part of g, or decoupled: p ← p · (1 − lr · weight_decay) before.
template <class O, bool kDecoupled>
struct AdamRuleOf : OptimizerRule {
  using Options = O;
  static constexpr const char* kName = kDecoupled ? "AdamW" : "Adam";
  static constexpr int kStates = 3;
  static constexpr const char* kNames[] = {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"};
  static constexpr unsigned kOptional = 0b100;
  static bool uses_state(const Options& o, int state) { return state < 2 || o.amsgrad; }

  template <class Any, class F>
  static void for_each_option(Any& o, const F& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("amsgrad", o.amsgrad);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T step_size, root_correction, beta2, from1, from2, eps, decay;
    bool amsgrad, maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double step, double) {
    return {T(o.lr / (1 - whole_power(o.betas.first, step))),
            T(std::sqrt(1 - whole_power(o.betas.second, step))),
            T(o.betas.second),
            T(1 - o.betas.first),
            T(1 - o.betas.second),
            T(o.eps),
            T(kDecoupled ? 1 - o.lr * o.weight_decay : o.weight_decay),
            o.amsgrad,
            o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    if constexpr (kDecoupled) value = value * by.decay;
    const T g = decayed(by.maximize, kDecoupled ? T(0) : by.decay, gradient, value);
    state[0] = mean_of(state[0], g, by.from1);
    state[1] = mean_square_of(state[1], g, by.beta2, by.from2);
    if (by.amsgrad) state[2] = state[1] > state[2] ? state[1] : state[2];
    const T size = std::sqrt(by.amsgrad ? state[2] : state[1]) / by.root_correction + by.eps;
    value = value - by.step_size * (state[0] / size);
  }
};
using AdamRule = AdamRuleOf<AdamOptions, false>;
using AdamWRule = AdamRuleOf<AdamWOptions, true>;

/// The hyperparameters of torch.optim.NAdam.
struct NAdamOptions {
  double lr = 2e-3;
  Betas betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum_decay = 4e-3;
  bool decoupled_weight_decay = false;
  bool maximize = false;

  friend bool operator==(const NAdamOptions&, const NAdamOptions&) = default;
};

/// Dozat 2016, "Incorporating Nesterov Momentum into Adam". μₜ = β₁ · (1 − 0.96^(t ·
/// momentum_decay) / 2), Π the product of all μ until t; d = √(v / (1 − β₂ᵗ)) + eps;
/// p ← p − lr · (1 − μₜ) / (1 − Π) · g / d − lr · μₜ₊₁ / (1 − Π · μₜ₊₁) · m / d.
struct NAdamRule : OptimizerRule {
  using Options = NAdamOptions;
  static constexpr const char* kName = "NAdam";
  static constexpr int kStates = 2;
  static constexpr const char* kNames[] = {"exp_avg", "exp_avg_sq"};
  static constexpr bool kKeepsProduct = true;

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("momentum_decay", o.momentum_decay);
    f("decoupled_weight_decay", o.decoupled_weight_decay);
    f("maximize", o.maximize);
  }

  CUTTLE_HOST_DEVICE static double mu(const Options& o, double step) {
    return o.betas.first * (1 - 0.5 * std::pow(0.96, step * o.momentum_decay));
  }
  CUTTLE_HOST_DEVICE static double next_product(const Options& o, double step, double product) {
    return product * mu(o, step);
  }

  template <class T>
  struct Terms {
    T by_gradient, by_mean, correction, beta2, from1, from2, eps, decay, weight_decay;
    bool maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double step, double product) {
    const double now = mu(o, step), next = mu(o, step + 1), all = product * now;
    return {T(o.lr * (1 - now) / (1 - all)),
            T(o.lr * next / (1 - all * next)),
            T(1 - whole_power(o.betas.second, step)),
            T(o.betas.second),
            T(1 - o.betas.first),
            T(1 - o.betas.second),
            T(o.eps),
            T(o.decoupled_weight_decay ? 1 - o.lr * o.weight_decay : 1),
            T(o.decoupled_weight_decay ? 0 : o.weight_decay),
            o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    value = value * by.decay;
    const T g = decayed(by.maximize, by.weight_decay, gradient, value);
    state[0] = mean_of(state[0], g, by.from1);
    state[1] = mean_square_of(state[1], g, by.beta2, by.from2);
    const T size = std::sqrt(state[1] / by.correction) + by.eps;
    value = value - by.by_gradient * (g / size);
    value = value - by.by_mean * (state[0] / size);
  }
};

/// The hyperparameters of torch.optim.RAdam.
struct RAdamOptions {
  double lr = 1e-3;
  Betas betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  bool decoupled_weight_decay = false;
  bool maximize = false;

  friend bool operator==(const RAdamOptions&, const RAdamOptions&) = default;
};

/// Liu et al. 2020, "On the Variance of the Adaptive Learning Rate and Beyond". ρ∞ = 2 / (1 − β₂) −
/// 1, ρₜ = ρ∞ − 2 · t · β₂ᵗ / (1 − β₂ᵗ), m̂ = m / (1 − β₁ᵗ). Where ρₜ > 5,
///   r = √((ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ)),  p ← p − lr · m̂ · r · √(1 − β₂ᵗ) / (√v +
///   eps);
/// else p ← p − lr · m̂.
struct RAdamRule : OptimizerRule {
  using Options = RAdamOptions;
  static constexpr const char* kName = "RAdam";
  static constexpr int kStates = 2;
  static constexpr const char* kNames[] = {"exp_avg", "exp_avg_sq"};

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("decoupled_weight_decay", o.decoupled_weight_decay);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T step_size, rectified, beta2, from1, from2, eps, decay, weight_decay;
    bool rectify, maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double step, double) {
    const double power = whole_power(o.betas.second, step), correction = 1 - power;
    const double limit = 2 / (1 - o.betas.second) - 1, rho = limit - 2 * step * power / correction;
    const bool rectify = rho > 5;
    const double rectified =
        rectify ? std::sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) *
                      std::sqrt(correction)
                : 1;
    return {T(o.lr / (1 - whole_power(o.betas.first, step))),
            T(rectified),
            T(o.betas.second),
            T(1 - o.betas.first),
            T(1 - o.betas.second),
            T(o.eps),
            T(o.decoupled_weight_decay ? 1 - o.lr * o.weight_decay : 1),
            T(o.decoupled_weight_decay ? 0 : o.weight_decay),
            rectify,
            o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    value = value * by.decay;
    const T g = decayed(by.maximize, by.weight_decay, gradient, value);
    state[0] = mean_of(state[0], g, by.from1);
    state[1] = mean_square_of(state[1], g, by.beta2, by.from2);
    const T scale = by.rectify ? by.rectified / (std::sqrt(state[1]) + by.eps) : T(1);
    value = value - by.step_size * state[0] * scale;
  }
};

/// The hyperparameters of torch.optim.Adamax.
struct AdamaxOptions {
  double lr = 2e-3;
  Betas betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  bool maximize = false;

  friend bool operator==(const AdamaxOptions&, const AdamaxOptions&) = default;
};

/// Kingma and Ba 2015, section 7.1: u ← max(β₂ · u, |g| + eps);  p ← p − lr / (1 − β₁ᵗ) · m / u.
struct AdamaxRule : OptimizerRule {
  using Options = AdamaxOptions;
  static constexpr const char* kName = "Adamax";
  static constexpr int kStates = 2;
  static constexpr const char* kNames[] = {"exp_avg", "exp_inf"};

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("maximize", o.maximize);
  }

  template <class T>
  struct Terms {
    T step_size, beta2, from1, eps, weight_decay;
    bool maximize;
  };
  template <class T>
  CUTTLE_HOST_DEVICE static Terms<T> terms(const Options& o, double step, double) {
    return {T(o.lr / (1 - whole_power(o.betas.first, step))),
            T(o.betas.second),
            T(1 - o.betas.first),
            T(o.eps),
            T(o.weight_decay),
            o.maximize};
  }
  template <class T>
  CUTTLE_HOST_DEVICE static void update(const Terms<T>& by, T gradient, T& value, T* state) {
    const T g = decayed(by.maximize, by.weight_decay, gradient, value);
    state[0] = mean_of(state[0], g, by.from1);
    const T before = by.beta2 * state[1], now = (g < 0 ? -g : g) + by.eps;
    state[1] = before > now ? before : now;
    value = value - by.step_size * (state[0] / state[1]);
  }
};

}  // namespace cuttle::kernels
