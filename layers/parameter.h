// Parameter: a tensor that a module trains.
#pragma once

#include <concepts>

#include "../core/tensor.h"

namespace cuttle {

/// torch.nn.Parameter: a module's own name for one of its parameters, and a Tensor in every other
/// respect. Assignment makes the module use another parameter, to share one between two layers
/// (decoder.weight = encoder.weight), and refuses everything else: a tensor that is not trained
/// would take the parameter's place while the optimizer goes on with the old one. So does an
/// optimizer made before the assignment; make it afterwards. Values are changed with copy_() under
/// NoGradGuard. A copy (auto w = layer.weight) is another name and may come to mean anything.
class [[nodiscard]] Parameter : public Tensor {
 public:
  explicit Parameter(Tensor value) : Tensor(std::move(value)), is_own_(true) {}
  Parameter(const Parameter& other) : Tensor(other) {}
  Parameter(Parameter&&) noexcept = default;
  ~Parameter() = default;

  /// Throws Error, where this is a module's own name, unless `other` is a parameter or a leaf that
  /// requires a gradient, of the same shape where this one is defined.
  Parameter& operator=(const Tensor& other) &;
  Parameter& operator=(const Parameter& other) &;

 private:
  void check_shape(const Tensor& other) const;

  bool is_own_ = false;
};

/// What register_parameter() gives: a Parameter& for the module to keep, or a Tensor, which is
/// another name. It does not become a Tensor&, through which an assignment would go unchecked.
class RegisteredParameter {
 public:
  explicit RegisteredParameter(Parameter& parameter) : parameter_(parameter) {}

  template <std::same_as<Parameter> P>
  operator P&() const {  // NOLINT: a template, for else it would convert to Tensor& too
    return parameter_;
  }
  operator Tensor() const { return parameter_; }  // NOLINT

 private:
  Parameter& parameter_;
};

}  // namespace cuttle
