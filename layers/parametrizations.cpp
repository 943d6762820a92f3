// Parametrizations: the modules that hold the originals, the two formulas, and the hook that
// computes.
#include "parametrizations.h"

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/ops/arithmetic.h"
#include "../core/ops/matmul.h"
#include "convolution/conv_transpose.h"
#include "init.h"

namespace cuttle {
namespace {

/// A computed tensor as a function of the tensors that are trained in its place.
class Formula : public Module {
 public:
  virtual Tensor compute(const std::vector<Tensor>& originals) = 0;
};

/// torch.nn.ModuleDict, as far as it is needed here: the parametrizations by the names of what they
/// compute.
class ModuleDict : public Module {
 public:
  using Module::register_module;
};

/// The originals of one tensor and its formula, child "0".
class ParametrizationList : public Module {
 public:
  /// One original is called "original", several "original0", "original1", …
  ParametrizationList(const std::vector<Tensor>& originals, std::shared_ptr<Formula> formula) {
    for (size_t i = 0; i < originals.size(); ++i)
      originals_.push_back(&static_cast<Parameter&>(register_parameter(
          originals.size() == 1 ? "original" : "original" + std::to_string(i), originals[i])));
    formula_ = &register_module("0", std::move(formula));
  }
  Tensor compute() const {
    std::vector<Tensor> originals;
    for (const Parameter* original : originals_) originals.push_back(*original);
    return formula_->compute(originals);
  }

 private:
  std::vector<const Parameter*> originals_;
  Formula* formula_;
};

bool is_transposed(const Module& module) {
  return dynamic_cast<const ConvTranspose1d*>(&module) != nullptr ||
         dynamic_cast<const ConvTranspose2d*>(&module) != nullptr ||
         dynamic_cast<const ConvTranspose3d*>(&module) != nullptr;
}

/// The norms of v's slices along dim, that dimension and ones; or of all of v.
Tensor norm_except_dim(const Tensor& v, std::optional<int64_t> dim) {
  if (!dim) return v.norm();
  std::vector<int64_t> others;
  for (int64_t d = 0; d < v.dim(); ++d)
    if (d != wrap_dim("weight_norm", *dim, v.dim())) others.push_back(d);
  return others.empty() ? v.abs() : v.norm(2, others, /*keepdim=*/true);
}

class WeightNorm final : public Formula {
 public:
  explicit WeightNorm(std::optional<int64_t> dim) : dim_(dim) {}
  std::string type_name() const override { return "_WeightNorm"; }
  Tensor compute(const std::vector<Tensor>& originals) override {
    const Tensor &g = originals[0], &v = originals[1];
    return v * (g / norm_except_dim(v, dim_));
  }

 private:
  std::optional<int64_t> dim_;
};

class SpectralNorm final : public Formula {
 public:
  SpectralNorm(const Tensor& weight, const parametrizations::SpectralNormOptions& options)
      : options_(options), is_vector_(weight.dim() == 1) {
    if (is_vector_) return;
    const NoGradGuard no_grad;
    const Tensor matrix = matrix_of(weight.detach());
    const auto drawn = [&](int64_t size) {
      const Tensor x = empty({size});
      init::normal_(x);
      return x.to(weight.device(), weight.dtype());
    };
    const Tensor u = drawn(matrix.size(0)), v = drawn(matrix.size(1));
    u_ = &register_buffer("_u", normalized(u));
    v_ = &register_buffer("_v", normalized(v));
    iterate(matrix, 15);
  }
  std::string type_name() const override { return "_SpectralNorm"; }

  Tensor compute(const std::vector<Tensor>& originals) override {
    const Tensor& weight = originals[0];
    if (is_vector_) return normalized(weight);
    const Tensor matrix = matrix_of(weight);
    if (is_training()) {
      const NoGradGuard no_grad;
      iterate(matrix.detach(), options_.n_power_iterations);
    }
    // Copies: the next call writes to the buffers, perhaps before this one's backward.
    const Tensor u = u_->clone(), v = v_->clone();
    return weight / (u * mv(matrix, v)).sum();
  }

 private:
  Tensor normalized(const Tensor& x) const { return x / x.norm().clamp_min(options_.eps); }
  Tensor matrix_of(const Tensor& weight) const {
    return weight.movedim(*options_.dim, 0).flatten(1);
  }
  void iterate(const Tensor& matrix, int64_t times) {
    for (int64_t i = 0; i < times; ++i) {
      u_->copy_(normalized(mv(matrix, *v_)));
      v_->copy_(normalized(mv(matrix.t(), *u_)));
    }
  }

  parametrizations::SpectralNormOptions options_;
  bool is_vector_;
  Tensor *u_ = nullptr, *v_ = nullptr;
};

}  // namespace

/// Makes a module's parameter a computed tensor.
class Parametrizer {
 public:
  Parametrizer(const char* function, Module& module, const std::string& name)
      : module_(module), name_(name), slot_(find(module, name)) {
    if (slot_ == nullptr || !slot_->tensor.defined())
      fail(function, ": ", module.type_name(), " has no parameter \"", name, "\"");
    if (slot_->is_computed)
      fail(function, ": \"", name, "\" of ", module.type_name(),
           " is computed from other parameters already");
  }

  Tensor parameter() const { return slot_->tensor; }

  void replace(const std::vector<Tensor>& originals, std::shared_ptr<Formula> formula) {
    auto list = std::make_shared<ParametrizationList>(originals, std::move(formula));
    list->train(module_.is_training());
    dict().register_module(name_, list);
    slot_->is_computed = true;
    const auto compute = [list, name = name_](Module& module) {
      static_cast<Tensor&>(find(module, name)->tensor) = list->compute();
    };
    compute(module_);
    module_.register_forward_pre_hook(
        [compute](Module& module, const std::vector<Tensor>&) { compute(module); });
  }

 private:
  static Module::Slot<Parameter>* find(Module& module, const std::string& name) {
    for (auto& slot : module.parameters_)
      if (slot.name == name) return &slot;
    return nullptr;
  }
  ModuleDict& dict() {
    for (const auto& [name, child] : module_.named_children())
      if (auto* const found = dynamic_cast<ModuleDict*>(child.get());
          found != nullptr && name == "parametrizations")
        return *found;
    return module_.register_module("parametrizations", std::make_shared<ModuleDict>());
  }

  Module& module_;
  std::string name_;
  Module::Slot<Parameter>* slot_;
};

namespace parametrizations {

void apply_weight_norm(Module& module, const WeightNormOptions& options) {
  Parametrizer parametrizer("weight_norm", module, options.name);
  const Tensor weight = parametrizer.parameter();
  const Tensor norms = norm_except_dim(weight.detach(), options.dim);
  parametrizer.replace({norms, weight}, std::make_shared<WeightNorm>(options.dim));
}

void apply_spectral_norm(Module& module, const SpectralNormOptions& given) {
  SpectralNormOptions options = given;
  if (!options.dim) options.dim = is_transposed(module) ? 1 : 0;
  if (options.n_power_iterations < 1)
    fail("spectral_norm: n_power_iterations must be at least 1, got ", options.n_power_iterations);
  Parametrizer parametrizer("spectral_norm", module, options.name);
  const Tensor weight = parametrizer.parameter();
  parametrizer.replace({weight}, std::make_shared<SpectralNorm>(weight, options));
}

}  // namespace parametrizations
}  // namespace cuttle
