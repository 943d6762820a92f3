// weight_norm and spectral_norm: a layer's weight computed from other parameters before each
// forward.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "module.h"

namespace cuttle::parametrizations {

struct WeightNormOptions {
  std::string name = "weight";
  std::optional<int64_t> dim = 0;  // whose slices keep their own norms; unset: one norm for all
};

struct SpectralNormOptions {
  std::string name = "weight";
  int64_t n_power_iterations = 1;  // in each forward in training
  double eps = 1e-12;
  // That the rows of the matrix count; unset: 1 for transposed convolutions, 0 for others.
  std::optional<int64_t> dim = {};
};

/// Replaces the parameter by weight = g · v / ‖v‖: original0 is g, the norms, and original1 is v.
/// See the template below.
void apply_weight_norm(Module& module, const WeightNormOptions& options = {});
/// Replaces the parameter by weight / σ, σ being the largest singular value of the matrix that the
/// weight makes, `original` the trained tensor. σ = uᵀ W v comes from the power method, whose
/// vectors are the buffers _u and _v; they start normally distributed, with 15 iterations.
void apply_spectral_norm(Module& module, const SpectralNormOptions& options = {});

/// torch.nn.utils.parametrizations.weight_norm: of a layer in its place, weight_norm(model.fc), or
/// a new one, register_module("fc", weight_norm(Linear(3, 4))). layer.weight is then a result:
/// computed whenever the layer is called, by a forward pre-hook, and no parameter of its own, while
/// parametrizations.weight.original0 and original1 are. An optimizer must be made afterwards.
/// (Salimans and Kingma, "Weight Normalization", 2016.) Throws Error where there is no such
/// parameter or it is computed already.
template <class M>
requires std::derived_from<std::remove_cvref_t<M>, Module> M
weight_norm(M&& module, const WeightNormOptions& options = {}) {
  apply_weight_norm(module, options);
  return std::forward<M>(module);
}

/// torch.nn.utils.parametrizations.spectral_norm, likewise; the parameter is
/// parametrizations.weight.original, the buffers parametrizations.weight.0._u and _v. (Miyato et
/// al., "Spectral Normalization for Generative Adversarial Networks", 2018.)
template <class M>
requires std::derived_from<std::remove_cvref_t<M>, Module> M
spectral_norm(M&& module, const SpectralNormOptions& options = {}) {
  apply_spectral_norm(module, options);
  return std::forward<M>(module);
}

}  // namespace cuttle::parametrizations
