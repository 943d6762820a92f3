// Checks a backward, and the backward of a backward, against finite differences.
#pragma once

#include <string>
#include <vector>

#include "autograd/tensor_function.h"

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

/// torch.autograd.gradcheck: compares the gradients that backward() gives for `function` at
/// `inputs` with central finite differences, in double precision: every element of every input that
/// requires a gradient, for a random weighting of the elements of each output. An element passes if
/// |a − n| ≤ atol + rtol · |n|. Outputs that require no gradient are not looked at where another
/// one does; where none does, all floating-point ones must be constant. `function` must be
/// deterministic and differentiable around `inputs` (no ties in a max, no kink of a relu within the
/// step). Throws Error if an input is not float64, or none requires a gradient.
GradcheckResult gradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});

/// torch.autograd.gradgradcheck: the same for the backward itself, which grad(create_graph) records
/// as a function of the inputs and of the outputs' gradients. These are random numbers, or
/// `grad_outputs`, one for each output that requires a gradient. The finite differences are those
/// of the backward that is not recorded, so that a fused kernel and its recorded form have to
/// agree. Throws Error as gradcheck, where no output requires a gradient, and where an operation
/// can be differentiated once only.
GradcheckResult gradgradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options = {});
GradcheckResult gradgradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& grad_outputs,
                              const GradcheckOptions& options = {});

}  // namespace cuttle
