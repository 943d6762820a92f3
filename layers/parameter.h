// Parameter: a tensor that a module trains.
#pragma once

#include "../core/tensor.h"

namespace cuttle {

/// torch.nn.Parameter: what register_parameter() returns a reference to; a Tensor in every other
/// respect. Assignment makes the module use another parameter, to share one between two layers
/// (decoder.weight = encoder.weight), and refuses everything else: a tensor that is not trained
/// would take the parameter's place while the optimizer goes on with the old one. So does an
/// optimizer made before the assignment; make it afterwards. Values are changed with copy_() under
/// NoGradGuard.
class [[nodiscard]] Parameter : public Tensor {
 public:
  explicit Parameter(Tensor value) : Tensor(std::move(value)) {}
  Parameter(const Parameter&) = default;
  Parameter(Parameter&&) noexcept = default;
  ~Parameter() = default;

  /// Throws Error unless `other` is a leaf that requires a gradient and, where this parameter is
  /// defined, has its shape.
  Parameter& operator=(const Tensor& other) &;
  Parameter& operator=(const Parameter& other) & {
    return *this = static_cast<const Tensor&>(other);
  }
};

}  // namespace cuttle
