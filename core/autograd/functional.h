// Derivatives of functions: torch.autograd.functional.
#pragma once

#include <utility>
#include <vector>

#include "tensor_function.h"

namespace cuttle {

struct FunctionalOptions {
  bool create_graph = false;  // the results can be differentiated again, by the inputs too
  bool strict = false;        // Error, instead of zeros, where an output depends on no input
};

// Each comes for a function of one tensor that gives one, and for a function of several that gives
// one or several:
//
//   const Tensor j = jacobian([](const Tensor& x) { return x.exp(); }, x);
//   const auto [y, dy] = jvp([](const std::vector<Tensor>& in) { return in[0] * in[1]; },
//                            {a, b}, {va, vb});
//
// The inputs are floating-point tensors, which need not require a gradient. The function is called
// once, with recording on, on tensors that share their memory. `v` may be left out where a single
// element is asked for, and is 1 then. All throw Error naming the function where a number of
// tensors, a shape or a dtype does not fit, and with strict.

/// The output, and vᵀ · J, of the shapes of the inputs: one backward. v: like the outputs.
std::pair<Tensor, Tensor> vjp(const FunctionOfOne& function, const Tensor& input,
                              const Tensor& v = {}, const FunctionalOptions& options = {});
std::pair<std::vector<Tensor>, std::vector<Tensor>> vjp(const TensorsFunction& function,
                                                        const std::vector<Tensor>& inputs,
                                                        const std::vector<Tensor>& v = {},
                                                        const FunctionalOptions& options = {});

/// The output, and J · v, of the shapes of the outputs: two backwards, since vᵀ · J is linear in v
/// and its own gradient with respect to v is J. v: like the inputs.
std::pair<Tensor, Tensor> jvp(const FunctionOfOne& function, const Tensor& input,
                              const Tensor& v = {}, const FunctionalOptions& options = {});
std::pair<std::vector<Tensor>, std::vector<Tensor>> jvp(const TensorsFunction& function,
                                                        const std::vector<Tensor>& inputs,
                                                        const std::vector<Tensor>& v = {},
                                                        const FunctionalOptions& options = {});

/// J, of the output's shape and then the input's: one backward an element of the output. Of several
/// [output][input].
Tensor jacobian(const FunctionOfOne& function, const Tensor& input,
                const FunctionalOptions& options = {});
std::vector<std::vector<Tensor>> jacobian(const TensorsFunction& function,
                                          const std::vector<Tensor>& inputs,
                                          const FunctionalOptions& options = {});

// The function gives one element for the following.

/// H, of the input's shape twice; of several [input][input].
Tensor hessian(const FunctionOfOne& function, const Tensor& input,
               const FunctionalOptions& options = {});
std::vector<std::vector<Tensor>> hessian(const TensorsFunction& function,
                                         const std::vector<Tensor>& inputs,
                                         const FunctionalOptions& options = {});

/// The output, and vᵀ · H, of the shapes of the inputs: two backwards. v: like the inputs.
std::pair<Tensor, Tensor> vhp(const FunctionOfOne& function, const Tensor& input,
                              const Tensor& v = {}, const FunctionalOptions& options = {});
std::pair<Tensor, std::vector<Tensor>> vhp(const TensorsFunction& function,
                                           const std::vector<Tensor>& inputs,
                                           const std::vector<Tensor>& v = {},
                                           const FunctionalOptions& options = {});

/// The output, and H · v: the same numbers as vhp, since H is symmetric, for three backwards.
std::pair<Tensor, Tensor> hvp(const FunctionOfOne& function, const Tensor& input,
                              const Tensor& v = {}, const FunctionalOptions& options = {});
std::pair<Tensor, std::vector<Tensor>> hvp(const TensorsFunction& function,
                                           const std::vector<Tensor>& inputs,
                                           const std::vector<Tensor>& v = {},
                                           const FunctionalOptions& options = {});

}  // namespace cuttle
