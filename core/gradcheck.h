// Checks a backward against finite differences.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tensor.h"

namespace cuttle {

struct GradcheckOptions {
  double step = 1e-6;  // h of (f(x + h) − f(x − h)) / 2h
  double atol = 1e-5;
  double rtol = 1e-3;
};

/// What was compared, and the element that fits worst.
struct GradcheckResult {
  bool passed = false;
  /// On failure a sentence with the worst element's place, the numerical and the analytical value
  /// and the step; empty on success.
  std::string message;

  explicit operator bool() const noexcept { return passed; }
};

/// A function of tensors: an operation, a layer, a loss.
using TensorFunction = std::function<Tensor(const std::vector<Tensor>&)>;

/// Compares the gradients that backward() gives for `function` at `inputs` with central finite
/// differences, in double precision: every element of every input that requires a gradient, for a
/// random weighting of the outputs. An element passes if |a − n| ≤ atol + rtol · |n|.
/// `function` must be deterministic and differentiable around `inputs` (no ties in a max, no kink
/// of a relu within the step). Throws Error if an input is not float64, or none requires a
/// gradient.
GradcheckResult gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});

}  // namespace cuttle
